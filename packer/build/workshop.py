"""The parts of this machine that a build works with."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING

from msgspec import Struct

from packer.debian.mirrors import Mirrors
from packer.errors import RegistryError
from packer.oci.platform import Platform
from packer.store.cache import BlobCache
from packer.store.layers import DiskLayerCache
from packer.system.http import Http
from packer.wheels.uv import Uv

if TYPE_CHECKING:
    from packer.registry.bases import RegistryBases

__all__ = ["Workshop"]


def _no_registries() -> RegistryBases:
    raise RegistryError("no registry can be reached from here")


class Workshop(Struct, frozen=True, kw_only=True):
    """What a build works with; `packer.cli.wiring` equips it.

    Attributes:
        http: the network; one that refuses every request when the user wants none.
        cache: blobs and records.
        layers: turns recipes and uncompressed archives into layers.
        uv: the resolver.
        mirrors: of the Debian archives.
        host: the platform whose programs this machine runs; None where Linux programs do not run.
        now: the present, with a time zone; decides only whether signed metadata has expired and what is stale.
        offline: nothing may be fetched, so nothing is looked for.
        bases: images in registries.
        lazy: a layer that the registry has, to which the image goes, need not be here.
        search_path: the `PATH` to find commands on.
    """

    http: Http
    cache: BlobCache
    layers: DiskLayerCache
    uv: Uv
    mirrors: Mirrors
    host: Platform | None
    now: datetime
    offline: bool = False
    bases: Callable[[], RegistryBases] = _no_registries
    lazy: bool = False
    search_path: str = ""
