"""The image that `pack run` runs: of pack's store, of the engine, or of a registry; in the engine in the end."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from pathlib import Path

from msgspec import Struct

from packer.engine.built_images import has_image
from packer.engine.connection import Engine
from packer.engine.loading import load_images
from packer.errors import BuildError, UsageError
from packer.oci.platform import LINUX_AMD64, Platform
from packer.oci.platform_images import PlatformImages
from packer.oci.reference import Reference
from packer.store.cache import BlobCache
from packer.store.finding import find_names
from packer.store.images import ImageStore, StoredImage
from packer.workflows.own_repository import complete_name, own_image, own_repository

__all__ = ["ImageSources", "RunImage", "image_to_run"]


class RunImage(Struct, frozen=True, kw_only=True):
    """An image that the engine has.

    Attributes:
        id: what to start.
        name: what people call it.
    """

    id: str
    name: str


class ImageSources(Struct, frozen=True, kw_only=True):
    """Where an image may come from, beside the engine.

    Attributes:
        folder: the project's.
        environment: the process's.
        store: pack's.
        cache: has its blobs.
        host: this machine's platform.
        fetch: pulls from a registry into the store.
        loading: shows that an image is handed to the engine.
    """

    folder: Path
    environment: Mapping[str, str]
    store: ImageStore
    cache: BlobCache
    host: Platform | None
    fetch: Callable[[Reference], PlatformImages]
    loading: Callable[[str], AbstractContextManager[None]]


def image_to_run(engine: Engine, text: str | None, sources: ImageSources, *, pull: bool) -> RunImage:
    """The image, loaded when the engine lacks it.

    Args:
        engine: will run it.
        text: a name, `:tag`, or the first digits of a digest; None for the project's own latest.
        sources: where it may come from.
        pull: ask the registry, whatever is here.

    Raises:
        UsageError: there is no such image, or the text is no name.
        EngineError: the engine does not take it.
        RegistryError: the registry does not give it.
    """
    entries = sources.store.list()
    if text is None:
        repository = own_repository(sources.folder, sources.environment, sources.cache)
        return _stored(engine, own_image(entries, repository), sources)
    complete = complete_name(text, sources.folder, sources.environment, sources.cache)
    stored = None if pull else _find(entries, complete)
    if stored is not None:
        return _stored(engine, stored, sources)
    found = None if pull else has_image(engine, complete)
    if found is not None:
        return RunImage(id=found, name=complete)
    reference = Reference.parse(complete)
    images = sources.fetch(reference)
    return _loaded(engine, images, reference.tagged, sources)


def _find(entries: tuple[StoredImage, ...], text: str) -> StoredImage | None:
    try:
        return find_names(entries, text)[0]
    except UsageError:
        return None


def _stored(engine: Engine, entry: StoredImage, sources: ImageSources) -> RunImage:
    images = sources.store.get(entry.reference)
    if images is None:
        raise BuildError(f"{entry.reference.familiar} was removed meanwhile", hint="build or pull it again")
    return _loaded(engine, images, entry.reference, sources)


def _loaded(engine: Engine, images: PlatformImages, reference: Reference, sources: ImageSources) -> RunImage:
    with sources.loading(reference.familiar):
        load_images(engine, images, (reference,), sources.cache, host=sources.host or LINUX_AMD64)
    return RunImage(id=reference.familiar, name=reference.familiar)
