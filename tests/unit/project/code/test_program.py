"""Which modules production loads, and what names in them mean."""

from __future__ import annotations

import ast

from packer.project.app.modules import ModuleIndex
from packer.project.code.program import Definition, Outside, Program
from packer.project.code.reach import MAX_MODULES
from packer.project.code.startup import Startup
from packer.project.tree import MemoryTree


def program_of(files: dict[str, str], entry: str = "app.py") -> Program:
    tree = MemoryTree(files)
    return Program(tree, ModuleIndex(tree), entry=entry)


def paths(program: Program) -> list[str]:
    return sorted(module.path for module in program.modules)


def test_production_loads_what_is_imported_and_what_frameworks_import_by_name():
    program = program_of(
        {
            "app.py": "from shop.views import home\napp.config.from_object('shop.config.Live')\n",
            "shop/__init__.py": "",
            "shop/views.py": "def home():\n    from .models import User\n",
            "shop/models.py": "",
            "shop/config.py": "",
            "shop/unused.py": "",
            "tests/test_app.py": "import app\n",
        }
    )

    assert paths(program) == ["app.py", "shop/__init__.py", "shop/config.py", "shop/models.py", "shop/views.py"]


def test_production_loads_the_pages_of_dash():
    page = "from dash import register_page\nregister_page(__name__)\n"
    files = {"app.py": "import dash\napp = dash.Dash(__name__, use_pages=True)\n", "pages/home.py": page}

    assert paths(program_of(files)) == ["app.py", "pages/home.py"]


def test_a_package_whose_modules_are_searched_for_is_loaded_whole():
    files = {
        "app.py": "import plugins\n",
        "plugins/__init__.py": "import pkgutil\nfor m in pkgutil.iter_modules(__path__): ...\n",
        "plugins/mail.py": "",
        "plugins/tests/test_mail.py": "",
    }

    assert paths(program_of(files)) == ["app.py", "plugins/__init__.py", "plugins/mail.py"]


def test_what_only_a_script_run_imports_is_not_loaded():
    files = {"app.py": "if __name__ == '__main__':\n    import devserver\n", "devserver.py": ""}

    assert paths(program_of(files)) == ["app.py"]


def test_a_circle_of_imports_ends():
    program = program_of({"app.py": "from b import *\nfrom b import x\ny = x\n", "b.py": "from app import *\n"})
    module = program.module("app.py")
    assert module is not None

    assert paths(program) == ["app.py", "b.py"]
    assert program.meaning(module.assignments[0].value, module.scope) is None


def test_the_nearest_modules_are_read_when_there_are_too_many():
    files = {f"m{number}.py": f"import m{number + 1}\n" for number in range(MAX_MODULES + 50)}

    assert len(program_of(files, "m0.py").modules) == MAX_MODULES


def test_names_mean_what_they_were_imported_from():
    program = program_of(
        {
            "app.py": "import os as system\nfrom lib.things import *\na = system.environ\nb = Thing\nc = open\n",
            "lib/things.py": "from .inner import Thing\n",
            "lib/inner.py": "class Thing: ...\n",
        }
    )
    module = program.module("app.py")
    assert module is not None
    system, thing, builtin = (program.meaning(one.value, module.scope) for one in module.assignments)

    assert system == Outside("os.environ")
    assert isinstance(thing, Definition)
    assert (thing.scope.path, thing.node.lineno) == ("lib/inner.py", 1)
    assert builtin == Outside("open")


def test_a_local_name_hides_the_module_s():
    program = program_of({"app.py": "from os import environ\ndef f(environ):\n    x = environ\n"})
    module = program.module("app.py")
    assert module is not None
    use = module.assignments[0]

    assert program.meaning(use.value, use.scope) != Outside("os.environ")


def test_functions_that_run_at_start_up_are_those_that_are_called_then():
    program = program_of(
        {
            "app.py": (
                "from setup import Config, later\n"
                "def create_app():\n    configure()\n    return 1\n"
                "def configure():\n    Config()\n"
                "def view():\n    later()\n"
            ),
            "setup.py": "class Config:\n    def __init__(self): ...\n    def use(self): ...\ndef later(): ...\n",
        }
    )
    startup = Startup(program, "create_app")
    running = {
        node.name
        for module in program.modules
        for node, scope in module.bodies.items()
        if isinstance(node, ast.FunctionDef) and startup.runs(scope)
    }

    assert running == {"create_app", "configure", "__init__"}


def test_source_that_is_nested_beyond_python_s_limit_costs_nothing_but_itself():
    program = program_of({"app.py": "import deep\n", "deep.py": "x = " + "(" * 500 + ")" * 500})

    assert paths(program) == ["app.py"]
