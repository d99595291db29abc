"""A source tree becomes a project: every reader in its order, nothing read twice, nothing read in vain."""

from __future__ import annotations

import ast
from collections import Counter

import pytest

from packer.project.inspect import inspect
from packer.project.tree import MemoryTree

FLASK = "from flask import Flask\napp = Flask(__name__)\n"


class CountingTree(MemoryTree):
    """Counts how often each file is really parsed."""

    def __init__(self, files: dict[str, str]) -> None:
        super().__init__(files)
        self.parsed: Counter[str] = Counter()
        self._seen: dict[str, ast.Module | None] = {}

    def module(self, path: str) -> ast.Module | None:
        if path not in self._seen:
            self.parsed[path] += 1
            self._seen[path] = super().module(path)
        return self._seen[path]


def test_a_project_without_an_app_is_a_project_with_a_refusal():
    project = inspect(MemoryTree({"pyproject.toml": "[project]\nname = 'tool'\n", "tool.py": "def main(): ...\n"}))

    assert project.name == "tool"
    assert project.app.best is None
    assert project.app.refusal
    assert (project.static, project.environment, project.writable) == ((), (), ())


def test_an_empty_folder_is_a_project_too():
    assert inspect(MemoryTree({}, name="nothing")).app.best is None


def test_the_setting_wins_over_what_is_found():
    tree = MemoryTree({"requirements.txt": "flask\n", "app.py": FLASK, "other.py": FLASK + "open('other.txt', 'w')\n"})

    project = inspect(tree, app="other:app")

    assert project.app.best is not None
    assert project.app.best.target == "other:app"
    assert [place.path for place in project.writable] == ["other.txt"]


def test_an_app_in_a_folder_has_the_dependencies_of_that_folder():
    tree = MemoryTree(
        {
            "package.json": "{}",
            "backend/requirements.txt": "flask\npymysql\n",
            "backend/app.py": FLASK + "import sqlite3\nsqlite3.connect('x.db')\n",
            "backend/static/a.css": "",
            "backend/Procfile": "web: gunicorn -t 77 app:app\n",
        }
    )

    project = inspect(tree)

    assert project.dependencies.manifest == "backend/requirements.txt"
    assert [service.kind for service in project.services] == ["mysql", "sqlite"]
    assert [folder.path for folder in project.static] == ["backend/static"]
    assert [place.path for place in project.writable] == ["backend/x.db"]
    assert project.app.server.arguments == ("--timeout", "77")


def test_only_what_production_loads_is_parsed_and_nothing_twice():
    files = {
        "requirements.txt": "flask\n",
        "wsgi.py": "from shop import create_app\napp = create_app()\n",
        "shop/__init__.py": "import flask\nfrom shop import views\ndef create_app():\n    return flask.Flask('shop')\n",
        "shop/views.py": "import os\nname = os.environ.get('NAME')\n",
    }
    files |= {f"analysis/batch{number // 50}/step{number}.py": f"VALUE = {number}\n" for number in range(2000)}
    files |= {f"tests/test_part{number}.py": "from shop import create_app\n" for number in range(500)}
    files |= {f"web/src/page{number}.ts": "export {}\n" for number in range(500)}
    tree = CountingTree(files)

    project = inspect(tree)

    assert project.app.best is not None
    assert [variable.name for variable in project.environment] == ["NAME"]
    assert max(tree.parsed.values()) == 1
    assert len(tree.parsed) <= 10, sorted(tree.parsed)


@pytest.mark.parametrize(
    "text",
    [
        "x = " + "[" * 5000,
        "import os\nx = os.environ[",
        "\0",
        "class A(A): ...\nclass B(C): ...\nclass C(B): ...\nfrom hostile import *\nx: B = B()\n",
        "def f():\n    return f()\ny = f()\nopen(y, 'w')\n",
        "x = y\ny = x\nopen(x + y, 'w')\n",
        "app.register_blueprint(app)\n",
        "import os\nx = os.environ['" + "A_" * 20000 + "']\n",
    ],
)
def test_hostile_source_is_survived(text):
    tree = MemoryTree({"requirements.txt": "flask\n", "wsgi.py": FLASK + "import hostile\n", "hostile.py": text})

    project = inspect(tree)

    assert project.app.best is not None
    assert project.app.best.target == "wsgi:app"
