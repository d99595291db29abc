"""Whatever the files hold, reading them ends, and ends in facts."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from packer.project.dependencies import DependencyReader
from packer.project.metadata import read_metadata
from packer.project.python import read_python
from packer.project.tree import MemoryTree

NAMES = (
    "requirements.txt",
    "pyproject.toml",
    "setup.py",
    "setup.cfg",
    "Pipfile",
    "Pipfile.lock",
    "uv.lock",
    "poetry.lock",
    "pdm.lock",
    "pylock.toml",
    "environment.yml",
    ".python-version",
    "runtime.txt",
    "PKG-INFO",
    "app.py",
)

WORDS = (
    "[project]\n", "[tool.poetry.dependencies]\n", "[[package]]\n", "[packages]\n", "[options]\n", "dependencies:\n",
    'name = "a"\n', "name = 3\n", "version = []\n", 'dependencies = ["flask", 3, {}]\n', "dependencies = 3\n",
    "flask", "==", ">=", "1.0", "\n", "\\\n", "-r ", "-e ", "-c ", "../", "requirements.txt", ".", "#", ";", "[", "]",
    "{", "}", '"', "'", "@", " @ file:///x", "git+https://example.com/x", "--hash=sha256:", "\x00", "\ufeff", "  - ",
    "setup(install_requires=", "open('requirements.txt')", "import flask\n", "from . import x\n", "^1", "~=", "*", "||",
)  # fmt: skip
texts = st.lists(st.sampled_from(WORDS) | st.text(max_size=8), max_size=25).map("".join)


@settings(max_examples=150, deadline=None)
@given(st.dictionaries(st.sampled_from(NAMES), texts, max_size=4))
def test_no_content_breaks_the_reading(files):
    tree = MemoryTree(files)

    reading = DependencyReader(tree).read(app_path="app.py")
    read_python(tree, reading.facts)
    read_metadata(tree)


@pytest.mark.parametrize("name", ["pyproject.toml", "Pipfile", "uv.lock", "poetry.lock", "pdm.lock", "Pipfile.lock"])
@pytest.mark.parametrize("text", ["[" * 20_000, '{"a":' * 20_000, "a = " + "{a=" * 5_000, "x" * 100_000])
def test_deep_and_long_files_end_in_a_caution(name, text):
    tree = MemoryTree({name: text, "requirements.txt": "flask\n", "app.py": "import flask"})

    assert [one.name for one in DependencyReader(tree).read().facts.direct] == ["flask"]


def test_thousands_of_lines_are_no_trouble():
    text = "".join(
        f"thing-{number}==1.0 ; python_version > '3' and sys_platform != 'win32'\n" for number in range(3000)
    )

    assert len(DependencyReader(MemoryTree({"requirements.txt": text})).read().facts.direct) == 3000
