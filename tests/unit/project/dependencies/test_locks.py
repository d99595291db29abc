"""Every lock format gives what production needs, with its files."""

from __future__ import annotations

import json

import pytest

from packer.errors import ProjectError
from packer.project.dependencies.locks import (
    read_pdm_lock,
    read_pipfile_lock,
    read_poetry_lock,
    read_pylock,
    read_uv_lock,
)
from packer.project.tree import MemoryTree

UV = """
version = 1
requires-python = ">=3.10"

[[package]]
name = "shop"
version = "0.1"
source = { virtual = "." }
dependencies = [
    { name = "pandas", version = "2.3.3", marker = "python_full_version < '3.11'" },
    { name = "pandas", version = "3.1.1", marker = "python_full_version >= '3.11'" },
    { name = "pymysql", extra = ["rsa"] },
    { name = "core" },
    { name = "patched" },
]

[package.dev-dependencies]
dev = [{ name = "pytest" }]

[[package]]
name = "core"
version = "1.0"
source = { editable = "libs/core" }
dependencies = [{ name = "six" }]

[[package]]
name = "patched"
version = "0.9"
source = { git = "https://example.com/patched#abc" }

[[package]]
name = "pandas"
version = "2.3.3"
source = { registry = "https://example.com/simple" }
wheels = [{ url = "https://example.com/pandas-2.3.3-cp310-cp310-manylinux_2_17_x86_64.whl", hash = "sha256:00" }]

[[package]]
name = "pandas"
version = "3.1.1"
source = { registry = "https://example.com/simple" }
wheels = [{ url = "https://example.com/pandas-3.1.1%2Ba-cp313-cp313-linux_x86_64.whl", hash = "sha256:00" }]

[[package]]
name = "pymysql"
version = "1.1.1"
source = { registry = "https://example.com/simple" }
sdist = { url = "https://example.com/pymysql-1.1.1.tar.gz", hash = "sha256:00" }

[package.optional-dependencies]
rsa = [{ name = "cryptography" }]

[[package]]
name = "cryptography"
version = "45.0"
source = { registry = "https://example.com/simple" }

[[package]]
name = "six"
version = "1.17.0"
source = { registry = "https://example.com/simple" }

[[package]]
name = "pytest"
version = "8.0"
source = { registry = "https://example.com/simple" }
"""


def test_uv_follows_edges_and_extras_from_the_member_and_leaves_development_out():
    lock = read_uv_lock(MemoryTree({"uv.lock": UV}), "uv.lock", member=".")

    assert lock.locked == (
        ("cryptography", "45.0"),
        ("pandas", "2.3.3"),
        ("pandas", "3.1.1"),
        ("pymysql", "1.1.1"),
        ("six", "1.17.0"),
    )
    assert lock.unpinned == {"patched"}
    assert [one.path for one in lock.local_packages] == ["libs/core"]
    assert lock.requires_python == ">=3.10"


def test_uv_lists_wheels_and_shows_what_is_source_only():
    wheels = dict(read_uv_lock(MemoryTree({"uv.lock": UV}), "uv.lock", member=".").wheels)

    assert wheels["pandas"] == (
        "pandas-2.3.3-cp310-cp310-manylinux_2_17_x86_64.whl",
        "pandas-3.1.1+a-cp313-cp313-linux_x86_64.whl",
    )
    assert wheels["pymysql"] == ()
    assert "six" not in wheels


def test_uv_reads_the_wishes_of_the_workspace_member_that_is_asked_for():
    lock = read_uv_lock(MemoryTree({"uv.lock": UV}), "uv.lock", member="libs/core")

    assert lock.locked == (("six", "1.17.0"),)


POETRY = """
[[package]]
name = "Flask"
version = "2.3.3"
files = [{file = "flask-2.3.3-py3-none-any.whl", hash = "sha256:00"}]

[package.dependencies]
click = ">=8"
asgiref = {version = ">=3.2", optional = true}

[package.extras]
async = ["asgiref (>=3.2)"]

[[package]]
name = "asgiref"
version = "3.7"

[[package]]
name = "click"
version = "8.1"

[[package]]
name = "pytest"
version = "7.0"

[metadata]
python-versions = "^3.8"
"""


