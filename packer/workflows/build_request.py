"""What to build."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from msgspec import Struct

from packer.oci.platform import Platform
from packer.plan.settings import Settings
from packer.workflows.provenance import Provenance

__all__ = ["BuildRequest", "Role"]

Role = Literal["app", "web"]


class BuildRequest(Struct, frozen=True, kw_only=True):
    """What to build.

    Attributes:
        folder: the project.
        settings: wishes, from files, environment and flags.
        platforms: what the image is for, at least one.
        provenance: commit and time, for the labels.
        frozen: fail where a lock is missing or would change.
        refresh: look for newer packages.
        role: which image of the project: the app's, or the web server's.
    """

    folder: Path
    settings: Settings
    platforms: tuple[Platform, ...]
    provenance: Provenance
    frozen: bool = False
    refresh: bool = False
    role: Role = "app"
