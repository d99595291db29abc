from __future__ import annotations

import importlib.util
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import jsonschema
import pytest

from packer.errors import UsageError
from packer.plan.settings_parser import table_layer

ROOT = Path(__file__).parents[3]

TABLES: tuple[tuple[dict[str, Any], bool], ...] = (
    ({}, True),
    ({"port": 80, "python": "3.13", "debian": {"allow-expired": True}}, True),
    ({"labels": {"a.b": "c"}, "volumes": ["/app/x"], "environment": {"TZ": "UTC"}}, True),
    ({"port": 0}, False),
    ({"port": "80"}, False),
    ({"prot": 80}, False),
    ({"debian": {"mirrors": "http://m.example.com"}}, False),
    ({"debian": {"mirror": "m"}}, False),
    ({"environment": {"A B": "1"}}, False),
    ({"environment": {"A": 1}}, False),
    ({"platforms": "linux/amd64"}, False),
    ({"volumes": ["/app/../x"]}, False),
)


@pytest.fixture(scope="module")
def generate() -> Iterator[ModuleType]:
    path = list(sys.path)
    spec = importlib.util.spec_from_file_location("generate", ROOT / "docs" / "generate.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    yield module
    sys.path[:] = path


def test_the_reference_is_made_from_the_docstrings(generate: ModuleType) -> None:
    """Run `python docs/generate.py` when this fails."""
    assert generate.REFERENCE.read_text(encoding="utf-8") == generate.reference()


def test_the_schema_is_made_from_the_docstrings(generate: ModuleType) -> None:
    """Run `python docs/generate.py` when this fails."""
    assert generate.SCHEMA.read_text(encoding="utf-8") == generate.schema()


def test_every_setting_is_documented(generate: ModuleType) -> None:
    assert set(generate.setting_kinds()) <= set(generate.all_docstrings())


@pytest.mark.parametrize(("table", "valid"), TABLES)
def test_the_schema_and_the_parser_agree(generate: ModuleType, table: dict[str, Any], *, valid: bool) -> None:
    validator = jsonschema.Draft202012Validator(json.loads(generate.schema()))
    try:
        table_layer(table, path="pack.toml", line_of=lambda name: None)
    except UsageError:
        parsed = False
    else:
        parsed = True

    assert (validator.is_valid(table), parsed) == (valid, valid)
