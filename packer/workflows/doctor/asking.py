"""Many questions asked at once, of which none may keep the others waiting."""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from typing import Generic, TypeVar

from msgspec import Struct

from packer.errors import PackError
from packer.plan.finding import Area, Finding

__all__ = ["Answer", "Check", "Once", "ask_all", "told"]

ValueT = TypeVar("ValueT")


class Check(Struct, frozen=True):
    """A question. A `PackError` that it raises is what it found."""

    area: Area
    subject: str
    ask: Callable[[], Iterable[Finding]]


class Answer(Struct, frozen=True):
    """What came of the check number `place`: findings, or a bug."""

    place: int
    findings: tuple[Finding, ...] = ()
    bug: BaseException | None = None


class Once(Generic[ValueT]):
    """A value that several checks want and one of them has to make; all others wait. Its `PackError` is theirs, too."""

    def __init__(self, make: Callable[[], ValueT]) -> None:
        self._make = make
        self._lock = threading.Lock()
        self._made: tuple[ValueT] | None = None
        self._error: PackError | None = None

    def __call__(self) -> ValueT:
        """The value. Raises what making it raised."""
        with self._lock:
            if self._made is None and self._error is None:
                try:
                    self._made = (self._make(),)
                except PackError as error:
                    self._error = error
        if self._made is None:
            assert self._error is not None
            raise self._error
        return self._made[0]

    def or_none(self) -> ValueT | None:
        """The value; None where there is none."""
        try:
            return self()
        except PackError:
            return None


def ask_all(checks: Sequence[Check], *, patience: float) -> tuple[Finding, ...]:
    """What all checks find, in their order; a check that takes longer than `patience` seconds is told of as such.

    One that does not come back keeps nobody: its thread ends with the process.
    """
    answers: queue.SimpleQueue[Answer] = queue.SimpleQueue()
    for place, check in enumerate(checks):
        threading.Thread(target=_ask, args=(place, check, answers), daemon=True).start()
    found: dict[int, tuple[Finding, ...]] = {}
    deadline = time.monotonic() + patience
    while len(found) < len(checks):
        try:
            answer = answers.get(timeout=max(0.0, deadline - time.monotonic()))
        except queue.Empty:
            break
        if answer.bug is not None:
            raise answer.bug
        found[answer.place] = answer.findings
    return tuple(one for place, check in enumerate(checks) for one in found.get(place, (_late(check, patience),)))


def _ask(place: int, check: Check, answers: queue.SimpleQueue[Answer]) -> None:
    try:
        answers.put(Answer(place, tuple(check.ask())))
    except PackError as error:
        answers.put(Answer(place, (told(check.area, check.subject, error),)))
    except BaseException as bug:  # noqa: BLE001 - it is raised where the answers are gathered
        answers.put(Answer(place, bug=bug))


def told(area: Area, subject: str, error: PackError) -> Finding:
    """An error as a finding."""
    place = f" ({error.where})" if error.where else ""
    return Finding(area=area, subject=subject, state="broken", what=f"{error.what}{place}", fix=error.hint)


def _late(check: Check, patience: float) -> Finding:
    what = f"no answer within {patience:g} s"
    fix = "see what makes this machine slow, or what is in the way, and try again"
    return Finding(area=check.area, subject=check.subject, state="warning", what=what, fix=fix)
