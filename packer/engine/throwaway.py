"""A container that runs as in production, for a question or two, and is gone afterwards whatever happens."""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress

from msgspec import Struct

from packer.engine.connection import Engine, engine_errors
from packer.errors import EngineError

__all__ = ["Exit", "ThrowawayContainer", "throwaway_container"]

_LABEL = "packer.throwaway"
_LOG_LINES = 400
_LOG_CHARACTERS = 100_000


class Exit(Struct, frozen=True, kw_only=True):
    """How a container's process ended. `code` is 137 for a kill; `out_of_memory` tells by whom."""

    code: int
    out_of_memory: bool


class ThrowawayContainer(Struct, frozen=True, kw_only=True):
    """A started container, and the port of this machine's loopback address that leads to its own."""

    engine: Engine
    id: str
    port: int

    def exit(self) -> Exit | None:
        """How it ended, None while it runs."""
        with engine_errors("the container cannot be looked at", self.engine.endpoint):
            state = self.engine.client.inspect_container(self.id)["State"]
        if state["Running"]:
            return None
        return Exit(code=state["ExitCode"], out_of_memory=bool(state.get("OOMKilled")))

    def logs(self) -> str:
        """The last lines that it wrote, stdout and stderr together."""
        with engine_errors("the container's logs cannot be read", self.engine.endpoint):
            text = self.engine.client.logs(self.id, tail=_LOG_LINES)
        return text.decode("utf-8", errors="replace")[-_LOG_CHARACTERS:]


@contextmanager
def throwaway_container(
    engine: Engine, image: str, *, port: int, environment: Mapping[str, str], read_only: bool = True
) -> Iterator[ThrowawayContainer]:
    """Start an image as a careful operator does: no capability, a read-only root, /tmp in memory, loopback only.

    `image` is a reference or ID that the engine has; `port` is the one that it listens on. The container and its
    anonymous volumes are removed when the block ends, by an interrupt too. Raises `EngineError`.
    """
    if not engine.endpoint.is_local:
        raise EngineError(
            "an image can be tried only on an engine of this machine",
            where=engine.endpoint.host,
            hint="unset DOCKER_HOST or choose the default docker context, or leave out --check",
        )
    name = f"pack-throwaway-{secrets.token_hex(6)}"
    try:
        with engine_errors("the container does not start", engine.endpoint):
            _create(engine, image, name=name, port=port, environment=environment, read_only=read_only)
            engine.client.start(name)
            published = _published_port(engine.client.inspect_container(name), port)
        yield ThrowawayContainer(engine=engine, id=name, port=published)
    finally:
        with suppress(EngineError), engine_errors("the container cannot be removed", engine.endpoint):
            engine.client.remove_container(name, force=True, v=True)


def _create(
    engine: Engine, image: str, *, name: str, port: int, environment: Mapping[str, str], read_only: bool
) -> None:
    client = engine.client
    restrictions = client.create_host_config(
        read_only=read_only,
        tmpfs={"/tmp": "rw,mode=1777"},  # noqa: S108  # the container's, not this machine's
        cap_drop=["ALL"],
        security_opt=["no-new-privileges"],
        port_bindings={port: ("127.0.0.1", None)},
    )
    client.create_container(
        image,
        name=name,
        environment=dict(environment),
        ports=[port],
        host_config=restrictions,
        labels={_LABEL: "true"},
    )


def _published_port(description: Mapping[str, object], port: int) -> int:
    """The ephemeral port that the engine chose. A container that ended at once has none: then 0."""
    match description:
        case {"NetworkSettings": {"Ports": {**ports}}}:
            match ports.get(f"{port}/tcp"):
                case [{"HostPort": str(published)}, *_]:
                    return int(published)
                case _:
                    return 0
        case _:
            return 0
