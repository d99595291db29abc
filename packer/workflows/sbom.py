"""The bill of materials of an image, with what could not be read of it."""

from __future__ import annotations

from msgspec import Struct

from packer.attestation.bill import BillFormat, bill_of_materials
from packer.attestation.contents import take_inventory
from packer.project.model import Caution
from packer.store.cache import BlobCache
from packer.workflows.image_choice import ChosenImage

__all__ = ["Bill", "bill_of"]


class Bill(Struct, frozen=True, kw_only=True):
    """A document, and how much it lists."""

    document: bytes
    packages: int
    distributions: int
    cautions: tuple[Caution, ...]


def bill_of(image: ChosenImage, cache: BlobCache, *, form: BillFormat = "cyclonedx-json") -> Bill:
    """Read what the image holds and write it down.

    Raises:
        ArchiveError: a layer is broken, or its metadata is larger than any that means well.
        TrustError: a layer does not have its diff ID.
        BuildError: a layer is gone from the cache, or the disk is full.
    """
    inventory = take_inventory(image.layers, cache)
    return Bill(
        document=bill_of_materials(image.subject, inventory, form=form),
        packages=len(inventory.packages),
        distributions=len(inventory.distributions),
        cautions=inventory.cautions,
    )
