"""A command and what it took: its own, not that of the process which started it."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

__all__ = ["Measured", "measured"]

LAUNCHER = Path(__file__).with_name("launcher.py")


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """Its exit code, the wall time in seconds, the largest resident set of any of its processes in bytes."""

    code: int
    seconds: float
    peak_memory: int


def measured(
    command: Sequence[str], *, environment: Mapping[str, str], folder: Path, output: IO[bytes] | None = None
) -> Measured:
    """Run a command to its end, whatever that is. What it says goes to a file, or nowhere."""
    reader, writer = os.pipe()
    with os.fdopen(reader, encoding="ascii") as report:
        try:
            done = subprocess.run(
                [sys.executable, "-I", "-S", str(LAUNCHER), str(writer), *command],
                check=False,
                cwd=folder,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=output or subprocess.DEVNULL,
                stderr=subprocess.STDOUT,
                pass_fds=(writer,),
            )
        finally:
            os.close(writer)
        seconds, peak = report.read().split()
    return Measured(code=done.returncode, seconds=float(seconds), peak_memory=int(peak))
