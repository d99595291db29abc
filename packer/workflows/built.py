"""What a build gives."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

from packer.oci.image import Image

if TYPE_CHECKING:
    from packer.attestation.provenance import Origin
    from packer.project.model import Caution, EnvironmentVariable

__all__ = ["Boot", "Built"]


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
    """

    name: str
    images: tuple[Image, ...]
    created: int
    pinned: bool
    cautions: tuple[Caution, ...]
    changed: bool = False
    origins: tuple[Origin, ...] = ()
    boot: Boot | None = None
