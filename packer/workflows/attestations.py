"""What a build says of its images beside them: bills of materials and provenance, made and put in their places."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from msgspec import Struct

from packer.build.progress import Progress
from packer.oci.artifact import Artifact, attached_document
from packer.oci.image import Image
from packer.oci.platform import Platform
from packer.project.model import Caution
from packer.store.cache import BlobCache
from packer.system.files import write_atomically
from packer.workflows.built import Built
from packer.workflows.image_choice import ChosenImage

__all__ = ["Attestation", "attest", "write_beside"]

_BILL, _PROVENANCE = "cdx.json", "intoto.json"


class Attestation(Struct, frozen=True, kw_only=True):
    """A document about one image.

    Attributes:
        platform: the image's.
        document: its bytes.
        suffix: of a file that holds it.
        artifact: how it stands beside the image.
        cautions: what may surprise.
    """

    platform: Platform
    document: bytes
    suffix: str
    artifact: Artifact
    cautions: tuple[Caution, ...] = ()


def attest(
    built: Built, *, bill: bool, provenance: bool, cache: BlobCache, progress: Progress
) -> tuple[Attestation, ...]:
    """The wished documents of every image that was built.

    Raises:
        ArchiveError: an image's metadata is larger than any that means well.
        BuildError: a layer is gone from the cache, or the disk is full.
    """
    made: list[Attestation] = []
    if bill:
        with progress.step("listing the materials"):
            made += (_bill(image, built.name, cache) for image in built.images)
    if provenance:
        made += _provenance(built)
    return tuple(made)


def _bill(image: Image, name: str, cache: BlobCache) -> Attestation:
    from packer.attestation.bill import BILL_MEDIA_TYPE  # noqa: PLC0415 - the CycloneDX library is slow to import
    from packer.workflows.sbom import bill_of  # noqa: PLC0415

    made = bill_of(ChosenImage.built(image, name), cache)
    return Attestation(
        platform=image.platform,
        document=made.document,
        suffix=_BILL,
        artifact=attached_document(image.descriptor, made.document, media_type=BILL_MEDIA_TYPE),
        cautions=made.cautions,
    )


def _provenance(built: Built) -> Iterator[Attestation]:
    from packer.attestation.provenance import (  # noqa: PLC0415
        PROVENANCE_MEDIA_TYPE,
        PROVENANCE_NOTE,
        provenance_statement,
    )

    for image, origin in zip(built.images, built.origins, strict=True):
        statement = provenance_statement(built.name, image.digest, origin)
        artifact = attached_document(
            image.descriptor, statement, media_type=PROVENANCE_MEDIA_TYPE, annotations=PROVENANCE_NOTE
        )
        yield Attestation(platform=image.platform, document=statement, suffix=_PROVENANCE, artifact=artifact)


def write_beside(path: Path, attestations: Sequence[Attestation]) -> tuple[Path, ...]:
    """Write the documents as files beside an archive: `shop.tar.cdx.json`; the files.

    Where there are several platforms, each file names its own. Raises `BuildError` when one cannot be written.
    """
    several = len({one.platform for one in attestations}) > 1
    files: list[Path] = []
    for one in attestations:
        platform = f".{str(one.platform).replace('/', '-')}" if several else ""
        files.append(path.with_name(f"{path.name}{platform}.{one.suffix}"))
        write_atomically(files[-1], one.document)
    return tuple(files)
