"""How long each step of a build took."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager

from packer.build.progress import Progress

__all__ = ["Timings"]


class Timings:
    """Progress that also keeps the time, in front of one that tells people."""

    def __init__(self, shown: Progress) -> None:
        self._shown = shown
        self.seconds: dict[str, float] = {}

    @contextmanager
    def step(self, what: str) -> Iterator[None]:
        """See `Progress.step`; a step that fails is counted, too."""
        start = time.monotonic()
        try:
            with self._shown.step(what):
                yield
        finally:
            self.seconds[what] = round(time.monotonic() - start, 3)

    def note(self, text: str) -> None:
        """See `Progress.note`."""
        self._shown.note(text)
