"""Each sample project says which application it is; find_app must agree."""

import json
from pathlib import Path

import pytest
from msgspec.structs import fields

from packer.project.app import find_app
from packer.project.model import AppCandidate
from packer.project.tree import MemoryTree

KEYS = {field.name for field in fields(AppCandidate)}
SAMPLES = Path(__file__).parents[3] / "projects"


def _expected_apps():
    for path in sorted(SAMPLES.glob("*/expected.json")):
        app = json.loads(path.read_text()).get("app")
        if app is not None and "target" in app:
            yield pytest.param(path.parent, app, id=path.parent.name)


def _tree(folder):
    files = [path for path in (folder / "project").rglob("*") if path.is_file()]
    return MemoryTree(
        {path.relative_to(folder / "project").as_posix(): path.read_text() for path in files}, folder.name
    )


@pytest.mark.parametrize(("folder", "app"), tuple(_expected_apps()))
def test_a_sample_project_is_understood(folder, app):
    search = find_app(_tree(folder), distributions=frozenset())

    best = search.candidates[0] if search.candidates else None
    found = {key: getattr(best, key, None) for key in app.keys() & KEYS}

    assert found == {key: app[key] for key in found}, search.refusal or [
        (c.target, c.score, c.reason) for c in search.candidates
    ]
    assert (search.refusal is None) == (best is not None)
