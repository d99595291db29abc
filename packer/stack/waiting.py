"""Waiting until everything of a stack is really well, or something has failed."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, Protocol

from msgspec import Struct

from packer.engine.connection import Engine, engine_errors
from packer.stack.identity import SERVICE_LABEL, StackIdentity
from packer.stack.states import ContainerState, container_state

__all__ = ["Outcome", "log_of", "published_port", "remove_service", "stack_states", "wait_for_stack"]

_PAUSE_SECONDS = 0.1
_LOG_LINES = 200
_ONE_OFF = "com.docker.compose.oneoff"
_PAGES = ("web", "app")
"""Services that answer a browser; the app alone while somebody works on it."""


class Clock(Protocol):
    """Time, in seconds."""

    def monotonic(self) -> float:
        """The time now, from any origin."""
        ...

    def sleep(self, seconds: float, /) -> None:
        """Let time pass."""
        ...


class Outcome(Struct, frozen=True, kw_only=True):
    """How waiting ended: everything is well, or what failed, or what still was not ready when time was up."""

    failed: tuple[ContainerState, ...] = ()
    late: tuple[ContainerState, ...] = ()

    @property
    def ok(self) -> bool:
        """Whether everything is well."""
        return not self.failed and not self.late


def wait_for_stack(
    look: Callable[[], tuple[ContainerState, ...]],
    *,
    patience: float,
    told: Callable[[ContainerState], None],
    clock: Clock = time,
) -> Outcome:
    """Look until every container is ready or has ended well, one has failed, or `patience` seconds have passed.

    `told` hears of each container once, when it becomes ready.
    """
    deadline = clock.monotonic() + patience
    known: set[str] = set()
    while True:
        states = look()
        for state in states:
            if state.verdict in ("ready", "done") and state.id not in known:
                known.add(state.id)
                told(state)
        failed = tuple(state for state in states if state.verdict == "failed")
        waiting = tuple(state for state in states if state.verdict == "waiting")
        if failed or not waiting:
            return Outcome(failed=failed)
        if clock.monotonic() >= deadline:
            return Outcome(late=waiting)
        clock.sleep(_PAUSE_SECONDS)


def stack_states(engine: Engine, identity: StackIdentity) -> tuple[ContainerState, ...]:
    """How the stack's services are; other containers of the project's do not count. Raises `EngineError`."""
    with engine_errors("the stack cannot be looked at", engine.endpoint):
        rows = engine.client.containers(all=True, filters=identity.filters)
        wanted = (row["Id"] for row in rows if _is_service(row.get("Labels") or {}))
        found = [container_state(one) for one in map(partial(_described, engine), wanted) if one is not None]
    return tuple(sorted(found, key=lambda state: state.service))


def _described(engine: Engine, container: str) -> dict[str, Any] | None:
    """What the engine says of a container; None where it has gone since it was listed."""
    from docker.errors import NotFound  # noqa: PLC0415  # already loaded with the client

    try:
        return dict(engine.client.inspect_container(container))
    except NotFound:
        return None


def _is_service(labels: Mapping[str, str]) -> bool:
    """Whether a container is there to stay, and no task that somebody ran beside the stack."""
    return SERVICE_LABEL in labels and labels.get(_ONE_OFF) != "True"


def log_of(engine: Engine, container: str) -> str:
    """The last lines that a container wrote. Raises `EngineError`."""
    with engine_errors("the container's log cannot be read", engine.endpoint):
        text: bytes = engine.client.logs(container, tail=_LOG_LINES)
    return text.decode("utf-8", errors="replace")


def published_port(engine: Engine, identity: StackIdentity) -> int | None:
    """The port of this machine that leads to the stack's page, None for none. Raises `EngineError`."""
    with engine_errors("the stack cannot be looked at", engine.endpoint):
        rows = engine.client.containers(filters=identity.filters)
    pages = [row for row in rows if (row.get("Labels") or {}).get(SERVICE_LABEL) in _PAGES]
    ports = (port.get("PublicPort") for row in pages for port in row.get("Ports") or ())
    return next((int(port) for port in ports if port), None)


def remove_service(engine: Engine, identity: StackIdentity, service: str) -> None:
    """End the containers of a service that the stack does without. Raises `EngineError`."""
    filters = {"label": [*identity.filters["label"], f"{SERVICE_LABEL}={service}"]}
    with engine_errors(f"the service {service} cannot be ended", engine.endpoint):
        for row in engine.client.containers(all=True, filters=filters):
            engine.client.stop(row["Id"])
            engine.client.remove_container(row["Id"])
