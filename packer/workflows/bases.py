"""The base that the settings name, where it is an image, and whether it is the one that is pinned."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from typing import TypeGuard

from packer.build.foundation import Foundation
from packer.build.lockfile import ImagePin, PackLock
from packer.build.settle import Settled
from packer.build.workshop import Workshop
from packer.errors import PlatformError
from packer.oci.image import BaseImage
from packer.oci.platform import Platform
from packer.oci.reference import Reference

__all__ = ["base_departure", "given_base", "pin_given_base"]

_SCHEMES = ("oci:", "archive:")
_ASSEMBLED = "debian"


def given_base(
    wish: str | None,
    platform: Platform,
    *,
    python: str | None = None,
    lock: PackLock | None = None,
    refresh: bool = False,
    workshop: Workshop,
) -> Foundation | None:
    """The foundation for a base that is an image; None for Debian packages.

    Args:
        wish: the setting `base`.
        platform: what to build for.
        python: X.Y that is asked for; None for the newest that the base has.
        lock: says which image of a registry it is.
        refresh: ask the registry although it was asked today.
        workshop: what to work with.

    Raises:
        UsageError: there is no such image.
        BuildError: the image is broken, lacks the Python, or is for another platform.
        RegistryError, TransientError: the registry does not give it.
    """
    if not _is_given(wish):
        return None
    from packer.build.image_foundation.foundation import image_foundation  # noqa: PLC0415 - few builds need it

    image = _image(wish, platform, lock=None if refresh else lock, refresh=refresh, workshop=workshop)
    bring = None
    if not wish.startswith(_SCHEMES):
        bring = partial(workshop.bases().bring, [layer.descriptor for layer in image.layers])
        if not workshop.lazy:
            bring()
    return image_foundation(
        image,
        platform,
        python=python,
        cache=workshop.cache,
        host=workshop.host,
        where=wish,
        bring=bring,
    )


def pin_given_base(
    wish: str | None, platforms: Iterable[Platform], *, every: bool, workshop: Workshop
) -> tuple[ImagePin, ...]:
    """The image that is the base on each platform, in order of platform; none where no image is named.

    Args:
        wish: the setting `base`.
        platforms: what to pin it for.
        every: a platform that the base is not for is an error; it is left out otherwise, unless there is no other.
        workshop: what to work with.

    Raises:
        UsageError: there is no such image.
        ArchiveError: it is broken, or not for a platform.
        RegistryError, TransientError: the registry does not give it.
    """
    if not _is_given(wish):
        return ()

    def pin(platform: Platform) -> ImagePin | PlatformError:
        try:
            image = _image(wish, platform, lock=None, refresh=True, workshop=workshop)
        except PlatformError as error:
            return error
        return ImagePin(platform=str(platform), name=image.name, digest=image.digest)

    found = [pin(platform) for platform in platforms]
    pins = sorted(one for one in found if isinstance(one, ImagePin))
    refusals = [one for one in found if isinstance(one, PlatformError)]
    if refusals and (every or not pins):
        raise refusals[0]
    return tuple(pins)


def _image(wish: str, platform: Platform, *, lock: PackLock | None, refresh: bool, workshop: Workshop) -> BaseImage:
    from packer.build.image_foundation.foundation import base_image  # noqa: PLC0415 - few builds need it

    if wish.startswith(_SCHEMES):
        return base_image(wish, platform, cache=workshop.cache, layers=workshop.layers)
    reference = Reference.parse(wish)
    pin = lock.image(platform) if lock else None
    pinned = pin.digest if pin and pin.name == str(reference) else None
    return workshop.bases().image(reference, platform, pinned=pinned, refresh=refresh)


def base_departure(lock: PackLock, settled: Settled, platform: Platform) -> str | None:
    """How the base differs from the one that is pinned, as a sentence; None where it is the same."""
    image, pin = settled.foundation.image, lock.image(platform)
    if image is None:
        same = settled.base == lock.base(platform.architecture)
        return None if same else f"pack.lock does not hold the base for {platform}"
    if pin is None:
        return f"pack.lock does not hold the base {image.name} for {platform}"
    if pin.digest != image.digest:
        found = f"the base {image.name} for {platform} is {image.digest}"
        return f"{found}, and pack.lock holds {pin.name} with {pin.digest}"
    return None


def _is_given(wish: str | None) -> TypeGuard[str]:
    return wish is not None and wish != _ASSEMBLED
