"""Blobs of images in the cache: there and whole, or not."""

from __future__ import annotations

from pathlib import Path

from packer.errors import BuildError
from packer.oci.descriptor import Descriptor
from packer.store.cache import BlobCache

__all__ = ["stored_blob", "whole_blob"]


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
