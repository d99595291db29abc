"""Handing an image to an engine, and sending only what the engine lacks where it can say so."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from typing import Any

from packer.engine.connection import Engine, engine_errors
from packer.errors import EngineError
from packer.oci.digest import Digest
from packer.oci.image import Image
from packer.oci.platform import Platform
from packer.oci.platform_images import PlatformImages
from packer.oci.reference import Reference
from packer.store.archive import archive_chunks
from packer.store.cache import BlobCache

__all__ = ["load_images"]


def load_images(
    engine: Engine, images: PlatformImages, names: Sequence[Reference], cache: BlobCache, *, host: Platform
) -> bool:
    """Make an image be in the engine under all its names.

    An image that is there already gets its names only. Docker's classic store looks up each layer by what lies under it
    before it reads it, so the layers that an earlier image of the name has at its bottom need not be sent.

    Returns: whether anything was sent.

    Raises:
        BuildError: a layer is gone from the cache.
        EngineError: the engine refuses.
    """
    image = images.best_for(host)
    present = [found for found in (_inspected(engine, str(name.tagged)) for name in names) if found]
    for found in present:
        if found["Id"] in (str(image.config_descriptor.digest), str(image.digest), str(images.digest)):
            _name(engine, found["Id"], names)
            return False
    omitted = max((_shared(image, found) for found in present), key=len, default=frozenset())
    if omitted:
        with suppress(EngineError):  # a store that does want all of it
            engine.load(archive_chunks(images, names, cache, host=host, omitted=omitted))
            return True
    engine.load(archive_chunks(images, names, cache, host=host))
    return True


def _inspected(engine: Engine, name: str) -> dict[str, Any] | None:
    with suppress(EngineError), engine_errors("there is no such image", engine.endpoint):
        found: dict[str, Any] = engine.client.inspect_image(name)
        return found
    return None


def _name(engine: Engine, identifier: str, names: Sequence[Reference]) -> None:
    for name in names:
        with engine_errors(f"the engine does not take the name {name.familiar}", engine.endpoint):
            engine.client.tag(identifier, name.name, name.tagged.tag, force=True)


def _shared(image: Image, found: dict[str, Any]) -> frozenset[Digest]:
    """The blobs of the layers that both have at their bottom."""
    theirs = (found.get("RootFS") or {}).get("Layers") or []
    shared = set()
    for layer, diff_id in zip(image.layers, theirs, strict=False):
        if str(layer.diff_id) != diff_id:
            break
        shared.add(layer.descriptor.digest)
    return frozenset(shared)
