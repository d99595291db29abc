"""Every sample project is understood as its `expected.json` says, and reported as the schema says.

`tests/projects/<name>/project/` holds the project's files, `expected.json` a part of the document of `pack inspect
--json`: objects may leave keys out, lists of objects are compared from their beginning, other lists whole.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from packer.project.inspect import inspect
from packer.project.report import report_schema, to_report
from packer.project.tree import MemoryTree

PROJECTS = Path(__file__).parents[2] / "projects"
SAMPLES = sorted(path.parent.name for path in PROJECTS.glob("*/expected.json"))
SCHEMA = json.loads(report_schema())


def load(folder: Path) -> MemoryTree:
    files = {
        path.relative_to(folder).as_posix(): path.read_text(encoding="utf-8")
        for path in sorted(folder.rglob("*"))
        if path.is_file() and "__pycache__" not in path.parts
    }
    return MemoryTree(files, name=folder.parent.name)


def differences(expected: Any, found: Any, where: str) -> Iterator[str]:
    """What of `expected` is not in `found`, one text for each place."""
    match expected, found:
        case Mapping(), Mapping():
            for key, value in expected.items():
                if key in found:
                    yield from differences(value, found[key], f"{where}.{key}" if where else key)
                else:
                    yield f"{where}.{key}: there is no such key"
        case [Mapping(), *_], [*_]:
            for position, value in enumerate(expected):
                if position < len(found):
                    yield from differences(value, found[position], f"{where}[{position}]")
                else:
                    yield f"{where}[{position}]: expected {value!r}, found nothing more; there is {found!r}"
        case _:
            if expected != found:
                yield f"{where}: expected {expected!r}, found {found!r}"


@pytest.mark.parametrize("name", SAMPLES)
def test_a_sample_project_is_understood(name):
    folder = PROJECTS / name
    expected = json.loads((folder / "expected.json").read_text(encoding="utf-8"))
    about = expected.pop("about")

    report = to_report(inspect(load(folder / "project")), python_version=None)

    jsonschema.validate(report, SCHEMA)
    wrong = list(differences(expected, report, ""))
    assert not wrong, f"{name}: {about}\n  " + "\n  ".join(wrong)


def test_there_are_sample_projects():
    assert len(SAMPLES) >= 25
