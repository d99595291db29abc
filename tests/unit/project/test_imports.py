"""What production code imports from others."""

from __future__ import annotations

from packer.project.imports import read_production_code
from packer.project.tree import MemoryTree


def read(files, **where):
    return read_production_code(MemoryTree(files), **where)


def modules(code) -> dict[str, str]:
    return {one.module: one.when for one in code.imports}


def test_imports_are_followed_from_the_application_only():
    code = read(
        {
            "shop/__init__.py": "from flask import Flask\nfrom . import views\nfrom shop.models import db\n",
            "shop/views.py": "import yaml\n",
            "shop/models.py": "import flask_sqlalchemy\n",
            "seed.py": "import faker\n",
            "tests/test_shop.py": "import pytest, flask\n",
        },
        app_path="shop/__init__.py",
    )

    assert code.modules == ("shop/__init__.py", "shop/models.py", "shop/views.py")
    assert set(modules(code)) == {"flask.Flask", "yaml", "flask_sqlalchemy"}


def test_a_package_imports_its_parts_by_its_own_name():
    code = read(
        {
            "blog/__init__.py": "from flask import Flask\nfrom blog import routes\n",
            "blog/routes.py": "import PIL\n",
        },
        app_path="blog/__init__.py",
    )

    assert code.modules == ("blog/__init__.py", "blog/routes.py")
    assert "PIL" in modules(code)


def test_a_try_that_raises_another_error_in_the_place_of_a_missing_import_does_not_do_without_it():
    code = read(
        {"app.py": "import flask\ntry:\n    import django\nexcept ImportError as e:\n    raise Missing from e\n"},
        app_path="app.py",
    )

    assert modules(code)["django"] == "always"


def test_without_a_known_application_every_module_of_a_framework_is_a_beginning():
    code = read(
        {
            "web.py": "import flask\nimport a",
            "a.py": "import redis",
            "b.py": "import numpy",
            "tests/t.py": "import flask, x",
        }
    )

    assert set(modules(code)) == {"flask", "redis"}


def test_it_is_known_how_surely_an_import_runs():
    code = read(
        {
            "app.py": "import flask\n"
            "from typing import TYPE_CHECKING\n"
            "try:\n    import ujson\nexcept ImportError:\n    import simplejson\n"
            "if TYPE_CHECKING:\n    import types_only\n"
            "def create_app():\n    import flask_cors\n"
            "def export():\n    import pandas\n"
            "if __name__ == '__main__':\n    import waitress\n"
        },
        app_path="app.py",
    )

    assert modules(code) == {
        "flask": "always",
        "ujson": "maybe",
        "simplejson": "maybe",
        "types_only": "maybe",
        "flask_cors": "factory",
        "pandas": "later",
        "waitress": "maybe",
    }


def test_a_module_named_like_what_it_imports_means_the_other_one():
    code = read(
        {
            "app.py": "import flask\nimport redis_cache",
            "redis_cache.py": "",
            "redis.py": "import redis",
            "shop/__init__.py": "from flask import g\nfrom . import tasks",
            "shop/tasks.py": "import celery",
            "shop/celery.py": "import celery",
        }
    )

    assert "celery" in modules(code)


def test_a_flat_folder_is_on_the_path():
    code = read({"web/app.py": "import flask\nimport config", "web/config.py": "import dotenv"}, subfolder="web")

    assert set(modules(code)) == {"flask", "dotenv"}


def test_members_of_namespace_packages_keep_their_names():
    code = read({"app.py": "from google.cloud import storage\nimport flask"}, app_path="app.py")

    assert "google.cloud.storage" in modules(code)


DASH = "from dash import Dash\napp = Dash(__name__, use_pages=True)\n"
PAGE = "import dash\nimport plotly\ndash.register_page(__name__)\n"


def test_pages_that_dash_finds_by_itself_are_production_code():
    files = {"app.py": DASH, "pages/home.py": PAGE, "pages/_draft.py": "import scipy", "pages/table.py": "import x"}
    code = read(files, app_path="app.py")

    assert set(modules(code)) == {"dash", "dash.Dash", "plotly"}


def test_a_folder_of_pages_may_have_another_name():
    code = read({"app.py": DASH.replace("use_pages=True", 'pages_folder="views"'), "views/home.py": PAGE})

    assert "plotly" in modules(code)


def test_a_folder_named_pages_is_nothing_to_an_app_without_pages():
    code = read({"app.py": DASH.replace(", use_pages=True", ""), "pages/home.py": PAGE}, app_path="app.py")

    assert "plotly" not in modules(code)
