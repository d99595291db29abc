"""Images: what is in the store, with what each shares with others and which are in use."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from datetime import datetime, timezone
from typing import Any

from msgspec import Struct

from packer.oci.digest import Digest
from packer.store.image_blobs import ImageBlobs
from packer.store.images import ImageStore, StoredImage

__all__ = ["ImageList", "ListedImage", "list_images"]

_SCHEMA = 1


class ListedImage(Struct, frozen=True, kw_only=True):
    """A name in the store, and what is known of its image.

    Attributes:
        entry: as it is stored.
        own: it is the project's.
        shared: bytes of layers that another image has too; None when parts of the image are missing.
        containers: how many the engine has of it; None when no engine was asked.
    """

    entry: StoredImage
    own: bool
    shared: int | None
    containers: int | None

    def to_json(self) -> dict[str, Any]:
        """An object of `pack images --json`."""
        return {
            "reference": str(self.entry.reference),
            "digest": str(self.entry.descriptor.digest),
            "platforms": [str(platform) for platform in self.entry.platforms],
            "size": self.entry.size,
            "shared": self.shared,
            "created": _moment(self.entry.created),
            "stored": _moment(self.entry.since),
            "containers": self.containers,
            "own": self.own,
        }


class ImageList(Struct, frozen=True):
    """Names, the newest image's first."""

    images: tuple[ListedImage, ...]

    def to_json(self) -> dict[str, Any]:
        """The document of `pack images --json`."""
        return {"schema": _SCHEMA, "images": [image.to_json() for image in self.images]}


def list_images(
    store: ImageStore, *, own: str | None, only_own: bool = False, used: Sequence[str] | None = None
) -> ImageList:
    """The store's names.

    Args:
        store: the store.
        own: the project's repository, None where there is no project.
        only_own: leave the others out.
        used: for each container the name that the engine has for its image; None when no engine was asked.
    """
    entries = store.list()
    blobs = {entry.descriptor.digest: store.blobs(entry) for entry in entries}
    shared = _shared_bytes(blobs)
    counts = None if used is None else Counter(used)
    listed = [
        ListedImage(
            entry=entry,
            own=entry.reference.name == own,
            shared=shared[entry.descriptor.digest] if blobs[entry.descriptor.digest].whole else None,
            containers=None if counts is None else sum(counts[one] for one in blobs[entry.descriptor.digest].ids),
        )
        for entry in entries
        if not only_own or entry.reference.name == own
    ]
    return ImageList(tuple(sorted(listed, key=_newest_first)))


def _newest_first(image: ListedImage) -> tuple[int, int, str, str]:
    """Names of one image stay together."""
    entry = image.entry
    return -entry.since, -entry.created, entry.descriptor.digest.hex, str(entry.reference)


def _shared_bytes(blobs: dict[Digest, ImageBlobs]) -> dict[Digest, int]:
    users: dict[Digest, set[Digest]] = defaultdict(set)
    for image, parts in blobs.items():
        for layer in parts.layers:
            users[layer.digest].add(image)
    return {
        image: sum(size for layer, size in _layer_sizes(parts).items() if len(users[layer]) > 1)
        for image, parts in blobs.items()
    }


def _layer_sizes(parts: ImageBlobs) -> dict[Digest, int]:
    return {layer.digest: layer.size for layer in parts.layers}


def _moment(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, timezone.utc).isoformat().replace("+00:00", "Z")
