"""The images of one project that an engine has, and taking them out."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

from msgspec import Struct

from packer.engine.connection import Engine, engine_errors
from packer.errors import EngineError, UsageError
from packer.oci.reference import Reference

__all__ = ["ProjectImage", "project_images", "remove_images"]

_NO_NAME = "<none>:<none>"


class ProjectImage(Struct, frozen=True, kw_only=True):
    """An image in an engine.

    Attributes:
        id: what the engine calls it.
        names: its references in the project's repositories; empty when others took its last name.
        size: bytes, unpacked.
        created: seconds since the epoch, as its builder said.
    """

    id: str
    names: tuple[Reference, ...]
    size: int
    created: int

    @property
    def shown(self) -> tuple[str, ...]:
        """What people call it: its names, or the first digits of its ID."""
        return tuple(name.familiar for name in self.names) or (self.id.removeprefix("sha256:")[:12],)

    def to_json(self) -> dict[str, Any]:
        """An object of `pack images --all --json`."""
        return {
            "id": self.id,
            "references": [str(name) for name in self.names],
            "size": self.size,
            "created": self.created,
        }


def project_images(
    engine: Engine, repositories: Collection[str], labels: Mapping[str, Collection[str]]
) -> tuple[ProjectImage, ...]:
    """The images in a project's repositories, and nameless ones that say by a label that they are its, newest first.

    Args:
        engine: has them.
        repositories: `registry/repository`.
        labels: names of labels, each with the values that make an image the project's.
    """
    with engine_errors("the images cannot be listed", engine.endpoint):
        found: Any = engine.client.images()
    images = [one for one in (_image(document, repositories, labels) for document in found) if one is not None]
    return tuple(sorted(images, key=lambda image: (-image.created, image.id)))


def remove_images(engine: Engine, images: Sequence[ProjectImage]) -> Iterator[tuple[str, EngineError | None]]:
    """Take images out by their names; each name, with the engine's reason where it keeps it."""
    for image in images:
        for name in (str(one) for one in image.names) if image.names else (image.id,):
            yield name, _removed(engine, name)


def _removed(engine: Engine, name: str) -> EngineError | None:
    try:
        with engine_errors(f"{name} stays", engine.endpoint):
            engine.client.remove_image(name)
    except EngineError as error:
        return error
    return None


def _image(
    document: Mapping[str, Any], repositories: Collection[str], labels: Mapping[str, Collection[str]]
) -> ProjectImage | None:
    texts = [text for text in document.get("RepoTags") or () if text != _NO_NAME]
    names = [name for name in map(_parsed, texts) if name is not None and name.name in repositories]
    found = document.get("Labels") or {}
    if not names and (texts or not any(found.get(label) in values for label, values in labels.items())):
        return None
    return ProjectImage(
        id=str(document["Id"]),
        names=tuple(names),
        size=int(document.get("Size") or 0),
        created=int(document.get("Created") or 0),
    )


def _parsed(text: str) -> Reference | None:
    try:
        return Reference.parse(text)
    except UsageError:
        return None
