"""Blobs of images in the cache: there and whole, or not."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from packer.errors import BuildError, TrustError
from packer.oci.descriptor import Descriptor
from packer.oci.digest import Digest
from packer.store.cache import BlobCache

__all__ = ["stored_blob", "verified_blobs", "whole_blob"]


def whole_blob(cache: BlobCache, descriptor: Descriptor) -> Path | None:
    """The blob's file, if it is there with the size it must have."""
    path = cache.path(descriptor.digest)
    try:
        return path if path is not None and path.stat().st_size == descriptor.size else None
    except OSError:
        return None


def stored_blob(cache: BlobCache, descriptor: Descriptor) -> Path:
    """The blob's file. Raises `BuildError` when it is no longer in the cache, or not whole."""
    path = whole_blob(cache, descriptor)
    if path is None:
        raise BuildError(
            f"the layer {descriptor.digest.short} is no longer in the cache",
            where=str(cache.root),
            hint="build the image again: that makes what is missing",
        )
    return path


def verified_blobs(cache: BlobCache, descriptors: Iterable[Descriptor]) -> dict[Digest, Path]:
    """The blobs' files, read and found good: for what leaves pack.

    Raises as `stored_blob`, and `TrustError` for damaged ones, which are removed, so that the next build makes them.
    """
    paths = {descriptor.digest: stored_blob(cache, descriptor) for descriptor in descriptors}
    damaged = [digest for digest in paths if not cache.verify(digest)]
    if damaged:
        raise TrustError(
            f"damaged in the cache, and removed from it: layer {', '.join(digest.short for digest in damaged)}",
            where=str(cache.root),
            hint="build the image again: that makes what is missing",
        )
    return paths
