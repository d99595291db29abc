"""What passed through a server, for tests that count."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count

from .routing import Step

__all__ = ["Exchange", "Traffic"]

_SETTLING_SECONDS = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchange:
    """A request and its answer.

    Attributes:
        target: path and query as they came.
        step: what it was in the specification's terms.
        connection: a number for each connection, from 1.
        status: of the answer; 0 when the connection was dropped instead.
        received: bytes of the request's body that were read.
        sent: bytes of the answer's body that were sent.
        headers: of the request, by lower-case names.
    """

    method: str
    target: str
    step: Step
    connection: int
    status: int
    received: int
    sent: int
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)

    @property
    def authorization(self) -> str | None:
        """The Authorization field."""
        return self.headers.get("authorization")


class Traffic:
    """The exchanges of a server in the order in which they began."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._exchanges: dict[int, Exchange] = {}
        self._answering: list[Step] = []
        self._unsettled = 0
        self._numbers = count(1)

    @contextmanager
    def exchange(self) -> Iterator[int]:
        """From the arrival of a request until `add`. Its number."""
        with self._changed:
            self._unsettled += 1
            number = next(self._numbers)
        try:
            yield number
        finally:
            with self._changed:
                self._unsettled -= 1
                self._changed.notify_all()

    @contextmanager
    def answering(self, step: Step) -> Iterator[int]:
        """Until a request's answer is known, but not sent: how many for the same step there are now, with this one."""
        with self._changed:
            self._answering.append(step)
            concurrent = self._answering.count(step)
        try:
            yield concurrent
        finally:
            with self._changed:
                self._answering.remove(step)

    def add(self, number: int, exchange: Exchange) -> None:
        """Write down an exchange."""
        with self._changed:
            self._exchanges[number] = exchange

    def forget(self) -> None:
        """Start counting anew."""
        with self._changed:
            self._settle()
            self._exchanges.clear()

    @property
    def exchanges(self) -> tuple[Exchange, ...]:
        """All so far. An exchange that a client has just read to its end is among them."""
        with self._changed:
            self._settle()
            return tuple(self._exchanges[number] for number in sorted(self._exchanges))

    def of(self, *steps: Step) -> tuple[Exchange, ...]:
        """Those for some steps."""
        return tuple(exchange for exchange in self.exchanges if exchange.step in steps)

    @property
    def received(self) -> int:
        """Bytes of all request bodies."""
        return sum(exchange.received for exchange in self.exchanges)

    @property
    def sent(self) -> int:
        """Bytes of all answer bodies."""
        return sum(exchange.sent for exchange in self.exchanges)

    @property
    def connections(self) -> int:
        """How many connections brought a request."""
        return len({exchange.connection for exchange in self.exchanges})

    def _settle(self) -> None:
        self._changed.wait_for(lambda: not self._unsettled, _SETTLING_SECONDS)
