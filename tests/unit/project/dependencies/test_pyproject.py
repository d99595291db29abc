"""pyproject.toml as a manifest."""

from __future__ import annotations

import pytest

from packer.errors import ProjectError
from packer.project.dependencies.package_manifest import read_package_manifest
from packer.project.tree import MemoryTree


def read(pyproject: str, **others: str):
    return read_package_manifest(MemoryTree({"pyproject.toml": pyproject, **others}), ".")


def texts(found) -> list[str]:
    return [fact.text for fact in found.manifest.requirements]


def test_groups_and_extras_of_developers_stay_out():
    found = read(
        '[project]\nname = "shop"\ndependencies = ["Flask>=3", "redis ; sys_platform == \'linux\'"]\n'
        '[project.optional-dependencies]\ntest = ["pytest"]\n[dependency-groups]\ndev = ["ruff"]\n'
        '[tool.uv]\ndev-dependencies = ["mypy"]\n'
    )

    assert texts(found) == ["flask>=3", 'redis; sys_platform == "linux"']
    assert found.manifest.manager == "uv"
    assert found.manifest.requirements[0].evidence[0].line == 3


def test_poetry_s_own_table_is_translated():
    found = read(
        '[tool.poetry]\nname = "shop"\n[tool.poetry.dependencies]\npython = "^3.8"\nFlask = "^2.0"\n'
        'thing = {git = "https://example.com/thing.git", tag = "v1"}\nlocal = {path = "libs/local"}\n'
        'old = [{version = "<=1.9", python = "<3.9"}, {version = "^2", python = ">=3.9"}]\n'
        'extra = {version = "*", optional = true}\nmysql = {version = "~1.0", extras = ["rsa"]}\n'
        '[tool.poetry.group.dev.dependencies]\npytest = "*"\n'
    )

    assert texts(found) == [
        "flask<3,>=2.0",
        "thing @ git+https://example.com/thing.git@v1",
        'old<=1.9; python_full_version < "3.9"',
        'old<3,>=2; python_full_version >= "3.9"',
        "mysql[rsa]<1.1,>=1.0",
    ]
    assert [one.path for one in found.local] == ["libs/local"]


def test_dynamic_dependencies_come_from_the_files_that_the_back_end_reads():
    found = read(
        '[project]\nname = "shop"\ndynamic = ["dependencies"]\n'
        '[tool.setuptools.dynamic]\ndependencies = {file = ["needs.txt"]}\n',
        **{"needs.txt": "flask\n"},
    )

    assert texts(found) == ["flask"]
    assert found.manifest.files == ("pyproject.toml", "needs.txt")


def test_dynamic_dependencies_without_a_file_are_setup_py_s():
    found = read(
        '[project]\nname = "shop"\ndynamic = ["dependencies"]\n', **{"setup.py": 'setup(install_requires=["flask"])'}
    )

    assert texts(found) == ["flask"]


def test_settings_of_tools_alone_are_no_manifest():
    assert read("[tool.ruff]\nline-length = 100\n") is None


def test_sources_of_uv_are_applied():
    found = read(
        '[project]\nname = "shop"\ndependencies = ["thing", "core", "flask"]\n'
        '[tool.uv.sources]\nthing = {git = "https://example.com/thing", rev = "abc"}\ncore = {workspace = true}\n',
        **{"libs/core/pyproject.toml": '[project]\nname = "core"\ndependencies = []\n'},
    )

    assert texts(found) == ["thing @ git+https://example.com/thing@abc", "flask"]
    assert [one.path for one in found.local] == ["libs/core"]


@pytest.mark.parametrize("text", ["[project\n", "a = " + "[" * 5000, "x = 1\nx = 2\n"])
def test_a_broken_file_is_an_error_that_says_where(text):
    with pytest.raises(ProjectError) as caught:
        read(text)

    assert caught.value.where == "pyproject.toml"


@pytest.mark.parametrize(
    "text", ["project = 3", "[project]\ndependencies = 3", "[project]\ndependencies = [3, {}]", "[tool]\npoetry = 1"]
)
def test_wrong_types_count_as_absent(text):
    found = read(text)

    assert found is None or texts(found) == []
