"""Generated files change nothing about the project: it is understood, and shipped, as before."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from packer.errors import PackError
from packer.plan.planner import make_plan
from packer.plan.settings import Settings
from packer.project.inspect import inspect
from packer.project.report import to_report
from packer.render.bundle import GROUPS, render_bundle
from packer.system.source_files import source_files
from packer.system.tree import DirectoryTree
from packer.workflows.owned_files import compare, write
from tests.testbed.generated import context_of

PROJECTS = Path(__file__).parents[2] / "projects"


def facts(folder: Path) -> tuple[object, object, list[str], object]:
    project = inspect(DirectoryTree(folder))
    listing = source_files(folder)
    plan = make_plan(project, Settings())
    return to_report(project, python_version=None), plan, [file.path for file in listing.files], listing.left_out


@pytest.mark.parametrize("name", sorted(path.name for path in PROJECTS.iterdir()))
def test_a_project_is_the_same_with_its_generated_files(name: str, tmp_path: Path) -> None:
    folder = tmp_path / name
    shutil.copytree(PROJECTS / name / "project", folder)
    try:
        before = facts(folder)
    except PackError:
        return  # nothing can be generated for it
    rendered = render_bundle(context_of(folder), GROUPS)

    write(folder, compare(folder, rendered, complete=True, force=False, search_path=""))

    assert facts(folder) == before
    assert render_bundle(context_of(folder), GROUPS) is not None


def test_secrets_and_the_memory_are_no_part_of_a_project(tmp_path: Path) -> None:
    for name in (".secrets/key", ".pack/notes", "app.py"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("x")

    assert DirectoryTree(tmp_path).paths == ("app.py",)
    assert [file.path for file in source_files(tmp_path).files] == ["app.py"]
