"""The terminal that pack itself runs in, while a program elsewhere has the word."""

from __future__ import annotations

import os
import shutil
import signal
import sys
import termios
import tty
from collections.abc import Callable, Iterator
from contextlib import contextmanager

__all__ = ["is_terminal", "raw_terminal"]


def is_terminal() -> bool:
    """Whether both input and output are one."""
    return sys.stdin.isatty() and sys.stdout.isatty()


@contextmanager
def raw_terminal(on_resize: Callable[[int, int], None]) -> Iterator[Callable[[], None]]:
    """Pass on every key as it is typed, Ctrl-C too, until the block ends; the terminal is then as it was.

    Args:
        on_resize: is told columns and rows whenever they change, and when what the block gets is called.
    """
    descriptor = sys.stdin.fileno()
    before = termios.tcgetattr(descriptor)

    def tell(*_: object) -> None:
        size = shutil.get_terminal_size()
        on_resize(size.columns, size.lines)

    handler = signal.signal(signal.SIGWINCH, tell)
    try:
        tty.setraw(descriptor)
        yield tell
    finally:
        signal.signal(signal.SIGWINCH, handler)
        termios.tcsetattr(descriptor, termios.TCSANOW, before)
        os.write(sys.stderr.fileno(), b"\r")
