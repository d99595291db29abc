"""When a server misbehaves: which quirk, at which step, how often."""

from __future__ import annotations

import threading
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol

from .routing import Step
from .wire import Answer, Handler, Request

__all__ = ["Quirk", "Rule", "Rules", "always", "once"]


class Quirk(Protocol):
    """One idea of misbehaviour: it answers itself, or changes what goes in to or comes out of `proceed`."""

    def __call__(self, request: Request, proceed: Handler, /) -> Answer:
        """Answer the request."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """A quirk at some steps (None: at every one), for `times` requests (None: for all) after the first `after`."""

    quirk: Quirk
    steps: frozenset[Step] | None
    times: int | None = None
    after: int = 0

    def holds(self, seen: int) -> bool:
        """Whether it is meant for the request that comes after `seen` others."""
        return seen >= self.after and (self.times is None or seen < self.after + self.times)


def always(quirk: Quirk, *steps: Step) -> Rule:
    """The quirk at these steps, or without a step at all of them, for ever."""
    return Rule(quirk=quirk, steps=frozenset(steps) or None)


def once(quirk: Quirk, *steps: Step, times: int = 1, after: int = 0) -> Rule:
    """The quirk at these steps, once or a few times."""
    return Rule(quirk=quirk, steps=frozenset(steps) or None, times=times, after=after)


class Rules:
    """The rules of one server, and how often each has been met. The last added acts first."""

    def __init__(self, rules: Iterable[Rule] = ()) -> None:
        self._lock = threading.Lock()
        self._seen: list[tuple[Rule, list[int]]] = []
        self.add(*rules)

    def add(self, *rules: Rule) -> None:
        """More of them, from now on."""
        with self._lock:
            self._seen.extend((rule, [0]) for rule in rules)

    def around(self, handler: Handler) -> Handler:
        """The handler with the quirks around it."""

        def handle(request: Request) -> Answer:
            chosen = handler
            for quirk in self._quirks(request.route.step):
                chosen = _wrapped(quirk, chosen)
            return chosen(request)

        return handle

    def _quirks(self, step: Step) -> list[Quirk]:
        found = []
        with self._lock:
            for rule, counter in self._seen:
                if rule.steps is None or step in rule.steps:
                    if rule.holds(counter[0]):
                        found.append(rule.quirk)
                    counter[0] += 1
        return found


def _wrapped(quirk: Quirk, proceed: Handler) -> Handler:
    return lambda request: quirk(request, proceed)
