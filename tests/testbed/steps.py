"""Steps of the test command: a program or pytest, run with its output shown, and what it came to."""

from __future__ import annotations

import os
import subprocess
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal
from xml.etree import ElementTree as ET

__all__ = ["Action", "Outcome", "call", "call_pytest", "perform", "summary"]

_NO_TESTS_SELECTED = 5


@dataclass(frozen=True)
class Outcome:
    """What a step came to.

    `notes` say what was skipped and why; `closing` is pytest's own last line, where the step was pytest.
    """

    verdict: Literal["passed", "FAILED", "skipped"]
    notes: tuple[str, ...] = ()
    closing: str = ""
    name: str = ""
    seconds: float = 0.0


Action = Callable[[], Outcome]


def perform(name: str, action: Action) -> Outcome:
    """Announce the step, do it, and time it."""
    print(f"\n━━━ {name}", flush=True)
    start = time.monotonic()
    outcome = action()
    return Outcome(outcome.verdict, outcome.notes, outcome.closing, name, time.monotonic() - start)


def call(command: Sequence[str | Path], *, directory: Path) -> Outcome:
    """Run a program; it passes when it ends with 0."""
    done = subprocess.run(command, check=False, cwd=directory, stdin=subprocess.DEVNULL)
    return Outcome("FAILED" if done.returncode else "passed")


def call_pytest(command: Sequence[str | Path], *, directory: Path, report: Path, selective: bool) -> Outcome:
    """Run a pytest command; skipped tests are notes, with their reasons.

    No test at all is a failure, unless the caller is `selective`: then the step is skipped.
    """
    report.parent.mkdir(parents=True, exist_ok=True)
    report.unlink(missing_ok=True)
    closing = ""
    with subprocess.Popen(
        [*(str(word) for word in command), f"--junitxml={report}"],
        cwd=directory,
        env={**os.environ, "PYTHONUNBUFFERED": "1"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        text=True,
        errors="replace",
    ) as process:
        for line in process.stdout or ():
            print(line, end="", flush=True)
            closing = line.strip() or closing
    if process.returncode == _NO_TESTS_SELECTED and selective:
        return Outcome("skipped", ("no test matches",))
    return Outcome("FAILED" if process.returncode else "passed", _skips(report), closing)


def summary(outcomes: Sequence[Outcome]) -> str:
    """A table of the steps, then pytest's closing lines, so that the counts stand at the very end."""
    width = max(len(outcome.name) for outcome in outcomes)
    lines = ["", "━━━ summary"]
    for outcome in outcomes:
        lines.append(f"{outcome.name:<{width}}  {outcome.verdict}  {outcome.seconds:6.1f} s")
        lines += [f"{'':<{width}}  └ {note}" for note in outcome.notes]
    return "\n".join([*lines, "", *(outcome.closing for outcome in outcomes if outcome.closing)])


def _skips(report: Path) -> tuple[str, ...]:
    """How many tests were skipped for which reason, from pytest's machine-readable report."""
    try:
        cases = ET.parse(report).iter("testcase")
    except (OSError, ET.ParseError):
        return ("pytest wrote no report",)
    reasons = Counter(skipped.get("message", "") for case in cases for skipped in case.iter("skipped"))
    return tuple(f"{count} skipped: {reason}" for reason, count in sorted(reasons.items()))
