"""What an engine says of itself and of the machine that it runs on."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from msgspec import Struct

from packer.engine.connection import Engine, engine_errors

__all__ = ["EngineFacts", "engine_facts"]


class EngineFacts(Struct, frozen=True, kw_only=True):
    """An engine.

    Attributes:
        version: its own, as text.
        api: the newest version of its interface that it speaks.
        system: the operating system of its containers, `linux`.
        architecture: of its machine, in any spelling.
        memory: of its machine, in bytes.
        processors: of its machine.
        root: the folder that holds its images, where it is on this machine.
        place: where it answers.
    """

    version: str
    api: tuple[int, int]
    system: str
    architecture: str
    memory: int
    processors: int
    root: Path | None
    place: str


def engine_facts(engine: Engine) -> EngineFacts:
    """Ask it. Raises `EngineError`."""
    with engine_errors("the engine says nothing of itself", engine.endpoint):
        version: dict[str, Any] = engine.client.version()
        info: dict[str, Any] = engine.client.info()
    root = info.get("DockerRootDir")
    return EngineFacts(
        version=str(version.get("Version", "")),
        api=_api(str(version.get("ApiVersion", ""))),
        system=str(info.get("OSType") or version.get("Os") or "linux"),
        architecture=str(info.get("Architecture") or version.get("Arch") or ""),
        memory=int(info.get("MemTotal") or 0),
        processors=int(info.get("NCPU") or 0),
        root=Path(root) if root and engine.endpoint.is_local else None,
        place=engine.endpoint.host,
    )


def _api(text: str) -> tuple[int, int]:
    major, _, minor = text.partition(".")
    return (int(major), int(minor)) if major.isdigit() and minor.isdigit() else (0, 0)
