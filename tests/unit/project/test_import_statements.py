"""The imports of one module, from its text where that is enough."""

from __future__ import annotations

import pytest

from packer.project.import_statements import ImportStatements
from packer.project.imports import read_production_code
from packer.project.tree import MemoryTree


class CountingTree(MemoryTree):
    """Remembers which modules were asked for as syntax trees."""

    def __init__(self, files):
        super().__init__(files)
        self.parsed = []

    def module(self, path):
        self.parsed.append(path)
        return super().module(path)


def names(text):
    return [
        (one.module, one.member, one.level, one.line, one.when) for one in ImportStatements(tree_of(text)).of("m.py")
    ]


def tree_of(text):
    return CountingTree({"m.py": text})


def test_a_thousand_modules_that_import_at_their_top_are_followed_without_parsing_one():
    files = {f"shop/part{n}.py": f"from . import part{n + 1}\n\ndef work():\n    return {n}\n" for n in range(1000)}
    tree = CountingTree({**files, "shop/__init__.py": ""})

    code = read_production_code(tree, app_path="shop/part0.py")

    assert len(code.modules) == 1001
    assert tree.parsed == []


def test_a_module_that_must_be_parsed_is_parsed_once_for_all_readings():
    tree = tree_of("def work():\n    import yaml\n")
    statements = ImportStatements(tree)

    for _ in range(3):
        read_production_code(tree, app_path="m.py", statements=statements)

    assert tree.parsed == ["m.py"]


def test_statements_keep_their_lines_members_and_levels():
    text = (
        '"""Shop.\n\nimport nothing\n"""\n# import less\nimport a.b as c, d  # two\n'
        "from ..e import (\n    f,  # one\n    g as h,\n)\n"
    )

    assert names(text) == [
        ("a.b", None, 0, 6, "always"),
        ("d", None, 0, 6, "always"),
        ("e", "f", 2, 7, "always"),
        ("e", "g", 2, 7, "always"),
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("import a; import b\n", ["a", "b"]),
        ("import a, \\\n  b\n", ["a", "b"]),
        ("from a \\\n  import b\n", ["a"]),
        ("if fast: import a\n", ["a"]),
        ("try:\n    import a\nexcept ImportError:\n    import b\n", ["a", "b"]),
        ('text = """\nimport no\n"""\nimport a\n', ["a"]),
        ("text = '''\n\"\"\"\nimport no\n'''\nimport a\n", ["a"]),
        ("it = 'import no'  # don't import\nimport a\n", ["a"]),
        ("import a  # it's\nfrom b import *\n", ["a", "b"]),
        ("match mode:\n    case 1:\n        import a\n", ["a"]),
        ("import a\nprint 'Python 2'\n", []),
        ("import a\n<<<<<<< HEAD\n", []),
        ("import a\nimport\n", []),
    ],
)
def test_wherever_an_import_stands_it_is_read_as_python_does(text, expected):
    assert [name for name, *_ in names(text)] == expected


def test_an_import_at_the_end_of_a_text_without_a_last_line_feed_is_read():
    assert [name for name, *_ in names("import a")] == ["a"]
