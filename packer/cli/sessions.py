"""Joining this command's terminal with a process in a container."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from packer.engine.connection import Engine
    from packer.engine.processes import ContainerProcess

__all__ = ["enter", "join"]


def join(
    process: ContainerProcess,
    *,
    stdin: bool,
    tty: bool,
    started: Callable[[], None] = lambda: None,
) -> int:
    """Pass input and outputs on until the process ends; its exit code."""
    from packer.stack.session import converse  # noqa: PLC0415 - keeps `pack --help` fast
    from packer.system.terminal import raw_terminal  # noqa: PLC0415

    return converse(
        process,
        stdin=sys.stdin.fileno() if stdin else None,
        stdout=sys.stdout.buffer,
        stderr=sys.stderr.buffer,
        started=started,
        terminal=raw_terminal if tty and sys.stdin.isatty() else None,
    )


def enter(
    engine: Engine,
    container: str,
    command: Sequence[str],
    *,
    environment: Mapping[str, str] | None = None,
    user: str = "",
    folder: str | None = None,
    tty: bool | None = None,
) -> int:
    """Run a command in a container that runs, with a terminal where this command has one; its exit code."""
    from packer.engine.processes import execute  # noqa: PLC0415 - as above
    from packer.system.terminal import is_terminal  # noqa: PLC0415

    wanted = is_terminal() if tty is None else tty
    process = execute(
        engine,
        container,
        command,
        stdin=True,
        tty=wanted,
        environment=environment,
        user=user,
        folder=folder,
    )
    return join(process, stdin=True, tty=wanted)
