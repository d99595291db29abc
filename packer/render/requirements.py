"""Requirements files with hashes: what pack pins, as pip installs it."""

from __future__ import annotations

from msgspec.structs import asdict

from packer.plan.installation import Installation
from packer.render.places import PINNED, REPOSITORIES
from packer.render.rendered import RenderedFile
from packer.render.templates import rendered_file

__all__ = ["render_requirements"]


def render_requirements(installation: Installation) -> tuple[RenderedFile, ...]:
    """The files that the installation needs: one with hashes, one for repositories, or neither."""
    files = []
    pinned = sorted(installation.pinned, key=lambda one: one.name)
    for path, template, chosen in (
        (PINNED, "requirements.txt.j2", [one for one in pinned if not one.is_repository]),
        (REPOSITORIES, "requirements-git.txt.j2", [one for one in pinned if one.is_repository]),
    ):
        if chosen:
            values = {"tool": installation.tool, "pinned": tuple(map(asdict, chosen))}
            files.append(rendered_file(path, template=f"dockerfile/{template}", values=values))
    return tuple(files)
