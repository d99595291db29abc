"""Imports are played through, and what would stop them is seen before it happens."""

from packer.project.app.boot import BootPlayer
from packer.project.app.evaluate import Evaluator
from packer.project.app.modules import ModuleIndex
from packer.project.tree import MemoryTree


def _boot(files, path):
    index = ModuleIndex(MemoryTree(files))
    return BootPlayer(index, Evaluator(index)).play(path, (".",))


def _kinds(files, path):
    return [obstacle.kind for obstacle in _boot(files, path).obstacles]


def test_a_circle_that_asks_too_early_is_seen():
    assert _kinds({"run.py": "from a import b\nx = 1\n", "a.py": "from run import x\nb = 1\n"}, "run.py") == [
        "circular"
    ]


def test_a_circle_that_asks_late_enough_is_harmless():
    assert _kinds({"app.py": "x = 1\nimport views\n", "views.py": "from app import x\n"}, "app.py") == []


def test_a_circle_between_whole_modules_is_harmless():
    assert _kinds({"a.py": "import b\nx = 1\n", "b.py": "import a\n"}, "a.py") == []


def test_imports_for_type_checkers_do_not_happen():
    files = {
        "a.py": "from b import y\nx = 1\n",
        "b.py": "import typing\nif typing.TYPE_CHECKING:\n    from a import x\ny = 1\n",
    }

    assert _kinds(files, "a.py") == []


def test_a_name_that_is_nowhere_is_seen():
    assert _kinds({"a.py": "from b import missing\n", "b.py": "x = 1\n"}, "a.py") == ["missing"]


def test_a_module_that_is_not_in_the_project_is_seen():
    files = {"a.py": "from config import KEY\n", "config.example.py": "KEY = 1\n"}
    (obstacle,) = _boot(files, "a.py").obstacles

    assert obstacle.kind == "absent"
    assert "config, which is not here (config.example.py may be meant to become it)" in obstacle.text
    assert _kinds({"p/__init__.py": "", "p/a.py": "from .version import V\n"}, "p/a.py") == ["absent"]
    assert _kinds({"p/__init__.py": "", "p/a.py": "from p.keys import K\n"}, "p/a.py") == ["absent"]


def test_modules_that_may_be_installed_or_compiled_are_not_missed():
    assert _kinds({"a.py": "import requests\nfrom yaml import load\n"}, "a.py") == []
    assert _kinds({"p/__init__.py": "", "p/a.py": "from .fast import f\n", "p/fast.pyx": ""}, "p/a.py") == []
    assert _kinds({"a.py": "import os\nif os.environ.get('X'):\n    import config\n"}, "a.py") == []


def test_a_tolerated_import_stops_nothing():
    files = {"a.py": "try:\n    from b import missing\nexcept ImportError:\n    pass\n", "b.py": "x = 1\n"}

    assert _kinds(files, "a.py") == []


def test_names_bound_in_unusual_ways_are_not_missed():
    files = {"a.py": "from b import x, y\n", "b.py": "for x in (1,):\n    pass\nglobals()['y'] = 2\n"}

    assert _kinds(files, "a.py") == []


def test_servers_loops_input_and_arguments_at_import_are_seen():
    assert _kinds({"a.py": "from flask import Flask\nApp = Flask('a')\nApp.run()\n"}, "a.py") == ["runs"]
    assert _kinds({"a.py": "def main():\n    app.run()\nmain()\n"}, "a.py") == ["serves"]
    assert _kinds({"a.py": "while True:\n    pass\n"}, "a.py") == ["blocks"]
    assert _kinds({"a.py": "name = input('name?')\n"}, "a.py") == ["blocks"]
    assert _kinds({"a.py": "import argparse\nargs = argparse.ArgumentParser().parse_args()\n"}, "a.py") == ["arguments"]


def test_what_a_script_does_is_no_obstacle():
    assert _kinds({"a.py": "if __name__ == '__main__':\n    app.run()\n"}, "a.py") == []
    assert _kinds({"a.py": "if __name__ != '__main__':\n    x = 1\nelse:\n    app.run()\n"}, "a.py") == []


def test_packages_are_loaded_before_their_modules():
    files = {"p/__init__.py": "", "p/q/__init__.py": "", "p/q/m.py": ""}

    assert _boot(files, "p/q/m.py").modules == ("p/__init__.py", "p/q/__init__.py", "p/q/m.py")


def test_a_method_that_runs_the_object_s_own_application_is_seen():
    server = "from flask import Flask\nclass Server:\n    def __init__(self):\n        self.app = Flask('a')\n"
    server += "    def run(self):\n        self.app.run(debug=True)\nserver = Server()\n"

    assert _kinds({"server.py": server, "main.py": "from server import server\nserver.run()\n"}, "main.py") == ["runs"]
