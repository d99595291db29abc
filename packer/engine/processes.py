"""Processes in containers: the container's own, and further ones."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any

from packer.engine.connection import Engine, engine_errors
from packer.engine.wire import Wire
from packer.errors import EngineError

__all__ = ["ContainerProcess", "attach", "execute"]

_PAUSE_SECONDS = 0.02


class ContainerProcess:
    """A process whose outputs are read, and that may be given input.

    Args:
        engine: has it.
        container: its ID or name.
        wire: the connection.
        execution: the engine's ID of a further process; None for the container's own.
    """

    def __init__(self, engine: Engine, container: str, wire: Wire, *, execution: str | None = None) -> None:
        self.wire = wire
        self._engine = engine
        self._container = container
        self._execution = execution

    def resize(self, columns: int, rows: int) -> None:
        """Tell its terminal how large it is; one that has ended, or not begun, does not mind."""
        client = self._engine.client
        with suppress(EngineError), engine_errors("the terminal cannot be resized", self._engine.endpoint):
            if self._execution is None:
                client.resize(self._container, height=rows, width=columns)
            else:
                client.exec_resize(self._execution, height=rows, width=columns)

    def exit_code(self) -> int:
        """How it ended, waited for."""
        client, endpoint = self._engine.client, self._engine.endpoint
        with engine_errors("how the process ended cannot be learned", endpoint):
            if self._execution is None:
                return int(client.wait(self._container, timeout=None)["StatusCode"])
            while (state := _state(client.exec_inspect(self._execution)))["Running"]:
                time.sleep(_PAUSE_SECONDS)
            return int(state["ExitCode"] or 0)


def execute(
    engine: Engine,
    container: str,
    command: Sequence[str],
    *,
    stdin: bool = False,
    tty: bool = False,
    environment: Mapping[str, str] | None = None,
    user: str = "",
    folder: str | None = None,
) -> ContainerProcess:
    """Start a further process in a container that runs. Raises `EngineError`."""
    with engine_errors(f"{command[0]} cannot be run in the container", engine.endpoint):
        made: Any = engine.client.exec_create(
            container,
            list(command),
            stdin=stdin,
            tty=tty,
            environment=dict(environment or {}),
            user=user,
            workdir=folder,
        )
        taken = engine.client.exec_start(made["Id"], tty=tty, socket=True)
    return ContainerProcess(engine, container, Wire(taken, tty=tty), execution=made["Id"])


def attach(engine: Engine, container: str, *, stdin: bool, tty: bool) -> ContainerProcess:
    """The container's own process. Of one that has not started yet nothing is missed. Raises `EngineError`."""
    wishes = {"stdout": 1, "stderr": 1, "stream": 1, "stdin": int(stdin)}
    with engine_errors("the container's outputs cannot be read", engine.endpoint):
        taken = engine.client.attach_socket(container, params=wishes)
    return ContainerProcess(engine, container, Wire(taken, tty=tty))


def _state(answer: Any) -> dict[str, Any]:
    return dict(answer)
