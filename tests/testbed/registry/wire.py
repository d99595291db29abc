"""What passes between a client and a server of the testbed: requests and answers."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Protocol

from .routing import Route

__all__ = ["Answer", "ByteSource", "ConnectionDroppedError", "Handler", "Refusal", "Request", "RequestBody"]

_PIECE = 262_144


class ConnectionDroppedError(Exception):
    """The connection ends here: a quirk wants it, or the other side has gone."""


class ByteSource(Protocol):
    """The reading half of a connection."""

    def read1(self, size: int, /) -> bytes:
        """Up to `size` bytes, as soon as there are any; none at the end."""
        ...

    def readline(self, size: int, /) -> bytes:
        """One line."""
        ...


class RequestBody:
    """A request's body, read piece by piece as it arrives, with a length or in HTTP's chunks.

    `wanted` is called before the first byte is read: the moment to say `100 Continue`.
    """

    def __init__(self, source: ByteSource, headers: Mapping[str, str], wanted: Callable[[], None]) -> None:
        self.received = 0
        self.ended = False
        self._wanted: Callable[[], None] | None = wanted
        chunked = headers.get("transfer-encoding", "").lower() == "chunked"
        self._pieces = (
            self._chunks(source) if chunked else self._measured(source, int(headers.get("content-length", 0)))
        )

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        if self._wanted:
            wanted, self._wanted = self._wanted, None
            wanted()
        piece = next(self._pieces, None)
        if piece is None:
            self.ended = True
            raise StopIteration
        self.received += len(piece)
        return piece

    @property
    def begun(self) -> bool:
        """Whether somebody has asked for the first byte."""
        return self._wanted is None

    def drain(self, limit: int) -> bool:
        """Read the rest and forget it. False when it is longer than `limit`."""
        start = self.received
        return all(self.received - start <= limit for _ in self)

    def _measured(self, source: ByteSource, length: int) -> Iterator[bytes]:
        left = length
        while left:
            piece = source.read1(min(left, _PIECE))
            if not piece:
                raise ConnectionDroppedError
            left -= len(piece)
            yield piece

    def _chunks(self, source: ByteSource) -> Iterator[bytes]:
        while size := int(source.readline(1024).split(b";")[0] or b"0", 16):
            yield from self._measured(source, size)
            source.readline(1024)
        while source.readline(1024).strip():
            pass  # a trailer field


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One request.

    Attributes:
        origin: scheme and authority that the client used, `http://127.0.0.1:5000`.
        headers: by lower-case names.
        body: its bytes, once.
        concurrent: how many requests for the same step are being answered now, this one included.
    """

    method: str
    origin: str
    path: str
    route: Route
    query: tuple[tuple[str, str], ...] = ()
    headers: Mapping[str, str] = field(default_factory=dict)
    body: Iterable[bytes] = ()
    concurrent: int = 1

    def asked(self, name: str) -> str | None:
        """The first value of a query parameter."""
        return next((value for key, value in self.query if key == name), None)

    def without(self, *names: str) -> Request:
        """The same request without some query parameters."""
        return replace(self, query=tuple(pair for pair in self.query if pair[0] not in names))


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """One answer. A body of unknown `length` is sent in HTTP's chunks."""

    status: int
    headers: tuple[tuple[str, str], ...] = ()
    body: Iterable[bytes] = ()
    length: int | None = 0

    @classmethod
    def of(cls, status: int, content: bytes = b"", /, **headers: str) -> Answer:
        """An answer with its content in memory. `docker_content_digest=…` is the field Docker-Content-Digest."""
        return cls(status=status, body=(content,), length=len(content), headers=_fields(headers))

    @classmethod
    def json(cls, status: int, document: Any, /, **headers: str) -> Answer:
        """An answer that is a JSON document."""
        return cls.of(status, json.dumps(document).encode(), **{"content_type": "application/json", **headers})

    @classmethod
    def error(cls, status: int, code: str, message: str = "", /, **headers: str) -> Answer:
        """A refusal in the specification's words."""
        return cls.json(status, {"errors": [{"code": code, "message": message, "detail": {}}]}, **headers)

    def header(self, name: str) -> str | None:
        """The first value of a field."""
        return next((value for key, value in self.headers if key.lower() == name.lower()), None)

    def having(self, name: str, value: str | None) -> Answer:
        """The same answer with one field set, or with None absent."""
        others = tuple(pair for pair in self.headers if pair[0].lower() != name.lower())
        return replace(self, headers=others if value is None else (*others, (name, value)))


Handler = Callable[[Request], Answer]


class Refusal(Exception):  # noqa: N818 - an answer, not a failure
    """Ends the handling of a request with an error answer."""

    def __init__(self, status: int, code: str, message: str = "", /, **headers: str) -> None:
        super().__init__(f"{status} {code}: {message}")
        self.answer = Answer.error(status, code, message, **headers)


def _fields(headers: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    return tuple((name.replace("_", "-").title(), value) for name, value in headers.items())
