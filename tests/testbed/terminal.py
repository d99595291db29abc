"""A command on a terminal, with somebody who types."""

from __future__ import annotations

import os
import pty
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

__all__ = ["typed"]


def typed(command: Sequence[str | Path], text: str, *, environment: Mapping[str, str], folder: Path) -> tuple[int, str]:
    """Run a command whose user has typed `text` ahead: its exit code, and everything that the terminal showed."""
    ours, theirs = pty.openpty()
    with os.fdopen(ours, "r+b", buffering=0) as terminal:
        process = subprocess.Popen(
            [str(word) for word in command],
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
            env=dict(environment),
            cwd=folder,
            start_new_session=True,
        )
        os.close(theirs)
        terminal.write(text.encode())
        shown = b""
        while part := _read(terminal.fileno()):
            shown += part
    return process.wait(), shown.decode(errors="replace")


def _read(terminal: int) -> bytes:
    """What it shows next; nothing when the last process has left it, which Linux calls an error."""
    try:
        return os.read(terminal, 1 << 16)
    except OSError:
        return b""
