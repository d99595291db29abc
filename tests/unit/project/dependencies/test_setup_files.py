"""setup.py is read, never run."""

from __future__ import annotations

import pytest

from packer.project.dependencies.setup_files import read_setup_py, setup_cfg_requirements, setup_literal
from packer.project.tree import MemoryTree


def words(source: str):
    return read_setup_py(MemoryTree({"setup.py": source, "requirements.txt": "flask"}), "setup.py")


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ('setup(install_requires=["flask", "six>=1"])', ["flask", "six>=1"]),
        ('REQUIRES = ["flask"]\nREQUIRES += ["six"]\nsetuptools.setup(install_requires=REQUIRES)', ["flask", "six"]),
        ('setup(install_requires=BASE + ["six"])\nBASE = ["flask"]', ["flask", "six"]),
        ('kw = {"install_requires": ["flask"]}\nsetup(**kw)', ["flask"]),
        ("setup(name='x')", []),
        ("setup(install_requires=compute())", []),
    ],
)
def test_literal_lists_and_names_of_them_are_found(source, expected):
    assert [text for text, _ in words(source).texts] == expected


@pytest.mark.parametrize(
    "source",
    [
        'with open("requirements.txt") as f:\n    found = f.read().splitlines()\nsetup(install_requires=found)',
        'def read(n):\n    return open(n).read()\nsetup(install_requires=read("requirements.txt").split())',
        'def needs():\n    p = "requirements.txt"\n    return list(open(p))\nsetup(install_requires=needs())',
        'setup(install_requires=[str(r.req) for r in parse_requirements("requirements.txt")])',
    ],
)
def test_files_that_a_setup_script_reads_are_named(source):
    found = words(source)

    assert found.files == ("requirements.txt",)
    assert found.texts == ()


def test_a_script_that_calls_itself_in_circles_ends():
    assert words("a = b\nb = a\nsetup(install_requires=a)").texts == ()
    assert words("def f():\n    return f()\nsetup(install_requires=f())").texts == ()


def test_setup_cfg_lists_or_names_a_file():
    tree = MemoryTree(
        {
            "setup.cfg": "[options]\ninstall_requires =\n    flask>=2\n    # no\n    six\n",
            "a/setup.cfg": "[options]\ninstall_requires = file: needs.txt\n",
            "a/needs.txt": "",
        }
    )

    assert setup_cfg_requirements(tree, "setup.cfg").texts == (("flask>=2", 3), ("six", 5))
    assert setup_cfg_requirements(tree, "a/setup.cfg").files == ("a/needs.txt",)


def test_a_keyword_may_be_a_name_of_the_module():
    tree = MemoryTree({"setup.py": 'NAME = "shop"\nsetup(name=NAME, version=compute())'})

    assert setup_literal(tree, "setup.py", "name") == "shop"
    assert setup_literal(tree, "setup.py", "version") is None
