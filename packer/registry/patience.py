"""When to try again, and how long to wait before."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from itertools import count
from typing import TypeVar

from msgspec import Struct

from packer.errors import TransientError, UnreachableError
from packer.system.http import RetryPolicy

__all__ = ["Patience", "SetbackError"]

_NOTABLE_SECONDS = 2.0
"""A pause from this length on is told to the user."""

ResultT = TypeVar("ResultT")


class SetbackError(TransientError):
    """A server wants us to come back later; `asked` is after how many seconds, None where it does not say."""

    def __init__(self, what: str, *, where: str, hint: str, asked: float | None) -> None:
        super().__init__(what, where=where, hint=hint)
        self.asked = asked


def _tell_nobody(text: str) -> None:
    """Nobody is there to be told."""


class Patience(Struct, frozen=True, kw_only=True):
    """How often to try, and how to wait.

    Attributes:
        policy: attempts and pauses.
        sleep: waits for seconds.
        now: the wall clock, for a `Retry-After` that is a date.
        jitter: a number from 0 to 1, so that many clients do not come back at once.
        note: tells the user of a long pause.
    """

    policy: RetryPolicy = RetryPolicy(
        attempts=7, unreachable_attempts=3, first_pause=1.0, growth=2.0, longest_pause=60.0
    )
    """A request gets through a proxy that fails one of three, all but one time of two thousand; a dead server costs a
    minute.
    """
    sleep: Callable[[float], None] = time.sleep
    now: Callable[[], float] = time.time
    jitter: Callable[[], float] = random.random
    note: Callable[[str], None] = _tell_nobody

    def persist(self, once: Callable[[], ResultT], *, attempts: int | None = None) -> ResultT:
        """What `once` returns, tried again after each `TransientError` until the attempts are used up."""
        for attempt in count(1):
            error = None
            try:
                return once()
            except TransientError as setback:
                most = self.policy.unreachable_attempts if isinstance(setback, UnreachableError) else attempts
                if attempt >= (most or self.policy.attempts):
                    raise
                error = setback
            self.wait(attempt, error)
        raise AssertionError  # the loop does not end

    def wait(self, attempt: int, error: TransientError) -> None:
        """Wait after attempt number `attempt`, which failed by `error`."""
        asked = error.asked if isinstance(error, SetbackError) else None
        pause = self.policy.pause(attempt, asked)
        if asked is None:
            pause *= 0.5 + self.jitter() / 2
        if pause >= _NOTABLE_SECONDS:
            self.note(f"{error.what}; trying again in {pause:.0f} s")
        self.sleep(pause)
