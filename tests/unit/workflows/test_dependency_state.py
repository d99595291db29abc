"""Builds look for what others know under one name as long as nothing below their source differs."""

from __future__ import annotations

from contextlib import nullcontext
from pathlib import Path

import pytest
from msgspec.structs import replace

from packer.oci.platform import LINUX_AMD64, LINUX_ARM64
from packer.plan.settings import Settings
from packer.workflows.build_request import BuildRequest
from packer.workflows.dependency_state import dependency_state
from packer.workflows.preparation import prepare
from packer.workflows.provenance import Provenance


class Silent:
    """Progress that nobody follows."""

    def step(self, text: str) -> nullcontext[None]:
        return nullcontext()


@pytest.fixture
def project(tmp_path: Path) -> Path:
    return made(tmp_path / "shop")


def made(folder: Path) -> Path:
    folder.mkdir()
    (folder / "app.py").write_text("from flask import Flask\napp = Flask(__name__)\n")
    (folder / "requirements.txt").write_text("flask==3.1.2\n")
    return folder


def state(folder: Path, settings: Settings | None = None, platforms=(LINUX_AMD64,)):
    settings, provenance = settings or Settings(), Provenance()
    request = BuildRequest(folder=folder, settings=settings, platforms=platforms, provenance=provenance)
    return dependency_state(prepare(folder, settings, provenance, progress=Silent()), request)


def test_the_source_and_the_place_do_not_matter(project, tmp_path):
    before = state(project)
    (project / "app.py").write_text("from flask import Flask\napp = Flask('other')\n")
    other = made(tmp_path / "elsewhere")

    assert state(project) == before == state(other)


def test_dependencies_matter(project):
    before = state(project)
    (project / "requirements.txt").write_text("flask==3.1.3\n")

    assert state(project) != before


@pytest.mark.parametrize(
    "change", [{"python": "3.11"}, {"base": "oci:base"}, {"packages": ("libgl1",)}, {"bytecode": False}], ids=str
)
def test_wishes_about_what_is_below_the_source_matter(project, change):
    assert state(project, replace(Settings(), **change)) != state(project)


def test_platforms_matter(project):
    assert state(project, platforms=(LINUX_AMD64, LINUX_ARM64)) != state(project)
