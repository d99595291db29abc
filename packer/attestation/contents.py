"""Taking the inventory of an image: from its layers alone, so that it holds for any image, whoever built it."""

from __future__ import annotations

from packer.attestation.debian_packages import debian_packages, operating_system
from packer.attestation.distributions import METADATA, distributions
from packer.attestation.inventory import Inventory
from packer.errors import ArchiveError
from packer.oci.layer import Layer
from packer.project.model import Caution
from packer.regex import regex
from packer.store.cache import BlobCache
from packer.store.image_files import ImageFiles

__all__ = ["take_inventory"]

_LARGEST_STATUS = 64 << 20
_LARGEST_METADATA = 4 << 20
_LARGEST_COPYRIGHT = 1 << 20
"""A larger one is still pointed to, but not read for the names of licences."""
_STATUS = regex(r"var/lib/dpkg/status(?:\.d/[^/]+)?")
_BESIDE = regex(r"(?:.*/)?(?:[^/]+\.dist-info/direct_url\.json|pyvenv\.cfg)|(?:etc|usr/lib)/os-release")
_COPYRIGHT = regex(r"usr/share/doc/[^/]+/copyright")


def take_inventory(layers: tuple[Layer, ...], cache: BlobCache) -> Inventory:
    """What the layers hold together, bottom first.

    Raises:
        ArchiveError: a layer is broken, or its metadata is larger than any that means well.
        TrustError: a layer does not have its diff ID.
        BuildError: a layer is gone from the cache, or the disk is full.
    """
    tree = ImageFiles(layers, cache, wanted=_wanted).tree()
    paths = [path for path, _ in tree.files("") if METADATA.fullmatch(path)]
    cautions: list[Caution] = []
    return Inventory(
        system=operating_system(tree),
        packages=debian_packages(tree, cautions),
        distributions=distributions(tree, paths, cautions),
        cautions=tuple(cautions),
    )


def _wanted(path: str, size: int) -> bool:
    """Whether a file says what the image holds. Raises `ArchiveError` for one that is too large to be read."""
    if _COPYRIGHT.fullmatch(path):
        return size <= _LARGEST_COPYRIGHT
    if _STATUS.fullmatch(path) and not path.endswith(".md5sums"):
        limit = _LARGEST_STATUS
    elif METADATA.fullmatch(path) or _BESIDE.fullmatch(path):
        limit = _LARGEST_METADATA
    else:
        return False
    if size > limit:
        raise ArchiveError(f"/{path[:200]} has {size} bytes, more than the {limit} that metadata may have")
    return True
