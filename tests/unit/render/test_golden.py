"""The generated files of every sample project are what was reviewed.

`PACK_UPDATE_GOLDEN=1 .venv/bin/pytest tests/unit/render/test_golden.py` writes them anew.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from packer.errors import PackError
from packer.plan.planner import make_plan
from packer.plan.settings import Settings
from packer.project.inspect import inspect
from packer.render.bundle import GROUPS, render_bundle
from packer.system.tree import DirectoryTree
from tests.testbed.generated import context_of

ROOT = Path(__file__).parents[2]
GOLDEN = ROOT / "golden" / "projects"
UPDATE = bool(os.environ.get("PACK_UPDATE_GOLDEN"))


def is_planned(folder: Path) -> bool:
    try:
        make_plan(inspect(DirectoryTree(folder)), Settings())
    except PackError:
        return False
    return True


PROJECTS = {path.name: path / "project" for path in sorted((ROOT / "projects").iterdir()) if path.is_dir()}
PROJECTS["sample_flask_app"] = ROOT.parent / "sample_flask_app"
PLANNED = [name for name, folder in PROJECTS.items() if is_planned(folder)]


@pytest.mark.parametrize("name", PLANNED)
def test_generated_files_are_what_was_reviewed(name: str) -> None:
    rendered = {file.path: file.text for file in render_bundle(context_of(PROJECTS[name]), GROUPS)}
    folder = GOLDEN / name
    if UPDATE:
        shutil.rmtree(folder, ignore_errors=True)
        for path, text in rendered.items():
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).write_text(text, encoding="utf-8")

    golden = {
        path.relative_to(folder).as_posix(): path.read_text(encoding="utf-8")
        for path in folder.rglob("*")
        if path.is_file()
    }
    assert rendered == golden


def test_no_golden_file_is_left_of_a_project_that_is_gone() -> None:
    assert sorted(path.name for path in GOLDEN.iterdir()) == sorted(PLANNED)