@pytest.mark.parametrize(
    ("extras", "expected"),
    [
        (frozenset(), [("click", "8.1"), ("flask", "2.3.3")]),
        (frozenset({"async"}), [("asgiref", "3.7"), ("click", "8.1"), ("flask", "2.3.3")]),
    ],
)
def test_poetry_holds_what_the_main_dependencies_reach(extras, expected):
    lock = read_poetry_lock(MemoryTree({"poetry.lock": POETRY}), "poetry.lock", wishes=[("flask", extras)])

    assert list(lock.locked) == expected
    assert lock.requires_python == ">=3.8,<4"


def test_poetry_of_old_lists_files_under_metadata():
    text = (
        '[[package]]\nname = "flask"\nversion = "1.1"\ncategory = "main"\n'
        '[metadata.files]\nflask = [{file = "Flask-1.1-py2.py3-none-any.whl", hash = "sha256:0"}]\n'
    )

    lock = read_poetry_lock(MemoryTree({"poetry.lock": text}), "poetry.lock", wishes=[("flask", frozenset())])

    assert dict(lock.wheels) == {"flask": ("Flask-1.1-py2.py3-none-any.whl",)}


def test_pdm_joins_the_entries_that_it_writes_for_extras():
    text = """
[[package]]
name = "pymysql"
version = "1.1"
dependencies = []
[[package]]
name = "pymysql"
version = "1.1"
extras = ["rsa"]
dependencies = ["cryptography", "PyMySQL==1.1"]
[[package]]
name = "cryptography"
version = "45.0"
files = [{file = "cryptography-45.0-cp311-abi3-manylinux_2_28_x86_64.whl", hash = "sha256:00"}]
[[package]]
name = "ruff"
version = "0.1"
"""
    tree = MemoryTree({"pdm.lock": text})

    assert read_pdm_lock(tree, "pdm.lock", wishes=[("pymysql", frozenset({"rsa"}))]).locked == (
        ("cryptography", "45.0"),
        ("pymysql", "1.1"),
    )
    assert read_pdm_lock(tree, "pdm.lock", wishes=[("pymysql", frozenset())]).locked == (("pymysql", "1.1"),)


def test_pipenv_s_default_section_is_the_closure():
    text = json.dumps(
        {
            "default": {"Flask": {"version": "==2.0.1"}, "thing": {"git": "https://example.com/t", "ref": "abc"}},
            "develop": {"pytest": {"version": "==6.0"}},
        }
    )

    lock = read_pipfile_lock(MemoryTree({"Pipfile.lock": text}), "Pipfile.lock")

    assert lock.locked == (("flask", "2.0.1"),)
    assert lock.unpinned == {"thing"}


def test_pylock_leaves_out_what_other_groups_bring_and_keeps_every_platform():
    text = """
lock-version = "1.0"
created-by = "uv"
requires-python = ">=3.11"
default-groups = ["main"]
[[packages]]
name = "flask"
version = "3.1"
wheels = [{url = "https://example.com/flask-3.1-py3-none-any.whl", hashes = {sha256 = "00"}}]
[[packages]]
name = "pywin32"
version = "310"
marker = "sys_platform == 'win32'"
[[packages]]
name = "pytest"
version = "8.0"
marker = "'dev' in dependency_groups"
[[packages]]
name = "redis"
version = "5.0"
marker = "'main' in dependency_groups"
"""

    lock = read_pylock(MemoryTree({"pylock.toml": text}), "pylock.toml")

    assert lock.locked == (("flask", "3.1"), ("pywin32", "310"), ("redis", "5.0"))
    assert dict(lock.wheels) == {"flask": ("flask-3.1-py3-none-any.whl",)}


@pytest.mark.parametrize(
    ("name", "text"),
    [("uv.lock", "[[package]"), ("uv.lock", "<<<<<<< HEAD\n"), ("Pipfile.lock", "[]"), ("Pipfile.lock", "[" * 100_000)],
)
def test_a_broken_lock_is_an_error_that_says_where(name, text):
    tree = MemoryTree({name: text})

    with pytest.raises(ProjectError) as caught:
        read_uv_lock(tree, name, member=".") if name == "uv.lock" else read_pipfile_lock(tree, name)

    assert caught.value.where == name


@pytest.mark.parametrize("text", ["package = 3", "[[package]]\nname = 3", "[[package]]\nversion = 1\ndependencies = 5"])
def test_wrong_types_in_a_lock_count_as_absent(text):
    lock = read_uv_lock(MemoryTree({"uv.lock": text}), "uv.lock", member=".")

    assert lock.locked == ()
