"""Running a command and measuring it as its user would: the whole process, from start to end."""

from __future__ import annotations

import os
import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.testbed.measured import measured

__all__ = ["Measurement", "median", "run"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Measurement:
    """What a command took: wall time in seconds, the largest resident set of any of its processes in bytes."""

    seconds: float
    peak_memory: int
    output: str


def run(command: Sequence[str | Path], *, environment: Mapping[str, str], folder: Path) -> Measurement:
    """Run a command to its end. Its output goes through a file, so that reading it takes no part in the time."""
    log = folder.parent / "output.log"
    words = [str(word) for word in command]
    with log.open("wb") as output:
        took = measured(words, environment={**os.environ, **environment}, folder=folder, output=output)
    text = log.read_text(encoding="utf-8", errors="replace")
    if took.code:
        raise SystemExit(f"`{' '.join(words)}` ended with {took.code}:\n{text}")
    return Measurement(seconds=took.seconds, peak_memory=took.peak_memory, output=text)


def median(measurements: Sequence[Measurement]) -> float:
    """The median time in seconds."""
    return statistics.median(measurement.seconds for measurement in measurements)
