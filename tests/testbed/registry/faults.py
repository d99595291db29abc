"""Quirks of networks and servers under load: each a value, each one idea."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from itertools import count, repeat

from .rules import Quirk
from .wire import Answer, ConnectionDroppedError, Handler, Request

__all__ = [
    "AnswerStatus",
    "AnswerText",
    "ChangedByte",
    "DropAnswer",
    "DropConnection",
    "DropRequest",
    "EndlessAnswer",
    "EveryThird",
    "RedirectTo",
    "ShortAnswer",
    "Trickle",
    "WithField",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerStatus:
    """Another status instead of an answer: 429 with `retry_after`, 503, 499, 522, …"""

    status: int
    code: str = "UNKNOWN"
    message: str = "the testbed wants it so"
    retry_after: str | None = None

    def __call__(self, request: Request, proceed: Handler, /) -> Answer:
        answer = Answer.error(self.status, self.code, self.message)
        return answer.having("Retry-After", self.retry_after)


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerText:
    """Some text instead of an answer: not JSON, not a registry, or very large."""

    content: bytes
    status: int = 200
    media_type: str = "application/json"

    def __call__(self, request: Request, proceed: Handler, /) -> Answer:
        return Answer.of(self.status, self.content, content_type=self.media_type)


@dataclass(frozen=True, slots=True, kw_only=True)
class EndlessAnswer:
    """JSON that never ends."""

    status: int = 200
    start: bytes = b'{"token": "'

    def __call__(self, request: Request, proceed: Handler, /) -> Answer:
        def body() -> Iterator[bytes]:
            yield self.start
            yield from repeat(b"x" * 65_536)

        return Answer(status=self.status, headers=(("Content-Type", "application/json"),), body=body(), length=None)


@dataclass(frozen=True, slots=True)
class DropConnection:
    """The connection ends without a word."""

    def __call__(self, request: Request, proceed: Handler, /) -> Answer:
        raise ConnectionDroppedError


@dataclass(frozen=True, slots=True, kw_only=True)
class DropRequest:
    """The connection ends after some bytes of the request's body."""

    after: int

    def __call__(self, request: Request, proceed: Handler, /) -> Answer:
        return proceed(replace(request, body=_dropped(request.body, self.after)))


@dataclass(frozen=True, slots=True, kw_only=True)
class DropAnswer:
    """The connection ends after some bytes of the answer's body, whose full length was announced."""

    after: int

    def __call__(self, request: Request, proceed: Handler, /) -> Answer:
        answer = proceed(request)
        return replace(answer, body=_dropped(answer.body, self.after))


@dataclass(frozen=True, slots=True, kw_only=True)
class ShortAnswer:
    """The body ends early, and Content-Length says that this is all."""

    size: int

    def __call__(self, request: Request, proceed: Handler, /) -> Answer:
        answer = proceed(request)
        return replace(answer, body=_first(answer.body, self.size), length=self.size)


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangedByte:
    """One byte of the body is another."""

    position: int

    def __call__(self, request: Request, proceed: Handler, /) -> Answer:
        answer = proceed(request)
        return replace(answer, body=_changed(answer.body, self.position))


@dataclass(frozen=True, slots=True)
class EveryThird:
    """Another quirk for one request of three, as on a bad line."""

    quirk: Quirk
    _numbers: Iterator[int] = field(default_factory=lambda: count(1))

    def __call__(self, request: Request, proceed: Handler, /) -> Answer:
        return proceed(request) if next(self._numbers) % 3 else self.quirk(request, proceed)


@dataclass(frozen=True, slots=True, kw_only=True)
class WithField:
    """A header field of the answer has another value, or with None is absent."""

    name: str
    value: str | None

    def __call__(self, request: Request, proceed: Handler, /) -> Answer:
        return proceed(request).having(self.name, self.value)


@dataclass(frozen=True, slots=True, kw_only=True)
class RedirectTo:
    """A redirect to `location`, where `{reference}`, `{path}` and `{origin}` stand for the request's.

    `RedirectTo(location="{path}")` is a loop.
    """

    location: str
    status: int = 307

    def __call__(self, request: Request, proceed: Handler, /) -> Answer:
        known = {"reference": request.route.reference, "path": request.path, "origin": request.origin}
        return Answer.of(self.status, location=self.location.format(**known))


@dataclass(frozen=True, slots=True, kw_only=True)
class Trickle:
    """The body comes in small pieces, with a pause after each."""

    size: int = 1
    seconds: float = 0.0

    def __call__(self, request: Request, proceed: Handler, /) -> Answer:
        answer = proceed(request)
        return replace(answer, body=self._pieces(answer.body))

    def _pieces(self, body: Iterable[bytes]) -> Iterator[bytes]:
        for piece in body:
            for position in range(0, len(piece), self.size):
                yield piece[position : position + self.size]
                if self.seconds:
                    threading.Event().wait(self.seconds)


def _first(body: Iterable[bytes], size: int) -> Iterator[bytes]:
    for piece in body:
        yield piece[:size]
        size -= len(piece[:size])
        if not size:
            return


def _dropped(body: Iterable[bytes], after: int) -> Iterator[bytes]:
    yield from _first(body, after)
    raise ConnectionDroppedError


def _changed(body: Iterable[bytes], position: int) -> Iterator[bytes]:
    for piece in body:
        if 0 <= position < len(piece):
            yield piece[:position] + bytes([piece[position] ^ 0xFF]) + piece[position + 1 :]
        else:
            yield piece
        position -= len(piece)
