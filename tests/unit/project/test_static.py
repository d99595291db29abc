"""Static folders and the URL paths that Flask serves them under."""

from __future__ import annotations

import pytest

from packer.project.inspect import inspect
from packer.project.tree import MemoryTree


def static(app: str, *files: str, **modules: str) -> list[tuple[str, str]]:
    """What an application in the package `shop` serves, in a tree that holds `files`."""
    tree = MemoryTree(
        {
            "requirements.txt": "flask\n",
            "shop/__init__.py": f"import os\nfrom flask import Flask, Blueprint\n{app}",
            **dict.fromkeys(files, ""),
            **modules,
        }
    )
    return [(folder.url, folder.path) for folder in inspect(tree).static]


@pytest.mark.parametrize(
    ("constructor", "url", "path"),
    [
        ("Flask(__name__)", "/static", "shop/static"),
        ("Flask('shop')", "/static", "shop/static"),
        ("Flask(__name__, static_folder='assets')", "/assets", "shop/assets"),
        ("Flask(__name__, static_folder='../public/files')", "/files", "public/files"),
        ("Flask(__name__, static_url_path='')", "", "shop/static"),
        ("Flask(__name__, static_url_path='/s/')", "/s", "shop/static"),
        ("Flask(__name__, None, 'assets')", "/assets", "shop/assets"),
        ("Flask(__name__, '/cdn', 'assets')", "/cdn", "shop/assets"),
        ("Flask(__name__, static_folder=os.path.join(os.path.dirname(__file__), 'assets'))", "/assets", "shop/assets"),
        ("Flask(__name__, root_path=os.getcwd())", "/static", "static"),
    ],
)
def test_the_app_s_folder_follows_flask_s_rules(constructor, url, path):
    everything = ("shop/static/a.css", "shop/assets/a.css", "public/files/a.css", "static/a.css")

    assert static(f"app = {constructor}\n", *everything) == [(url, path)]


def test_a_folder_that_does_not_exist_is_not_served():
    assert static("app = Flask(__name__)\n", "shop/statics/a.css") == []


@pytest.mark.parametrize(
    "constructor", ["Flask(__name__, static_folder=None)", "Flask(__name__, static_folder=unknown())"]
)
def test_no_folder_is_claimed_where_there_is_none_or_nobody_can_tell(constructor):
    assert static(f"app = {constructor}\n", "shop/static/a.css") == []


@pytest.mark.parametrize(
    ("blueprint", "registration", "url"),
    [
        ("static_folder='static', url_prefix='/blog'", "", "/blog/static"),
        ("static_folder='static'", ", url_prefix='/news'", "/news/static"),
        ("static_folder='static', url_prefix='/blog'", ", url_prefix='/news'", "/news/static"),
        ("static_folder='static', static_url_path='/files', url_prefix='/blog'", "", "/blog/files"),
        ("static_folder='static', static_url_path='blog-files'", "", "/blog-files"),
    ],
)
def test_a_blueprint_s_folder_stands_under_its_prefix(blueprint, registration, url):
    app = (
        "from shop.blog import blog\ndef create_app():\n    app = Flask(__name__)\n"
        f"    app.register_blueprint(blog{registration})\n    return app\n"
    )
    module = f"from flask import Blueprint\nblog = Blueprint('blog', __name__, {blueprint})\n"

    found = static(app, "shop/blog/static/a.css", **{"shop/blog/__init__.py": module})

    assert found == [(url, "shop/blog/static")]


def test_a_blueprint_that_is_never_registered_is_not_served():
    app = "app = Flask(__name__)\nblog = Blueprint('blog', __name__, static_folder='blog')\n"

    assert static(app, "shop/blog/a.css") == []


def test_a_blueprint_without_a_prefix_does_not_hide_the_app_s_own_folder():
    app = "app = Flask(__name__)\nfrom shop.blog import blog\napp.register_blueprint(blog)\n"
    module = "from flask import Blueprint\nblog = Blueprint('blog', __name__, static_folder='static')\n"

    found = static(app, "shop/static/a.css", "shop/blog/static/b.css", **{"shop/blog/__init__.py": module})

    assert found == [("/static", "shop/static")]


def test_registration_in_a_loop_or_through_a_function_is_followed():
    app = (
        "from shop.blog import blog\n"
        "def register(app):\n    for part in [blog]:\n        app.register_blueprint(part)\n"
        "def create_app():\n    app = Flask(__name__)\n    register(app)\n    return app\n"
    )
    module = "from flask import Blueprint\nblog = Blueprint('blog', __name__, static_folder='files', url_prefix='/b')\n"

    assert static(app, "shop/blog/files/a", **{"shop/blog/__init__.py": module}) == [("/b/files", "shop/blog/files")]


def test_blueprints_that_are_found_while_running_count_as_registered():
    app = (
        "import importlib\ndef create_app():\n    app = Flask(__name__)\n    for name in os.listdir('.'):\n"
        "        app.register_blueprint(importlib.import_module('shop.' + name).bp)\n    return app\n"
    )
    module = "from flask import Blueprint\nbp = Blueprint('blog', __name__, static_folder='files', url_prefix='/b')\n"

    assert static(app, "shop/blog/files/a", **{"shop/blog/__init__.py": module}) == [("/b/files", "shop/blog/files")]


def test_nested_blueprints_that_hold_each_other_end():
    app = (
        "app = Flask(__name__)\na = Blueprint('a', __name__, static_folder='x', url_prefix='/a')\n"
        "b = Blueprint('b', __name__, url_prefix='/b')\n"
        "a.register_blueprint(b)\nb.register_blueprint(a)\napp.register_blueprint(a)\n"
    )

    assert ("/a/x", "shop/x") in static(app, "shop/x/a.css")


def test_dash_serves_its_assets():
    tree = MemoryTree(
        {
            "requirements.txt": "dash\n",
            "app.py": "from dash import Dash\napp = Dash(__name__)\nserver = app.server\n",
            "assets/style.css": "",
        }
    )

    assert [(folder.url, folder.path) for folder in inspect(tree).static] == [("/assets", "assets")]


def test_dash_on_a_flask_app_serves_both_folders():
    tree = MemoryTree(
        {
            "requirements.txt": "dash\n",
            "app.py": (
                "from dash import Dash\nfrom flask import Flask\nserver = Flask(__name__)\n"
                "dashboard = Dash(__name__, server=server, assets_folder='look')\n"
            ),
            "look/style.css": "",
            "static/logo.svg": "",
        }
    )

    assert sorted((folder.url, folder.path) for folder in inspect(tree).static) == [
        ("/assets", "look"),
        ("/static", "static"),
    ]


def test_what_starlette_mounts_is_found():
    tree = MemoryTree(
        {
            "requirements.txt": "fastapi\n",
            "main.py": (
                "from fastapi import FastAPI\nfrom fastapi.staticfiles import StaticFiles\napp = FastAPI()\n"
                "app.mount('/static', StaticFiles(directory='public'), name='static')\n"
            ),
            "public/a.css": "",
        }
    )

    assert [(folder.url, folder.path) for folder in inspect(tree).static] == [("/static", "public")]
