"""Ctrl-C, and being asked to end, as something to act on while the work at hand goes on."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count

__all__ = ["on_interrupt"]

_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


@contextmanager
def on_interrupt(action: Callable[[int], None]) -> Iterator[None]:
    """Until the block ends, each interrupt calls `action` with its number, from 1, in a thread of its own.

    A read that waits is not disturbed, so what is said until the end is still heard.
    """
    numbers = count(1)

    def handle(*_: object) -> None:
        threading.Thread(target=action, args=(next(numbers),), daemon=True).start()

    before = {one: signal.signal(one, handle) for one in _SIGNALS}
    try:
        yield
    finally:
        for one, handler in before.items():
            signal.signal(one, handler)
