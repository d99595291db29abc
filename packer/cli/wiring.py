"""Where ports meet adapters: the only module that knows both.

A build that changes nothing needs a cache and a store, so what is needed for more is imported where it is made.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from os import uname
from pathlib import Path
from typing import TYPE_CHECKING

from packer.oci.platform import Platform
from packer.store.cache import DiskCache, default_cache_root
from packer.store.images import ImageStore, default_store_root

if TYPE_CHECKING:
    from packer.build.workshop import Workshop
    from packer.oci.reference import Reference
    from packer.plan.settings import Settings
    from packer.registry.bases import RegistryBases
    from packer.registry.registries import Registries
    from packer.store.cache import BlobCache, LayerCache
    from packer.system.host_trust import HostTrust
    from packer.system.http import Exchange
    from packer.system.urllib_http import UrllibHttp

__all__ = [
    "blob_cache",
    "data_folder",
    "host_platform",
    "hurried_http",
    "image_store",
    "layer_cache",
    "own_settings",
    "project_references",
    "registries",
    "registry_named",
    "workshop",
]

_GLANCE_SECONDS = 1.5


def blob_cache(environment: Mapping[str, str]) -> DiskCache:
    """The cache on this machine."""
    return DiskCache(default_cache_root(environment.get("PACK_CACHE_DIR")))


def layer_cache(cache: BlobCache) -> LayerCache:
    """What makes layers on this machine."""
    from packer.store.layers import DiskLayerCache  # noqa: PLC0415

    return DiskLayerCache(cache)


def image_store(environment: Mapping[str, str], cache: BlobCache) -> ImageStore:
    """Pack's own image store on this machine."""
    return ImageStore(default_store_root(environment.get("PACK_DATA_DIR")), cache)


def data_folder(environment: Mapping[str, str]) -> Path:
    """Where pack keeps what it must not lose."""
    return default_store_root(environment.get("PACK_DATA_DIR"))


def host_platform() -> Platform | None:
    """The platform whose programs this machine runs; None where Linux programs do not run."""
    return Platform.parse(f"linux/{uname().machine}") if sys.platform == "linux" else None


def workshop(
    environment: Mapping[str, str],
    cache: BlobCache,
    *,
    settings: Settings,
    offline: bool,
    note: Callable[[str], None],
) -> Workshop:
    """What a build works with on this machine."""
    from datetime import datetime, timezone  # noqa: PLC0415

    from packer.build.workshop import Workshop  # noqa: PLC0415
    from packer.debian.mirrors import find_mirrors, machine_sources  # noqa: PLC0415
    from packer.store.layers import DiskLayerCache  # noqa: PLC0415
    from packer.system.no_network import NoNetwork  # noqa: PLC0415
    from packer.system.urllib_http import UrllibHttp  # noqa: PLC0415
    from packer.wheels.uv import Uv  # noqa: PLC0415

    now = datetime.now(timezone.utc)

    @lru_cache(maxsize=1)
    def bases() -> RegistryBases:
        from packer.registry.bases import RegistryBases  # noqa: PLC0415 - few builds need it
        from packer.registry.watch import Unwatched  # noqa: PLC0415

        reached = registries(environment, settings, note=note, offline=offline)
        return RegistryBases(reached, cache, watch=Unwatched(), now=now)

    debian = settings.debian
    return Workshop(
        http=NoNetwork() if offline else UrllibHttp(environment),
        cache=cache,
        layers=DiskLayerCache(cache),
        uv=Uv.of_user(environment, offline=offline, cache=cache),
        mirrors=find_mirrors(
            debian.mirror, machine_sources(), security_setting=debian.security_mirror, snapshot_setting=debian.snapshot
        ),
        host=host_platform(),
        now=now,
        offline=offline,
        bases=bases,
        search_path=environment.get("PATH", ""),
    )


def registries(
    environment: Mapping[str, str],
    settings: Settings,
    *,
    insecure: Sequence[str] | None = None,
    note: Callable[[str], None],
    offline: bool = False,
    hurried: bool = False,
) -> Registries:
    """The registries that this machine's network and the user's credentials reach; none when `offline`.

    Args:
        environment: the user's.
        settings: the project's.
        insecure: those that the command line names beside the settings.
        note: tells the user of pauses and mirrors that fail.
        offline: refuse whatever is not on this machine.
        hurried: ask once, and wait no longer than somebody who only looks.
    """
    from packer.registry.keychain import UserKeychain  # noqa: PLC0415
    from packer.registry.patience import Patience  # noqa: PLC0415
    from packer.registry.registries import Registries  # noqa: PLC0415
    from packer.system.host_trust import HostTrust  # noqa: PLC0415
    from packer.system.http import RetryPolicy  # noqa: PLC0415
    from packer.system.no_network import NoNetwork  # noqa: PLC0415
    from packer.system.urllib_http import UrllibHttp  # noqa: PLC0415

    home = Path(environment.get("HOME", "/"))
    folders = (Path("/etc/docker/certs.d"), Path("/etc/containers/certs.d"), home / ".docker" / "certs.d")
    named = frozenset(map(registry_named, (*settings.insecure_registries, *(insecure or ()))))
    trust = HostTrust(folders=folders, unverified=named)
    exchange: Exchange
    if offline:
        exchange = NoNetwork()
    elif hurried:
        exchange = hurried_http(environment, trust)
    else:
        exchange = UrllibHttp(environment, trust=trust)
    return Registries(
        exchange,
        UserKeychain(environment, note),
        insecure=named,
        note=note,
        mirrors={registry_named(name): texts for name, texts in settings.registry_mirrors},
        patience=Patience(policy=RetryPolicy(attempts=1, unreachable_attempts=1)) if hurried else None,
    )


def hurried_http(environment: Mapping[str, str], trust: HostTrust | None = None) -> UrllibHttp:
    """A network for whoever only looks whether something is there."""
    from packer.system.urllib_http import UrllibHttp  # noqa: PLC0415

    return UrllibHttp(environment, connect_timeout=_GLANCE_SECONDS, read_timeout=_GLANCE_SECONDS, trust=trust)


def own_settings(environment: Mapping[str, str]) -> Settings:
    """The settings of the project in this folder, for commands that work without one, too."""
    from packer.system.configuration import load_settings  # noqa: PLC0415

    return load_settings(Path(), environment, flags={})


def registry_named(text: str) -> str:
    """A registry as references name it: people write it with a scheme, or by one of Docker Hub's other names."""
    from packer.oci.reference import Reference  # noqa: PLC0415

    host = text.partition("://")[2] or text
    return Reference.parse(f"{host.split('/', 1)[0]}/any").registry


def project_references(store: ImageStore, environment: Mapping[str, str]) -> list[Reference]:
    """The names of this folder's project's current image, `latest` last. Raises `UsageError` when there is none."""
    from packer.oci.reference import DEFAULT_TAG  # noqa: PLC0415
    from packer.workflows.own_repository import own_image, own_repository  # noqa: PLC0415

    repository = own_repository(Path(), environment, blob_cache(environment))
    entries = store.list()
    digest = own_image(entries, repository).descriptor.digest
    found = [one.reference for one in entries if (one.reference.name, one.descriptor.digest) == (repository, digest)]
    return sorted(found, key=lambda reference: reference.tag == DEFAULT_TAG)
