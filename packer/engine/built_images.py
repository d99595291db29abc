"""Images that an engine has: what they consist of, and taking them out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote

from msgspec import Struct

from packer.engine.connection import Engine, connect, engine_errors
from packer.engine.endpoint import find_endpoints
from packer.engine.local_http import ask_locally

__all__ = ["EngineImage", "find_engine_image", "has_image", "saved_image"]

_SECONDS = 30.0


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


def find_engine_image(environment: Mapping[str, str], home: Path, reference: str) -> EngineImage:
    """What the user's engine knows of an image. Raises `EngineError` when none answers, or it has none of that name.

    An engine of this machine is asked without the docker SDK, which takes longer to load than the answer.
    """
    for endpoint in find_endpoints(environment, home)[:1]:
        found = ask_locally(endpoint.host, f"/images/{quote(reference, safe='')}/json", seconds=_SECONDS)
        if isinstance(found, dict):
            return _engine_image(found)
    with connect(environment, home) as engine, engine_errors(f"the engine does not have {reference}", engine.endpoint):
        return _engine_image(engine.client.inspect_image(reference))


def _engine_image(found: Mapping[str, Any]) -> EngineImage:
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
