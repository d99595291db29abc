"""Images that an engine has: what they consist of, and taking them out."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from msgspec import Struct

from packer.engine.connection import Engine, engine_errors

__all__ = ["EngineImage", "engine_image", "has_image", "saved_image"]


class EngineImage(Struct, frozen=True, kw_only=True):
    """An image in an engine.

    Attributes:
        id: what the engine calls it: the config's digest, or the manifest's where containerd keeps images.
        platform: `linux/amd64`.
        size: bytes of its unpacked layers.
        diff_ids: its layers, bottom first.
    """

    id: str
    platform: str
    size: int
    diff_ids: tuple[str, ...]


def engine_image(engine: Engine, reference: str) -> EngineImage:
    """What the engine knows of an image. Raises `EngineError` when it has none of that name."""
    with engine_errors(f"the engine does not have {reference}", engine.endpoint):
        found: Any = engine.client.inspect_image(reference)
    variant = f"/{found['Variant']}" if found.get("Variant") else ""
    return EngineImage(
        id=found["Id"],
        platform=f"{found.get('Os', 'linux')}/{found.get('Architecture', '')}{variant}",
        size=int(found.get("Size", 0)),
        diff_ids=tuple(found.get("RootFS", {}).get("Layers") or ()),
    )


def saved_image(engine: Engine, reference: str) -> Iterator[bytes]:
    """An archive of an image under its name, as `docker save` writes it, streamed. Raises `EngineError`."""
    with engine_errors("the engine does not hand the image out", engine.endpoint):
        yield from engine.client.get_image(reference, chunk_size=1 << 20)


def has_image(engine: Engine, name: str) -> str | None:
    """The ID of the image that the engine has by a name or ID; None when it has none."""
    from docker.errors import ImageNotFound, NotFound  # noqa: PLC0415 - loaded with the client

    with engine_errors(f"the engine cannot be asked for {name}", engine.endpoint):
        try:
            return str(engine.client.inspect_image(name)["Id"])
        except (ImageNotFound, NotFound):
            return None
