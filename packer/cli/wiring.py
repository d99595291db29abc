"""Where ports meet adapters: the only module that knows both."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from contextlib import AbstractContextManager
from datetime import datetime, timezone
from os import uname
from pathlib import Path

from packer.build.workshop import Workshop
from packer.debian.mirrors import find_mirrors, machine_sources
from packer.errors import TransientError
from packer.oci.platform import Platform
from packer.plan.settings import Settings
from packer.store.cache import BlobCache, DiskCache, default_cache_root
from packer.store.images import ImageStore, default_store_root
from packer.store.layers import DiskLayerCache
from packer.system.http import Http, Response, UrllibHttp
from packer.wheels.uv import Uv

__all__ = ["host_platform", "image_store", "workshop"]


def workshop(environment: Mapping[str, str], *, settings: Settings, offline: bool) -> Workshop:
    """What a build works with on this machine."""
    cache = DiskCache(default_cache_root(environment.get("PACK_CACHE_DIR")))
    debian = settings.debian
    return Workshop(
        http=_NoNetwork() if offline else UrllibHttp(environment),
        cache=cache,
        layers=DiskLayerCache(cache),
        uv=Uv.of_user(environment, offline=offline),
        mirrors=find_mirrors(
            debian.mirror, machine_sources(), security_setting=debian.security_mirror, snapshot_setting=debian.snapshot
        ),
        host=host_platform(),
        now=datetime.now(timezone.utc),
        offline=offline,
    )


def image_store(environment: Mapping[str, str], cache: BlobCache) -> ImageStore:
    """Pack's own image store on this machine."""
    return ImageStore(default_store_root(environment.get("PACK_DATA_DIR")), cache)


def host_platform() -> Platform | None:
    """The platform whose programs this machine runs; None where Linux programs do not run."""
    return Platform.parse(f"linux/{uname().machine}") if sys.platform == "linux" else None


class _NoNetwork(Http):
    """The network for `--offline`: it refuses and says what was wanted."""

    def get(self, url: str, *, headers: Mapping[str, str] | None = None) -> AbstractContextManager[Response]:
        if url.startswith("file:"):
            return UrllibHttp({}).get(url, headers=headers)
        raise TransientError(
            f"{Path(url.partition('?')[0]).name} is not in the cache, and --offline forbids fetching it",
            hint="build once without --offline",
        )
