"""Waiting for a stack: until all is well, something failed, or time is up."""

from __future__ import annotations

from packer.stack.states import ContainerState, Verdict
from packer.stack.waiting import wait_for_stack


class Clock:
    """Time that passes only where it is slept through."""

    def __init__(self) -> None:
        self.now = 0.0

    def monotonic(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds


def states(**verdicts: Verdict) -> tuple[ContainerState, ...]:
    return tuple(ContainerState(id=name, service=name, verdict=verdict) for name, verdict in verdicts.items())


def test_it_ends_when_everything_is_ready_or_done_and_tells_of_each_once() -> None:
    looks = [
        states(database="waiting", app="waiting"),
        states(database="ready", app="waiting"),
        states(database="ready", app="ready", migrate="done"),
    ]
    told: list[str] = []

    outcome = wait_for_stack(
        lambda: looks.pop(0), patience=10, told=lambda one: told.append(one.service), clock=Clock()
    )

    assert outcome.ok
    assert told == ["database", "app", "migrate"]


def test_it_ends_at_once_when_something_fails() -> None:
    outcome = wait_for_stack(
        lambda: states(database="failed", app="waiting"), patience=10, told=lambda _: None, clock=Clock()
    )

    assert [state.service for state in outcome.failed] == ["database"]


def test_it_does_not_wait_for_ever() -> None:
    clock = Clock()
    outcome = wait_for_stack(lambda: states(app="waiting"), patience=5, told=lambda _: None, clock=clock)

    assert [state.service for state in outcome.late] == ["app"]
    assert 5 <= clock.now < 6
