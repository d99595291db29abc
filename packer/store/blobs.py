"""The blobs of images that are to be written somewhere."""

from __future__ import annotations

from pathlib import Path

from packer.errors import BuildError
from packer.oci.descriptor import Descriptor
from packer.store.cache import BlobCache

__all__ = ["stored_blob"]


def stored_blob(cache: BlobCache, descriptor: Descriptor) -> Path:
    """A layer's file in the cache. Raises `BuildError` when it is no longer there, or not whole."""
    path = cache.path(descriptor.digest)
    if path is None or path.stat().st_size != descriptor.size:
        raise BuildError(
            f"the layer {descriptor.digest.short} is no longer in the cache",
            where=str(cache.root),
            hint="build the image again: that makes what is missing",
        )
    return path
