"""The source layer: the project under /app, and what it writes in volumes that begin with what it brought."""

from __future__ import annotations

from pathlib import Path

from packer.build.source import source_recipe
from packer.build.source_index import file_digests
from packer.oci.entry import APP_UID
from packer.oci.layer import LayerRecipe
from packer.plan.model import SourcePlan, Volume
from packer.store.cache import DiskCache
from packer.system.source_files import source_files

LINK = ("/app/count.txt", "/app/.state/count.txt")
PLAN = SourcePlan(volumes=(Volume(path="/app/.state", links=(LINK,)),))


def recipe(project: Path, plan: SourcePlan = PLAN) -> LayerRecipe:
    cache = DiskCache(project.parent / "cache")
    files = source_files(project).files
    return source_recipe(project, files, file_digests(project, files, cache), plan, compiler=None, cache=cache)


def project(folder: Path, **files: str) -> Path:
    root = folder / "shop"
    root.mkdir()
    for name, content in files.items():
        (root / name.replace("_", ".")).write_text(content)
    return root


def test_a_file_that_the_app_writes_begins_in_its_volume_with_what_the_project_has(tmp_path: Path) -> None:
    entries = {entry.path: entry for entry in recipe(project(tmp_path, app_py="x = 1", count_txt="41")).entries()}

    assert entries["app/count.txt"].target == LINK[1]
    assert entries["app/.state/count.txt"].content == b"41"
    assert entries["app/.state/count.txt"].uid == entries["app/.state"].uid == APP_UID
    assert entries["app/app.py"].uid == 0


def test_a_file_that_is_not_there_yet_is_a_link_that_waits_for_it(tmp_path: Path) -> None:
    entries = {entry.path: entry for entry in recipe(project(tmp_path, app_py="x = 1")).entries()}

    assert entries["app/count.txt"].target == LINK[1]
    assert "app/.state/count.txt" not in entries


def test_what_a_volume_begins_with_is_part_of_the_recipe(tmp_path: Path) -> None:
    root = project(tmp_path, app_py="x = 1", count_txt="41")
    before = recipe(root).key
    (root / "count.txt").write_text("42")

    assert recipe(root).key != before
