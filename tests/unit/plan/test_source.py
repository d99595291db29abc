"""Writable places: what becomes a volume and what becomes a link."""

from __future__ import annotations

from typing import Literal

from packer.plan.settings import Settings
from packer.plan.source import plan_source
from packer.project.model import AppFacts, DependencyFacts, Project, PythonFacts, WritablePath


def project(*writable: tuple[str, Literal["directory", "file"]], import_roots: tuple[str, ...] = (".",)) -> Project:
    return Project(
        name="shop",
        python=PythonFacts(),
        dependencies=DependencyFacts(),
        app=AppFacts(),
        import_roots=import_roots,
        writable=tuple(WritablePath(path=path, kind=kind) for path, kind in writable),
    )


def test_a_folder_that_the_app_writes_to_is_a_volume_at_its_place():
    plan, decisions = plan_source(project(("instance", "directory")), Settings())

    assert [volume.path for volume in plan.volumes] == ["/app/instance"]
    assert [decision.choice for decision in decisions] == ["/app/instance"]


def test_a_single_file_is_a_link_into_one_volume_so_that_the_code_beside_it_stays_read_only():
    plan, _ = plan_source(project(("shop/site.db", "file"), ("app.log", "file")), Settings())

    (volume,) = plan.volumes
    assert volume.path == "/var/lib/app"
    assert volume.links == (
        ("/app/shop/site.db", "/var/lib/app/shop-site.db"),
        ("/app/app.log", "/var/lib/app/app.log"),
    )


def test_a_file_inside_a_writable_folder_needs_nothing_of_its_own():
    plan, _ = plan_source(project(("instance", "directory"), ("instance/site.db", "file")), Settings())

    assert [volume.path for volume in plan.volumes] == ["/app/instance"]


def test_nested_writable_folders_are_one_volume():
    plan, _ = plan_source(project(("media", "directory"), ("media/thumbs", "directory")), Settings())

    assert [volume.path for volume in plan.volumes] == ["/app/media"]


def test_the_root_itself_never_becomes_writable():
    plan, _ = plan_source(project((".", "directory")), Settings())

    assert plan.volumes == ()


def test_import_roots_are_places_in_the_image():
    plan, _ = plan_source(project(import_roots=("src", ".")), Settings())

    assert plan.import_roots == ("/app/src", "/app")
