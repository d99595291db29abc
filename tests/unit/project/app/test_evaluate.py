"""Names are followed to the application they stand for, however they came by it."""

import pytest

from packer.project.app.evaluate import Evaluator
from packer.project.app.modules import ModuleIndex
from packer.project.app.values import App
from packer.project.tree import MemoryTree


def _app(files, name="app", path="app.py"):
    value = Evaluator(ModuleIndex(MemoryTree(files))).named(path, name)
    return value if isinstance(value, App) else None


@pytest.mark.parametrize(
    "code",
    [
        "from flask import Flask as F\napp = F('x')\n",
        "import flask as f\napp: f.Flask = f.Flask('x')\n",
        "from flask import *\napp = Flask('x')\n",
        "from flask.app import Flask\napp = other = Flask('x')\n",
        "from flask import Flask\napp, db = Flask('x'), 1\n",
        "from flask import Flask\ndef make():\n    return Flask('x'), 1\napp, db = make()\n",
        "from flask import Flask\ndef make():\n    return Flask('x'), 1\napp = make()[0]\n",
        "from flask import Flask\nif (app := Flask('x')): pass\n(app := Flask('x'))\n",
        "from flask import Flask\ntry:\n    app = Flask('x')\nexcept Exception:\n    raise\n",
        "from flask import Flask\nwith lock:\n    app = Flask('x')\n",
        "from flask import Flask\napp = Flask('x') if debug else Flask('y')\n",
        "from flask import Flask\nclass A(Flask): pass\nclass B(A): pass\napp = B()\n",
        "from flask import Flask\nclass A:\n    app = Flask('x')\napp = A.app\n",
        "import flask\nclass A:\n    @property\n    def app(self): return flask.Flask('x')\napp = A().app\n",
        "import flask\nclass A:\n    @staticmethod\n    def make(): return flask.Flask('x')\napp = A.make()\n",
        "from flask import Flask\ndef set_up(app): return app\napp = set_up(Flask('x'))\n",
        "from flask import Flask\ndef make():\n    app = None\n    app = Flask('x')\n    return app\napp = make()\n",
        "from flask import Flask\nreal = Flask('x')\ndef make():\n    global real\n    return real\napp = make()\n",
        "import flask\nimport other\ndef create_app() -> 'flask.Flask':\n    return other.x\napp = create_app()\n",
        "from apiflask import APIFlask\napp = APIFlask('x')\n",
        "from werkzeug.contrib.fixers import ProxyFix\nimport flask\napp = flask.Flask('x')\napp = ProxyFix(app)\n",
    ],
)
def test_a_flask_app_is_seen_through(code):
    assert _app({"app.py": code}).framework == "flask"


@pytest.mark.parametrize(
    "code",
    [
        "from flask import Blueprint\napp = Blueprint('x', __name__)\n",
        "from tkinter import Flask2\napp = Flask2()\n",
        "app = Flask('x')\n",
        "from celery import Celery\napp = Celery('x')\n",
        "from typer import Typer\napp = Typer()\n",
        "from flask import Flask\nif __name__ == '__main__':\n    app = Flask('x')\n",
        "import pytest\nfrom flask import Flask\ndef make():\n    yield Flask('x')\napp = make()\n",
    ],
)
def test_other_things_are_no_app(code):
    assert _app({"app.py": code}) is None


def test_re_exports_lead_to_one_origin():
    files = {
        "app.py": "from pkg import app\n",
        "pkg/__init__.py": "from .core import *\n",
        "pkg/core.py": "from .deep.make import app\n",
        "pkg/deep/make.py": "import flask\n\napp = flask.Flask('x')\n",
    }
    app = _app(files)

    assert (app.path, app.line) == ("pkg/deep/make.py", 3)


def test_asgi_wrappers_change_the_interface():
    code = "from flask import Flask\nfrom asgiref.wsgi import WsgiToAsgi\napp = WsgiToAsgi(Flask('x'))\n"

    assert _app({"app.py": code}).interface == "asgi"


def test_dash_around_a_flask_app_is_that_app():
    code = "from flask import Flask\nfrom dash import Dash\nserver = Flask('x')\napp = Dash(server=server)\n"

    assert _app({"app.py": code}).line == 3
    assert _app({"app.py": code}).suffix == ".server"
