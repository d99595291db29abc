"""Pull: images from registries into the store."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path

from packer.oci.config import ImageConfig
from packer.oci.platform import LINUX_AMD64, Platform
from packer.oci.platform_images import PlatformImages
from packer.oci.reference import Reference
from packer.registry.pull import pull
from packer.registry.registries import Registries
from packer.registry.repository import Repository
from packer.registry.watch import Watch
from packer.store.archive import archive_chunks
from packer.store.cache import BlobCache
from packer.store.images import ImageStore

__all__ = ["load_pulled", "pull_image"]


def pull_image(
    reference: Reference,
    platforms: Sequence[Platform],
    *,
    store: ImageStore,
    cache: BlobCache,
    registries: Registries,
    watch: Watch,
) -> PlatformImages:
    """The image behind a reference, in the store under its name, one for each platform.

    Mirrors are asked first. Raises as `packer.registry.pull.pull`.
    """
    wanted = str(reference.digest) if reference.digest else reference.tagged.tag or ""

    def all_from(repository: Repository) -> PlatformImages:
        return PlatformImages(tuple(pull(repository, wanted, one, cache, watch=watch) for one in platforms))

    images = registries.read(reference, all_from)
    created = max(_seconds(ImageConfig.from_json(image.config).created) for image in images.images)
    store.add(images, [reference], created=created)
    return images


def load_pulled(
    images: PlatformImages,
    reference: Reference,
    *,
    cache: BlobCache,
    environment: Mapping[str, str],
    host: Platform | None,
) -> None:
    """Hand pulled images to the engine, under their name. Raises `EngineError`."""
    from packer.engine.connection import connect  # noqa: PLC0415 - the docker SDK is slow to import

    with connect(environment, Path.home()) as engine:
        engine.load(archive_chunks(images, (reference.tagged,), cache, host=host or LINUX_AMD64))


def _seconds(created: str | None) -> int:
    """A config's time in seconds since the epoch; 0 where it says none that can be read."""
    try:
        return int(datetime.fromisoformat((created or "").replace("Z", "+00:00")).timestamp())
    except ValueError:
        return 0
