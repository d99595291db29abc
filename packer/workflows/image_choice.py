"""Which image a command is about: one of the store by its name, or one in a layout or an archive."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from msgspec import Struct

from packer.attestation.inventory import Subject
from packer.errors import PlatformError, UsageError
from packer.oci.config import ImageConfig
from packer.oci.image import BaseImage, Image
from packer.oci.layer import Layer
from packer.oci.platform import LINUX_AMD64, Platform
from packer.oci.platform_images import PlatformImages
from packer.oci.reference import Reference
from packer.store.archive_base import read_archive
from packer.store.cache import BlobCache
from packer.store.finding import find_names
from packer.store.images import ImageStore
from packer.store.layers import DiskLayerCache
from packer.store.layout import read_layout
from packer.workflows.own_repository import complete_name, own_image, own_repository

__all__ = ["ChosenImage", "image_at", "image_in_store", "is_place", "stored_name"]

_LAYOUT, _ARCHIVE = "oci:", "archive:"


class ChosenImage(Struct, frozen=True, kw_only=True):
    """One image for one platform, with its layers in the cache."""

    subject: Subject
    layers: tuple[Layer, ...]

    @classmethod
    def built(cls, image: Image, name: str) -> ChosenImage:
        """An image of the store, or one that was just built."""
        config = ImageConfig.from_json(image.config)
        return cls(subject=Subject(name=name, digest=image.digest, config=config), layers=image.layers)

    @classmethod
    def read(cls, image: BaseImage) -> ChosenImage:
        """An image that was read from a layout or an archive."""
        subject = Subject(name=image.name, digest=image.digest, config=image.config)
        return cls(subject=subject, layers=image.layers)


def is_place(text: str) -> bool:
    """Whether a text names a layout or an archive on this machine, and no image of the store.

    >>> is_place("oci:build/image"), is_place("./shop.tar"), is_place("shop:1")
    (True, True, False)
    """
    return text.startswith((_LAYOUT, _ARCHIVE, "./", "../", "/"))


def stored_name(
    text: str | None, folder: Path, environment: Mapping[str, str], *, store: ImageStore, cache: BlobCache
) -> Reference:
    """The stored name that a user means: a name, `:tag`, or the first digits of a digest; without a text the project's.

    Raises `UsageError` when there is none, or the digits fit several images.
    """
    entries = store.list()
    if text is None:
        return own_image(entries, own_repository(folder, environment, cache)).reference
    return find_names(entries, complete_name(text, folder, environment, cache))[0].reference


def image_in_store(
    reference: Reference, platform: Platform | None, *, host: Platform | None, store: ImageStore
) -> Image:
    """The image of that name for a platform, this machine's if none is asked for.

    Raises:
        UsageError: there is no such image.
        PlatformError: there is none for the platform.
        BuildError: parts of it are gone from the cache.
    """
    images = store.get(reference)
    if images is None:
        raise UsageError(
            f"there is no image {reference.familiar} in the store",
            hint="build it first: pack build, or pull it: pack pull",
        )
    return _fitting(images, platform, host or LINUX_AMD64, reference)


def _fitting(images: PlatformImages, platform: Platform | None, host: Platform, reference: Reference) -> Image:
    image = images.best_for(platform or host)
    if platform is not None and not platform.runs(image.platform):
        there = ", ".join(sorted(str(one.platform) for one in images.images))
        raise PlatformError(
            f"{reference.familiar} is not for {platform}", hint=f"choose a platform that is there: {there}"
        )
    return image


def image_at(place: str, platform: Platform, cache: BlobCache) -> ChosenImage:
    """The image in a layout (`oci:DIR`, a folder) or an archive (`archive:FILE`, a file).

    Raises:
        UsageError: there is no such folder, file or image in it.
        ArchiveError: it is broken, or for another platform.
        TrustError: something in it does not have its digest.
    """
    if place.startswith(_LAYOUT) or (not place.startswith(_ARCHIVE) and Path(place).is_dir()):
        return ChosenImage.read(read_layout(place.removeprefix(_LAYOUT), platform=platform, cache=cache))
    path = place.removeprefix(_ARCHIVE)
    return ChosenImage.read(read_archive(path, platform=platform, cache=cache, layers=DiskLayerCache(cache)))
