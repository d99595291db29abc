"""Where ports meet adapters: the only module that knows both.

A build that changes nothing needs a cache and a store, so what is needed for more is imported where it is made.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from os import uname
from typing import TYPE_CHECKING

from packer.oci.platform import Platform
from packer.store.cache import DiskCache, default_cache_root
from packer.store.images import ImageStore, default_store_root

if TYPE_CHECKING:
    from packer.build.workshop import Workshop
    from packer.plan.settings import Settings
    from packer.store.cache import BlobCache

__all__ = ["blob_cache", "host_platform", "image_store", "workshop"]


def blob_cache(environment: Mapping[str, str]) -> DiskCache:
    """The cache on this machine."""
    return DiskCache(default_cache_root(environment.get("PACK_CACHE_DIR")))


def image_store(environment: Mapping[str, str], cache: BlobCache) -> ImageStore:
    """Pack's own image store on this machine."""
    return ImageStore(default_store_root(environment.get("PACK_DATA_DIR")), cache)


def host_platform() -> Platform | None:
    """The platform whose programs this machine runs; None where Linux programs do not run."""
    return Platform.parse(f"linux/{uname().machine}") if sys.platform == "linux" else None


def workshop(environment: Mapping[str, str], cache: BlobCache, *, settings: Settings, offline: bool) -> Workshop:
    """What a build works with on this machine."""
    from datetime import datetime, timezone  # noqa: PLC0415

    from packer.build.workshop import Workshop  # noqa: PLC0415
    from packer.debian.mirrors import find_mirrors, machine_sources  # noqa: PLC0415
    from packer.store.layers import DiskLayerCache  # noqa: PLC0415
    from packer.system.http import UrllibHttp  # noqa: PLC0415
    from packer.system.no_network import NoNetwork  # noqa: PLC0415
    from packer.wheels.uv import Uv  # noqa: PLC0415

    debian = settings.debian
    return Workshop(
        http=NoNetwork() if offline else UrllibHttp(environment),
        cache=cache,
        layers=DiskLayerCache(cache),
        uv=Uv.of_user(environment, offline=offline),
        mirrors=find_mirrors(
            debian.mirror, machine_sources(), security_setting=debian.security_mirror, snapshot_setting=debian.snapshot
        ),
        host=host_platform(),
        now=datetime.now(timezone.utc),
        offline=offline,
        search_path=environment.get("PATH", ""),
    )
