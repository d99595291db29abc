"""A session: a process in a container, joined with this command's own input and outputs."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import BinaryIO

from packer.engine.processes import ContainerProcess
from packer.engine.wire import STDERR

__all__ = ["converse", "feed"]

_CHUNK = 65_536

Terminal = Callable[[Callable[[int, int], None]], AbstractContextManager[Callable[[], None]]]


@contextmanager
def _no_terminal(_: Callable[[int, int], None]) -> Iterator[Callable[[], None]]:
    yield lambda: None


def converse(
    process: ContainerProcess,
    *,
    stdin: int | None,
    stdout: BinaryIO,
    stderr: BinaryIO,
    started: Callable[[], None] = lambda: None,
    terminal: Terminal | None = None,
) -> int:
    """Pass everything on until the process ends; its exit code.

    Args:
        process: in the container.
        stdin: a file descriptor to read from; None for nothing.
        stdout: takes what it writes there; with a terminal, everything.
        stderr: takes what it complains of.
        started: is called when the session stands: a container that was only made is started then.
        terminal: hands over this command's terminal, for a process that has one.
    """
    with (terminal or _no_terminal)(process.resize) as tell_size:
        started()
        tell_size()
        if stdin is not None:
            threading.Thread(target=feed, args=(process, _read(stdin)), daemon=True).start()
        for place, (output, data) in enumerate(process.wire.outputs()):
            if place == 0:
                tell_size()  # a process that had only just begun may not have heard it
            stream = stderr if output == STDERR else stdout
            stream.write(data)
            stream.flush()
    return process.exit_code()


def feed(process: ContainerProcess, chunks: Iterable[bytes]) -> None:
    """Give a process something to read, and its end."""
    for chunk in chunks:
        process.wire.write(chunk)
    process.wire.end_input()


def _read(descriptor: int) -> Iterator[bytes]:
    while chunk := os.read(descriptor, _CHUNK):
        yield chunk
