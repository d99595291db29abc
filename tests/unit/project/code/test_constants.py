"""What expressions evaluate to without running anything."""

from __future__ import annotations

from pathlib import PurePosixPath

import pytest

from packer.project.app.modules import ModuleIndex
from packer.project.code.configuration import Configuration
from packer.project.code.constants import Constants
from packer.project.code.program import Program
from packer.project.code.values import ROOT, UNKNOWN, in_project
from packer.project.tree import MemoryTree


def evaluate(expression: str, *, before: str = "", files: dict[str, str] | None = None, working_directory: str = "."):
    """The value of an expression at the end of `shop/config.py`."""
    text = f"import os, pathlib\nfrom pathlib import Path\n{before}\nresult = {expression}\n"
    tree = MemoryTree({"shop/__init__.py": "", **(files or {}), "shop/config.py": text})
    program = Program(tree, ModuleIndex(tree), entry="shop/config.py", working_directory=working_directory)
    constants = Constants(program, Configuration(program), root_path="shop", instance_path="instance")
    module = program.module("shop/config.py")
    assert module is not None
    return constants.value(module.assignments[-1].value, module.scope)


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("16 * 1024 * 1024", 16 * 1024 * 1024),
        ("2 ** 20 - 1", 1048575),
        ("1 << 20", 1048576),
        ("50e6", 50e6),
        ("-1", -1),
        ("'sqlite:///' + 'app.db'", "sqlite:///app.db"),
        ("f'{1}-{\"a\"}'", "1-a"),
        ("'%s/%d' % ('a', 3)", "a/3"),
        ("'{}/{}'.format('a', 'b')", "a/b"),
        ("int('5') * 2", 10),
        ("('a', 'b')[1]", "b"),
        ("{'live': 1, 'test': 2}['test']", 2),
        ("' A '.strip().lower()", "a"),
        ("os.environ.get('X')", None),
        ("os.environ.get('X', 'fallback')", "fallback"),
        ("os.getenv('X') or 'fallback'", "fallback"),
        ("int(os.getenv('X', 5)) * 1024", 5120),
        ("os.environ['X']", UNKNOWN),
        ("unheard_of", UNKNOWN),
        ("1 / 0", UNKNOWN),
        ("9 ** 9 ** 9", UNKNOWN),
        ("1 << 10 ** 9", UNKNOWN),
    ],
)
def test_constants_and_arithmetic_are_folded(expression, value):
    assert evaluate(expression) == value


@pytest.mark.parametrize(
    ("expression", "place"),
    [
        ("__file__", "shop/config.py"),
        ("os.path.dirname(os.path.abspath(__file__))", "shop"),
        ("os.path.join(os.path.dirname(__file__), '..', 'data.db')", "data.db"),
        ("os.path.abspath(os.path.join(os.path.dirname(__file__), os.pardir))", "."),
        ("Path(__file__).parent / 'data' / 'x.db'", "shop/data/x.db"),
        ("Path(__file__).resolve().parents[1].joinpath('x.db')", "x.db"),
        ("str(pathlib.Path(__file__).with_name('x.db'))", "shop/x.db"),
        ("os.getcwd()", "."),
        ("Path.cwd() / 'x'", "x"),
        ("Path('relative').absolute()", "relative"),
        ("app.root_path + '/x'", "shop/x"),
        ("os.path.join(app.instance_path, 'x.db')", "instance/x.db"),
        ("f'{os.path.dirname(__file__)}/x.db'", "shop/x.db"),
    ],
)
def test_paths_are_computed_as_python_would(expression, place):
    assert in_project(evaluate(expression), ".") == place


def test_relative_paths_start_where_the_process_does():
    assert in_project(evaluate("os.path.abspath('x.db')", working_directory="backend"), "backend") == "backend/x.db"


def test_a_path_above_the_root_is_outside():
    assert in_project(evaluate("Path(__file__).parent.parent.parent / 'x'"), ".") is None


def test_names_are_followed_through_modules_and_classes():
    files = {"shop/base.py": "import os\nHERE = os.path.dirname(__file__)\nclass Base:\n    NAME = 'x' + '.db'\n"}

    value = evaluate(
        "os.path.join(base.HERE, Live.NAME)", before="from shop import base\nclass Live(base.Base): ...\n", files=files
    )

    assert value == f"{ROOT}/shop/x.db"


def test_an_address_that_is_rewritten_for_another_host_is_still_known():
    before = "url = os.getenv('DATABASE_URL', 'sqlite:///x.db')\n"
    before += "if url.startswith('postgres://'):\n    url = url.replace('postgres://', 'postgresql://', 1)\n"

    assert evaluate("url", before=before) == "sqlite:///x.db"


def test_a_name_given_anew_from_itself_ends():
    assert evaluate("size", before="size = 2\nsize = size * 2\n") == 4
    assert evaluate("a", before="a = b\nb = a\n") is UNKNOWN


def test_configuration_keys_are_looked_up():
    value = evaluate(
        "os.path.join(app.config['FOLDER'], 'x')", before="app.config.update(FOLDER=Path(__file__).parent)\n"
    )

    assert value == f"{ROOT}/shop/x"


def test_a_function_of_the_project_is_worth_what_it_returns():
    before = "def folder(name='data'):\n    if not name:\n        return None\n    return os.path.join('/srv', name)\n"

    assert evaluate("folder()", before=before) == "/srv/data"


def test_an_attribute_of_an_object_is_what_its_class_gives_it():
    before = (
        "class Store:\n    def __init__(self, path='x.db'):\n        self.path = path\n"
        "    def open(self):\n        return self.path\n"
    )
    tree = MemoryTree({"store.py": before})
    program = Program(tree, ModuleIndex(tree), entry="store.py")
    module = program.module("store.py")
    assert module is not None
    returned = next(scope for node, scope in module.bodies.items() if getattr(node, "name", "") == "open")
    value = Constants(program, Configuration(program)).value(returned.node.body[0].value, returned)

    assert value == "x.db"


def test_huge_texts_are_not_made():
    assert evaluate("text + text", before="text = 'x' * 10 ** 9\n") is UNKNOWN
    assert evaluate("'a'.replace('a', 'b' * 10 ** 9)") is UNKNOWN


def test_deep_expressions_end_quietly():
    assert evaluate(" + ".join(["1"] * 500)) in (UNKNOWN, 500)


def test_a_path_is_recognised_only_when_it_can_be_one():
    assert in_project("with\nnewline", ".") is None
    assert in_project("", ".") is None
    assert in_project(PurePosixPath("../up"), ".") is None
