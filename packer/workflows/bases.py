"""The base that the settings name, where it is an image on this machine."""

from __future__ import annotations

from packer.build.foundation import Foundation
from packer.build.workshop import Workshop
from packer.oci.platform import Platform

__all__ = ["given_base"]


def given_base(
    wish: str | None, platform: Platform, *, python: str | None = None, workshop: Workshop
) -> Foundation | None:
    """The foundation for `oci:DIR` and `archive:FILE`; None for Debian packages and for registry references.

    Args:
        wish: the setting `base`.
        platform: what to build for.
        python: X.Y that is asked for; None for the newest that the base has.
        workshop: what to work with.

    Raises:
        UsageError: there is no such image.
        BuildError: the image is broken, lacks the Python, or is for another platform.
    """
    if not wish or not wish.startswith(("oci:", "archive:")):
        return None
    from packer.build.image_foundation.foundation import image_foundation  # noqa: PLC0415 - few builds need it

    return image_foundation(
        wish, platform, python=python, cache=workshop.cache, layers=workshop.layers, host=workshop.host
    )
