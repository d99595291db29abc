"""Code of another year is recognised by what newer releases have removed."""

from __future__ import annotations

import pytest

from packer.project.dated import read_dated
from packer.project.imports import read_production_code
from packer.project.tree import MemoryTree


def dated(source: str, **others: str):
    tree = MemoryTree({"app.py": source, **{f"{name}.py": text for name, text in others.items()}})
    return read_dated(tree, read_production_code(tree, app_path="app.py"))


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        (
            "import connexion\napp = connexion.FlaskApp(__name__, port=80)",
            ("connexion", "<3", "connexion.App(port=…)"),
        ),
        (
            "from connexion import App\napp = App(__name__)\napp.add_api('a.yaml')\napp.run(port=80)",
            ("connexion", "<3", "connexion.App.run() on import"),
        ),
        ("from flask import Flask, Markup", ("flask", "<3", "flask.Markup")),
        ("from flask.json import JSONEncoder", ("flask", "<2.3", "flask.json.JSONEncoder")),
        ("from flask.ext.sqlalchemy import SQLAlchemy", ("flask", "<1", "flask.ext")),
        ("from werkzeug import secure_filename", ("werkzeug", "<1", "werkzeug.secure_filename")),
        ("from werkzeug.contrib.fixers import ProxyFix", ("werkzeug", "<1", "werkzeug.contrib")),
        ("from werkzeug.urls import url_parse", ("werkzeug", "<3", "werkzeug.urls.url_parse")),
        ("from jinja2 import contextfilter", ("jinja2", "<3.1", "jinja2.contextfilter")),
        ("from wtforms.fields.html5 import EmailField", ("wtforms", "<3", "wtforms.fields.html5")),
        ("import flask\n@app.before_first_request\ndef f(): ...", ("flask", "<2.3", "Flask.before_first_request")),
        (
            "import sqlalchemy\nsqlalchemy.create_engine(u, convert_unicode=True)",
            ("sqlalchemy", "<2", "create_engine(convert_unicode=…)"),
        ),
        ("import sqlalchemy\ndb.engine.execute('x')", ("sqlalchemy", "<2", "Engine.execute()")),
        (
            "import flask_sqlalchemy\ndb.session.execute('select 1')",
            ("sqlalchemy", "<2", "execute() of a plain string"),
        ),
        (
            "import flask_sqlalchemy\ndb.session.execute(f'select {x}')",
            ("sqlalchemy", "<2", "execute() of a plain string"),
        ),
        (
            "import flask_sqlalchemy\ndb.create_all()",
            ("flask-sqlalchemy", "<3", "create_all() outside an application context"),
        ),
        (
            "import flask_sqlalchemy\ndef f(app):\n    db.create_all(app=app)",
            ("flask-sqlalchemy", "<3", "create_all(app=…)"),
        ),
        (
            "import flask_caching\nc = {'CACHE_TYPE': 'simple'}",
            ("flask-caching", "<2.4", "a short name for CACHE_TYPE"),
        ),
        ("import flask_caching\nCACHE_TYPE = 'null'", ("flask-caching", "<2.4", "a short name for CACHE_TYPE")),
        ("import yaml\nyaml.load(open('x'))", ("pyyaml", "<5.4", "yaml.load() without a loader")),
        (
            "from flask_limiter import Limiter\nLimiter(app, key_func=f)",
            ("flask-limiter", "<3", "Limiter(app, key_func=…)"),
        ),
        (
            "import flask_sqlalchemy\nPost.query.paginate(page, 5, False)",
            ("flask-sqlalchemy", "<3", "paginate() with arguments that are not named"),
        ),
        (
            "import flask_marshmallow\nclass S(ma.ModelSchema): ...",
            ("flask-marshmallow", "<0.12", "Marshmallow.ModelSchema"),
        ),
        ("from langchain.chains import LLMChain", ("langchain", "<1", "langchain.chains")),
        ("import tweepy\nclass L(tweepy.StreamListener): ...", ("tweepy", "<4", "tweepy.StreamListener")),
        ("from inspect import getargspec", ("former-names", "<3.10", "inspect.getargspec")),
        ("import collections\nisinstance(x, collections.Mapping)", ("former-names", "<3.10", "collections.Mapping")),
        ("import imp", ("python", "<3.12", "imp")),
        ("from distutils.util import strtobool", ("python", "<3.12", "distutils")),
        ("import telnetlib", ("python", "<3.13", "telnetlib")),
    ],
)
def test_a_removed_name_is_found_with_its_limit(source, expected):
    use = dated(source)[0]

    assert (use.name, use.limit, use.what) == expected
    assert use.evidence[0].path == "app.py"


def test_flask_ext_needs_a_python_as_well():
    uses = dated("from flask.ext.sqlalchemy import SQLAlchemy")

    assert [(use.name, use.limit) for use in uses] == [("flask", "<1"), ("python", "<3.12")]


@pytest.mark.parametrize(
    "source",
    [
        "import flask_caching\nc = {'CACHE_TYPE': 'SimpleCache', x: y, **z}",
        "import yaml\nyaml.load(f, Loader=yaml.SafeLoader)\nyaml.load(f, yaml.Loader)\nother.load(f)",
        "from flask import Flask\nfrom markupsafe import Markup",
        "try:\n    from flask import Markup\nexcept ImportError:\n    from markupsafe import Markup",
        "from werkzeug.utils import secure_filename",
        "import flask_sqlalchemy\nwith app.app_context():\n    db.create_all()",
        "import flask_sqlalchemy\ndef init():\n    db.create_all()",
        "import flask_sqlalchemy, sqlalchemy\ndb.session.execute(text('select 1'))",
        "import sqlite3\nconn.execute('select 1')",
        "import collections\ncursor.execute('x')",
        "thing.before_first_request()",
        "from .werkzeug import secure_filename",
    ],
)
def test_code_of_today_is_left_alone(source):
    assert dated(source) == ()


def test_only_modules_that_the_application_loads_count():
    assert dated("import flask", script="from flask import Markup") == ()
