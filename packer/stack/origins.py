"""Where the containers of a stack's name come from: two folders, or two Compose files, may want the same name."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

from msgspec import Struct

from packer.engine.connection import Engine, engine_errors
from packer.errors import EngineError
from packer.stack.identity import FOLDER_LABEL, SERVICE_LABEL, StackIdentity

__all__ = ["Origin", "refuse_strangers", "stack_origins"]

_FILES_LABEL = "com.docker.compose.project.config_files"
_HINT = "give this stack a name of its own: COMPOSE_PROJECT_NAME=…, or end the other one there: "


class Origin(Struct, frozen=True, kw_only=True):
    """The folder and the Compose files that a container was started from."""

    folder: str
    files: tuple[str, ...]


def stack_origins(engine: Engine, identity: StackIdentity) -> frozenset[Origin]:
    """The origins of all containers that have the stack's name. Raises `EngineError`."""
    with engine_errors("the stack cannot be looked at", engine.endpoint):
        rows = engine.client.containers(all=True, filters=identity.filters)
    labels = (row.get("Labels") or {} for row in rows)
    return frozenset(
        Origin(folder=one.get(FOLDER_LABEL, ""), files=tuple(filter(None, one.get(_FILES_LABEL, "").split(","))))
        for one in labels
        if SERVICE_LABEL in one
    )


def refuse_strangers(origins: Iterable[Origin], identity: StackIdentity, *, foreign: Path | None) -> None:
    """Keep the hands off containers that are somebody else's.

    Args:
        origins: of the containers that have the stack's name.
        identity: the stack.
        foreign: the folder's Compose file that is not pack's, None for none.

    Raises `EngineError` for containers of another folder that is there, or of the foreign file.
    """
    for origin in sorted(origins, key=lambda one: one.folder):
        if origin.folder and origin.folder != identity.folder and os.path.isdir(origin.folder):  # noqa: PTH112 - a text
            raise EngineError(
                f"the containers of the stack {identity.name} are those of another folder",
                where=origin.folder,
                hint=f"{_HINT}pack down",
            )
        if foreign is not None and str(foreign) in origin.files:
            raise EngineError(
                f"the containers of the stack {identity.name} were started from {foreign.name}, which is not pack's",
                where=str(foreign),
                hint=f"{_HINT}docker compose down",
            )
