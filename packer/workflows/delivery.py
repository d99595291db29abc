"""Deliver: a built image to its sink, and to an engine where that is wanted."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from msgspec import Struct

from packer.build.progress import Progress
from packer.oci.image import Image
from packer.oci.platform import LINUX_AMD64, Platform
from packer.oci.platform_images import PlatformImages
from packer.oci.reference import Reference
from packer.store.cache import BlobCache
from packer.store.images import ImageStore
from packer.workflows.build_request import Role
from packer.workflows.built import Built
from packer.workflows.destinations import Destination

if TYPE_CHECKING:
    from packer.workflows.attestations import Attestation

__all__ = ["Delivered", "Delivery", "deliver", "delivery_document"]

_SCHEMA = 1


class Delivery(Struct, frozen=True, kw_only=True):
    """Where an image goes.

    Attributes:
        names: its references, at least one.
        destination: the sink.
        load: hand it to the engine, too.
        check: start it there and wait for a good answer.
        environment: the process's environment, which names the engine.
        host: this machine's platform.
        role: which image of the project it is.
    """

    names: tuple[Reference, ...]
    destination: Destination
    load: bool
    check: bool
    environment: Mapping[str, str]
    host: Platform | None
    role: Role = "app"


class Delivered(Struct, frozen=True, kw_only=True):
    """What was delivered: the images, their names, and which of the project's they are."""

    images: PlatformImages
    references: tuple[Reference, ...]
    role: Role = "app"

    @property
    def name(self) -> str:
        """The first name, as `reference@digest`."""
        return f"{self.references[0]}@{self.images.digest}"

    def summary(self) -> Iterator[str]:
        """Lines for people."""
        for image in self.images.images:
            made = sum(not layer.cached for layer in image.layers)
            yield f"{image.platform}  {image.size / 1e6:.1f} MB stored, {len(image.layers)} layers, {made} of them new"
        if len(self.references) > 1:
            yield f"also named {', '.join(reference.familiar for reference in self.references[1:])}"

    def rows(self) -> list[dict[str, Any]]:
        """The images as `pack build --json` has them."""
        return [self._row(image) for image in self.images.images]

    def _row(self, image: Image) -> dict[str, Any]:
        return {
            "role": self.role,
            "reference": str(self.references[0]),
            "digest": str(image.digest),
            "platform": str(image.platform),
            "size": image.size,
            "layers": [
                {
                    "digest": str(layer.descriptor.digest),
                    "diff_id": str(layer.diff_id),
                    "size": layer.descriptor.size,
                    "media_type": layer.descriptor.media_type,
                    "created_by": layer.created_by,
                    "cached": layer.cached,
                }
                for layer in image.layers
            ],
        }


class Shown(Protocol):
    """What a document says of a delivered image, whoever made it."""

    @property
    def references(self) -> tuple[Reference, ...]:
        """Its names."""
        ...

    def rows(self) -> list[dict[str, Any]]:
        """An entry for each platform."""
        ...


def delivery_document(delivered: Sequence[Shown], timings: Mapping[str, float]) -> dict[str, Any]:
    """The document of `pack build --json`."""
    return {
        "schema": _SCHEMA,
        "references": [str(reference) for one in delivered for reference in one.references],
        "images": [row for one in delivered for row in one.rows()],
        "timings": dict(timings),
    }


def deliver(
    built: Built,
    delivery: Delivery,
    *,
    store: ImageStore,
    cache: BlobCache,
    progress: Progress,
    attestations: Sequence[Attestation] = (),
) -> Delivered:
    """Put the images where they belong, under all their names. A name is given only to what passed the check.

    What is said of them goes where they go: beside them in the store or the layout, or as files beside the archive.

    Raises:
        UsageError: the destination holds something else.
        BuildError: the disk is full, or a layer is gone.
        EngineError: there is no engine, it refuses, or the app does not boot.
    """
    images = PlatformImages(built.images)
    names, host = delivery.names, delivery.host or LINUX_AMD64
    if delivery.load:
        _engine(built, images, delivery, host=host, cache=cache, progress=progress)
    destination = delivery.destination
    artifacts = tuple(one.artifact for one in attestations)
    with progress.step("storing the image"):
        match destination.kind:
            case "store":
                store.add(images, names, created=built.created)
                if artifacts:
                    store.attach(artifacts)
            case "oci":
                from packer.store.layout import write_layout  # noqa: PLC0415 - most images go to the store

                write_layout(destination.path, images, names, cache, attached=artifacts)
            case "archive":
                from packer.store.archive import write_archive  # noqa: PLC0415

                write_archive(destination.path, images, names, cache, host=host)
                _write_beside(destination.path, attestations, progress)
    return Delivered(images=images, references=names, role=delivery.role)


def _write_beside(archive: Path, attestations: Sequence[Attestation], progress: Progress) -> None:
    if not attestations:
        return
    from packer.workflows.attestations import write_beside  # noqa: PLC0415 - most builds say nothing

    for file in write_beside(archive, attestations):
        progress.note(f"written to {file}")


def _engine(
    built: Built,
    images: PlatformImages,
    delivery: Delivery,
    *,
    host: Platform,
    cache: BlobCache,
    progress: Progress,
) -> None:
    """Load, and check the boot where that is wanted."""
    from packer.engine.connection import connect  # noqa: PLC0415 - the docker SDK is slow to import
    from packer.engine.loading import load_images  # noqa: PLC0415
    from packer.workflows.boot_check import require_boot  # noqa: PLC0415

    with connect(delivery.environment, Path.home()) as engine:
        with progress.step("loading into the engine"):
            load_images(engine, images, delivery.names, cache, host=host)
        if not delivery.check or built.boot is None:
            return
        require_boot(engine, str(delivery.names[0]), built.boot, progress=progress)
