"""What a build gives."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

from packer.oci.image import Image

if TYPE_CHECKING:
    from packer.attestation.provenance import Origin
    from packer.build.groundwork import Groundwork
    from packer.plan.model import Runtime
    from packer.project.model import Caution, EnvironmentVariable, Project
    from packer.system.source_files import SourceListing

__all__ = ["Boot", "Built", "boot_of", "left_out"]


class Boot(Struct, frozen=True, kw_only=True):
    """What it takes to see whether the image boots: where to ask, and which variables the app reads."""

    port: int
    path: str | None
    variables: tuple[EnvironmentVariable, ...]


class Built(Struct, frozen=True, kw_only=True):
    """What was built.

    Attributes:
        name: the project's.
        images: one for each platform.
        created: when they count as made, seconds since the epoch.
        pinned: a `pack.lock` decided, so that the same comes out tomorrow.
        cautions: what may surprise.
        changed: the source is not as in its commit.
        origins: where each image comes from, in the order of the images; none for a build that was remembered.
        boot: how to check them; None for a build that was remembered.
        groundworks: what the images stand on, in their order, where that can serve another build; else none.
    """

    name: str
    images: tuple[Image, ...]
    created: int
    pinned: bool
    cautions: tuple[Caution, ...]
    changed: bool = False
    origins: tuple[Origin, ...] = ()
    boot: Boot | None = None
    groundworks: tuple[Groundwork, ...] = ()


def boot_of(runtime: Runtime, project: Project) -> Boot:
    """How to see whether images of a project boot."""
    return Boot(port=runtime.port, path=runtime.health.path, variables=project.environment)


def left_out(sources: SourceListing) -> tuple[Caution, ...]:
    """What to say of files that people may miss in the image."""
    from packer.project.model import Caution  # noqa: PLC0415 - slow to import, and a remembered build says nothing

    return tuple(Caution(what=f"{path} is not in the image: {reason}") for path, reason in sources.left_out)
