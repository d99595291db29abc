"""The project's own name and distribution."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from packer.project.metadata import image_name, read_metadata
from packer.project.model import OwnPackage
from packer.project.tree import MemoryTree

DYNAMIC = '[project]\nname = "shop"\ndynamic = ["version"]\n'


def read(files, name="folder", **where):
    return read_metadata(MemoryTree(files, name=name), **where)


def test_pep_621_metadata_is_read_with_its_entry_points():
    name, own = read(
        {
            "pyproject.toml": '[project]\nname = "My.Shop"\nversion = "1.2.0"\n'
            '[project.scripts]\nshop = "shop.cli:main"\n'
            '"../evil" = "a:b"\nbad = "import os"\n[project.entry-points."flask.commands"]\nseed = "shop.seed:seed"\n'
        }
    )

    assert name == "my-shop"
    assert own == OwnPackage(
        name="my-shop",
        version="1.2.0",
        scripts=("shop = shop.cli:main",),
        entry_points=(("flask.commands", ("seed = shop.seed:seed",)),),
    )


@pytest.mark.parametrize(
    ("files", "version"),
    [
        ({"pyproject.toml": '[tool.poetry]\nname = "shop"\nversion = "0.3"\n'}, "0.3"),
        ({"setup.py": 'setup(name="shop", version="0.3")'}, "0.3"),
        ({"setup.py": 'from shop import __version__\nsetup(name="shop", version=__version__)'}, None),
        (
            {
                "setup.cfg": "[metadata]\nname = shop\nversion = attr: shop.VERSION\n",
                "shop/__init__.py": "VERSION = (0, 3)",
            },
            "0.3",
        ),
        ({"setup.cfg": "[metadata]\nname = shop\nversion = file: VERSION\n", "VERSION": "0.3\n"}, "0.3"),
        (
            {
                "pyproject.toml": DYNAMIC + '[tool.hatch.version]\npath = "src/shop/__init__.py"\n',
                "src/shop/__init__.py": '__version__ = "0.3"',
            },
            "0.3",
        ),
        (
            {
                "pyproject.toml": DYNAMIC + '[tool.setuptools.dynamic]\nversion = {attr = "shop.__version__"}\n',
                "src/shop/__init__.py": '__version__ = "0.3"',
            },
            "0.3",
        ),
        ({"pyproject.toml": '[project]\nname = "shop"\ndynamic = ["version"]\n[tool.setuptools_scm]\n'}, None),
        ({"PKG-INFO": "Metadata-Version: 2.1\nName: shop\nVersion: 0.3\n\nVersion: 9\n"}, "0.3"),
        ({"pyproject.toml": '[project]\nname = "shop"\nversion = "not a version"\n'}, None),
    ],
)
def test_a_version_is_a_literal_somewhere_or_unknown(files, version):
    name, own = read(files)

    assert name == "shop"
    assert own is not None
    assert own.version == version


def test_without_a_manifest_the_folder_gives_the_name():
    assert read({"app.py": ""}, name="My Web App") == ("my-web-app", None)


def test_a_broken_manifest_counts_as_absent():
    assert read({"pyproject.toml": "[project"}, name="shop") == ("shop", None)


def test_a_hostile_name_is_no_distribution():
    assert read({"pyproject.toml": '[project]\nname = "../../etc/passwd"\nversion = "1"\n'}, name="shop") == (
        "shop",
        None,
    )


@given(st.text())
def test_any_text_becomes_a_component_of_an_image_reference(text):
    assert re.fullmatch(r"[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*", image_name(text))
    assert len(image_name(text)) <= 100
