"""Pull: images from registries into the store."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from packer.oci.config import ImageConfig
from packer.oci.platform import Platform
from packer.oci.platform_images import PlatformImages
from packer.oci.reference import Reference
from packer.registry.pull import pull
from packer.registry.registries import Registries
from packer.registry.repository import Repository
from packer.registry.watch import Watch
from packer.store.cache import BlobCache
from packer.store.images import ImageStore

__all__ = ["pull_image"]


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


def _seconds(created: str | None) -> int:
    """A config's time in seconds since the epoch; 0 where it says none that can be read."""
    try:
        return int(datetime.fromisoformat((created or "").replace("Z", "+00:00")).timestamp())
    except ValueError:
        return 0
