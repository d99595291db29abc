"""Images in registries as bases: described by their manifests, and fetched only as far as somebody reads them."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

from msgspec import DecodeError, Struct, json

from packer.oci.config import ImageConfig
from packer.oci.descriptor import Descriptor
from packer.oci.digest import Digest
from packer.oci.image import BaseImage
from packer.oci.platform import Platform
from packer.oci.reference import Reference
from packer.registry.pull import fetch_blob, find_image
from packer.registry.registries import Registries
from packer.registry.repository import Repository
from packer.registry.watch import Watch
from packer.store.blobs import whole_blob
from packer.store.cache import BlobCache

__all__ = ["RegistryBases"]

_FRESH = timedelta(hours=24)
"""How long a tag that no lock pins is taken to lead to what it led to."""
_RECORD = "registry-base"
_WORKERS = 4


class _Known(Struct, frozen=True):
    digest: str
    time: datetime


class _Home(Struct, frozen=True):
    """Where a layer is from: the base's name, the repository that described it, maybe a mirror's, and the layer."""

    reference: Reference
    place: Reference
    descriptor: Descriptor


class RegistryBases:
    """Bases of one run. Safe for several threads.

    Args:
        registries: how to reach them.
        cache: takes manifests, configs, and the layers that are fetched.
        watch: is told of every layer.
        now: the present, with a time zone.
    """

    def __init__(self, registries: Registries, cache: BlobCache, *, watch: Watch, now: datetime) -> None:
        self._registries = registries
        self._cache = cache
        self._watch = watch
        self._now = now
        self._homes: dict[Digest, _Home] = {}
        self._lock = threading.Lock()

    def image(
        self, reference: Reference, platform: Platform, *, pinned: Digest | None = None, refresh: bool = False
    ) -> BaseImage:
        """The base behind a reference, without its layers.

        Args:
            reference: its name; a digest in it wins over everything.
            platform: whose image.
            pinned: the manifest that a lock names.
            refresh: ask the registry although the answer of the last day is known.

        Raises:
            RegistryError: there is no such image, or we may not have it.
            TransientError: the registry does not answer.
            TrustError, ArchiveError: it is broken, or for other platforms.
        """
        stated = reference.digest or pinned
        wanted = stated or (None if refresh else self._remembered(reference, platform))
        asked = str(wanted) if wanted else reference.tagged.tag or ""
        place, image = self._registries.read(
            reference, lambda one: (_name_of(one), find_image(one, asked, platform, self._cache))
        )
        if stated is None and wanted is None:
            self._remember(reference, platform, image.digest)
        with self._lock:
            for layer in image.layers:
                self._homes[layer.descriptor.digest] = _Home(reference, place, layer.descriptor)
        return BaseImage(
            config=ImageConfig.from_json(image.config), layers=image.layers, digest=image.digest, name=str(reference)
        )

    def home(self, digest: Digest) -> Reference | None:
        """The repository that has a layer of a base; None for other layers."""
        home = self._homes.get(digest)
        return home.place if home is not None else None

    def bring(self, descriptors: list[Descriptor]) -> None:
        """Have layers of the bases in the cache; others are left alone.

        A mirror that gave the manifest and fails now is passed over, too. Raises as `fetch_blob`.
        """
        missing = [self._homes[one.digest] for one in descriptors if self._is_missing(one)]
        if not missing:
            return
        with ThreadPoolExecutor(_WORKERS, thread_name_prefix="base") as threads:
            list(threads.map(self._fetch, missing))

    def _fetch(self, home: _Home) -> None:
        def once(repository: Repository) -> None:
            fetch_blob(repository, home.descriptor, self._cache, watch=self._watch)

        self._registries.read(home.reference, once, first=home.place)

    def _is_missing(self, descriptor: Descriptor) -> bool:
        return descriptor.digest in self._homes and whole_blob(self._cache, descriptor) is None

    def _remembered(self, reference: Reference, platform: Platform) -> Digest | None:
        record = self._cache.record(_RECORD, _key(reference, platform))
        try:
            known = json.decode(record, type=_Known) if record else None
            if known is None or not timedelta() <= self._now - known.time < _FRESH:
                return None
            return Digest.parse(known.digest)
        except (DecodeError, TypeError, ValueError):
            return None

    def _remember(self, reference: Reference, platform: Platform, digest: Digest) -> None:
        known = _Known(str(digest), self._now)
        self._cache.put_record(_RECORD, _key(reference, platform), json.encode(known))


def _name_of(repository: Repository) -> Reference:
    return Reference(registry=repository.session.endpoint.registry, repository=repository.name)


def _key(reference: Reference, platform: Platform) -> str:
    return Digest.of(f"{reference.tagged} {platform}".encode()).hex
