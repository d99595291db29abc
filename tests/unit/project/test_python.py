"""What a project says about its Python."""

from __future__ import annotations

import pytest

from packer.project.model import DependencyFacts
from packer.project.python import read_python
from packer.project.tree import MemoryTree

NO_DEPENDENCIES = DependencyFacts()


def hints(files, dependencies=NO_DEPENDENCIES, **where):
    facts = read_python(MemoryTree(files), dependencies, **where)
    return [(hint.specifier, hint.source, hint.hard) for hint in facts.hints]


@pytest.mark.parametrize(
    ("path", "text", "expected"),
    [
        ("pyproject.toml", '[project]\nrequires-python = ">=3.9,<4"', "<4,>=3.9"),
        ("pyproject.toml", '[tool.poetry.dependencies]\npython = "^3.8"', "<4,>=3.8"),
        ("pyproject.toml", '[tool.poetry.dependencies]\npython = "3.11.*"', "==3.11.*"),
        ("setup.cfg", "[options]\npython_requires = >=3.7\n", ">=3.7"),
        ("setup.py", 'setup(python_requires=">=3.6")', ">=3.6"),
    ],
)
def test_a_promise_is_hard(path, text, expected):
    assert hints({path: text}) == [(expected, path, True)]


@pytest.mark.parametrize(
    ("path", "text"),
    [
        (".python-version", "# ours\n3.11.4\n"),
        (".python-version", "shop-env\n3.11\n"),
        (".tool-versions", "nodejs 20\npython 3.11.2\n"),
        ("runtime.txt", "python-3.11.9\n"),
        ("Pipfile", '[requires]\npython_version = "3.11"\n'),
        ("app.yaml", "runtime: python311\n"),
        ("Dockerfile", "FROM node:20 AS web\nFROM --platform=$X docker.io/library/python:3.11-slim\n"),
        ("environment.yml", "dependencies:\n  - python=3.11.4\n"),
    ],
)
def test_a_wish_is_soft_and_names_a_minor_version(path, text):
    assert hints({path: text}) == [("==3.11.*", path, False)]


@pytest.mark.parametrize("text", ["", "pypy3.9-7.3", "system", "2.7.18", "three", "\x00"])
def test_what_is_no_version_of_python_3_is_no_hint(text):
    assert hints({".python-version": text}) == []


def test_classifiers_count_only_where_nothing_else_speaks():
    tested = [f"Programming Language :: Python :: {version}" for version in ("3", "3.8", "3.10")]
    text = f'[project]\nname = "x"\nclassifiers = {tested}\n'

    assert hints({"pyproject.toml": text}) == [("<3.11,>=3.8", "pyproject.toml", False)]
    assert hints({"pyproject.toml": text, "runtime.txt": "python-3.9"}) == [("==3.9.*", "runtime.txt", False)]


def test_the_lock_s_own_limit_is_a_promise_too():
    facts = DependencyFacts(lock="uv.lock", requires_python=">=3.12")

    assert hints({"uv.lock": 'version = 1\nrequires-python = ">=3.12"\n'}, facts) == [(">=3.12", "uv.lock", True)]


def test_the_nearest_file_of_a_kind_counts():
    files = {"api/runtime.txt": "python-3.10", "runtime.txt": "python-3.11", ".python-version": "3.12"}

    assert hints(files, subfolder="api") == [
        ("==3.12.*", ".python-version", False),
        ("==3.10.*", "api/runtime.txt", False),
    ]
