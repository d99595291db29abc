"""Transfers on the terminal: one bar for all bytes; plain lines elsewhere."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID

    from packer.cli.output import Output

__all__ = ["Transfers", "transfers"]

_NOTABLE_BYTES = 1_000_000
"""A smaller blob is not worth a line."""


@contextmanager
def transfers(out: Output) -> Iterator[Transfers]:
    """What shows transfers while the context is open."""
    shown = Transfers(out)
    try:
        yield shown
    finally:
        shown.stop()


class Transfers:
    """The `Watch` port: a progress bar while blobs are moved."""

    def __init__(self, out: Output) -> None:
        self._out = out
        self._lock = threading.Lock()
        self._bars: Progress | None = None
        self._all: TaskID | None = None
        self._total = 0

    def stop(self) -> None:
        """Take the bar away."""
        if self._bars is not None:
            self._bars.stop()

    @contextmanager
    def sending(self, name: str, size: int) -> Iterator[Callable[[int], None]]:
        """See `Watch.sending`."""
        self._begin(size)
        start = time.monotonic()
        yield self._advance
        if self._bars is None and size >= _NOTABLE_BYTES:
            self._out.note(f"{name}  {size / 1e6:.1f} MB  {time.monotonic() - start:.1f} s")

    def passed(self, name: str, size: int, why: str) -> None:
        """See `Watch.passed`."""

    def _begin(self, size: int) -> None:
        with self._lock:
            self._total += size
            if self._bars is None and self._out.live is not None:
                from rich.console import Console  # noqa: PLC0415 - only a terminal needs it
                from rich.progress import BarColumn, DownloadColumn, Progress, TimeRemainingColumn  # noqa: PLC0415

                columns = (BarColumn(), DownloadColumn(), TimeRemainingColumn())
                self._bars = Progress(*columns, console=Console(file=self._out.live), transient=True)
                self._all = self._bars.add_task("moving", total=self._total)
                self._bars.start()
            if self._bars is not None and self._all is not None:
                self._bars.update(self._all, total=self._total)

    def _advance(self, count: int) -> None:
        if self._bars is not None and self._all is not None:
            self._bars.advance(self._all, count)
