"""What a command is measured to take is its own."""

from __future__ import annotations

import sys
from pathlib import Path

from tests.testbed.measured import measured

MEGABYTE = 1_000_000


def run(program: str, folder: Path) -> tuple[int, int]:
    done = measured([sys.executable, "-I", "-S", "-c", program], environment={}, folder=folder)
    return done.code, done.peak_memory


def test_the_memory_of_the_process_that_asks_is_not_counted(tmp_path: Path) -> None:
    held = b"x" * (150 * MEGABYTE)
    code, peak = run("", tmp_path)
    assert code == 0
    assert 0 < peak < len(held) // 2


def test_the_memory_of_a_command_is_counted(tmp_path: Path) -> None:
    assert run("b'x' * 100_000_000", tmp_path)[1] > 100 * MEGABYTE


def test_a_command_that_fails_tells_its_code(tmp_path: Path) -> None:
    assert run("raise SystemExit(3)", tmp_path)[0] == 3
