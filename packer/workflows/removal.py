"""Removal: names out of the store, and blobs that nothing needs any more out of the cache."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from contextlib import suppress
from typing import Any

from msgspec import Struct

from packer.errors import TransientError
from packer.oci.digest import Digest
from packer.oci.reference import DEFAULT_TAG
from packer.store.cache import DiskCache
from packer.store.image_blobs import ImageBlobs
from packer.store.images import ImageStore, StoredImage
from packer.store.recorded import recorded_blobs

__all__ = ["Freed", "Removed", "names_to_prune", "remove_images"]

_SCHEMA = 1
_WAIT_SECONDS = 2.0
"""How long a removal waits for a build before it leaves the blobs to `pack cache prune`."""


class Freed(Struct, frozen=True, kw_only=True):
    """Bytes of blobs.

    Attributes:
        freed: of those that went.
        kept: of those that no image needs, and that records of the cache name: later builds are fast by them.
    """

    freed: int = 0
    kept: int = 0


class Removed(Struct, frozen=True, kw_only=True):
    """What a removal did, or would do.

    Attributes:
        names: that are gone.
        blobs: what that freed; None when another pack was at work, so that no blob could go.
    """

    names: tuple[StoredImage, ...]
    blobs: Freed | None

    def to_json(self, *, dry_run: bool) -> dict[str, Any]:
        """The document of `pack rmi --json`."""
        return {
            "schema": _SCHEMA,
            "dry_run": dry_run,
            "removed": [
                {"reference": str(entry.reference), "digest": str(entry.descriptor.digest)} for entry in self.names
            ],
            "freed": None if self.blobs is None else self.blobs.freed,
            "kept": None if self.blobs is None else self.blobs.kept,
        }


def names_to_prune(entries: Iterable[StoredImage], *, keep: int) -> tuple[StoredImage, ...]:
    """The names of all but the newest images of each repository, and the one that is `latest` there."""
    repositories: dict[str, list[StoredImage]] = defaultdict(list)
    for entry in entries:
        repositories[entry.reference.name].append(entry)
    gone: list[StoredImage] = []
    for names in repositories.values():
        ages = {entry.descriptor.digest: (entry.since, entry.created) for entry in names}
        newest = sorted(ages, key=lambda digest: (ages[digest], digest), reverse=True)[:keep]
        kept = {*newest, *(entry.descriptor.digest for entry in names if entry.reference.tag == DEFAULT_TAG)}
        gone += [entry for entry in names if entry.descriptor.digest not in kept]
    return tuple(gone)


def remove_images(
    names: Sequence[StoredImage], store: ImageStore, cache: DiskCache, *, recorded_too: bool, dry_run: bool
) -> Removed:
    """Forget names, and remove the blobs that no image needs then, with those of what stands beside it.

    Args:
        names: as the store lists them; one that has come to lead elsewhere meanwhile stays.
        store: the store.
        cache: its blobs.
        recorded_too: also blobs that are named by records of the cache, by which later builds are fast.
        dry_run: only say what would happen.

    Raises:
        BuildError: a store or the list of stores cannot be read, so nobody knows what other images need.
    """
    images = sum((store.blobs(name) for name in names), ImageBlobs()).sizes
    blobs = {**images, **_sizes(store.beside(images), cache)}
    if dry_run:
        _, freed = _disposable(blobs, store.needed(without=names), cache, recorded_too=recorded_too)
        return Removed(names=tuple(names), blobs=freed)
    forgotten = store.forget(names)
    with suppress(TransientError), cache.alone(timeout=_WAIT_SECONDS):
        gone, freed = _disposable(blobs, store.needed(), cache, recorded_too=recorded_too)
        for digest in gone:
            cache.discard(digest)
        return Removed(names=forgotten, blobs=freed)
    return Removed(names=forgotten, blobs=None)


def _sizes(digests: Iterable[Digest], cache: DiskCache) -> Mapping[Digest, int]:
    """Bytes of the blobs that are there."""
    found = {digest: cache.path(digest) for digest in digests}
    return {digest: path.stat().st_size for digest, path in found.items() if path is not None}


def _disposable(
    blobs: Mapping[Digest, int], needed: Collection[Digest], cache: DiskCache, *, recorded_too: bool
) -> tuple[frozenset[Digest], Freed]:
    """The blobs that may go, and what that frees."""
    unneeded = {digest: size for digest, size in blobs.items() if digest not in needed and cache.path(digest)}
    kept = frozenset[Digest]() if recorded_too else recorded_blobs(cache.root, unneeded)
    gone = frozenset(unneeded) - kept
    freed = Freed(freed=sum(unneeded[digest] for digest in gone), kept=sum(unneeded[digest] for digest in kept))
    return gone, freed
