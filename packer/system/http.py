"""HTTP as the rest of pack knows it: ports and values. The adapter that opens connections is `urllib_http`."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager
from io import BytesIO
from types import MappingProxyType
from typing import Protocol

from msgspec import Struct

__all__ = ["Body", "ByteStream", "Exchange", "Http", "Request", "Response", "RetryPolicy"]


class Response(Protocol):
    """An answer whose body is streamed."""

    @property
    def status(self) -> int:
        """The HTTP status code."""
        ...

    @property
    def headers(self) -> Mapping[str, str]:
        """The header fields, looked up without regard to case."""
        ...

    def stream(self, chunk_size: int = 262_144) -> Iterator[bytes]:
        """The body, in chunks. Raises `TransientError` when it is cut short."""
        ...

    def read(self, limit: int) -> bytes:
        """The whole body; raises `TransientError` when it is cut short, `PackError` when it is larger than `limit`."""
        ...


class Http(Protocol):
    """A pool of connections, safe to use from several threads."""

    def get(self, url: str, *, headers: Mapping[str, str] | None = None) -> AbstractContextManager[Response]:
        """GET `url` (`http`, `https` or `file`), following redirects without carrying credentials to another host.

        Connection failures and answers 408, 429, 5xx are tried again a few times with growing pauses
        (`Retry-After` obeyed up to a cap), then raise `TransientError`. Other statuses are returned.
        """
        ...


class ByteStream(Protocol):
    """Bytes to be read once."""

    def read(self, size: int = -1, /) -> bytes:
        """At most so many bytes; none at the end."""
        ...

    def close(self) -> None:
        """Let go of it."""
        ...


class Body(Struct, frozen=True, kw_only=True):
    """What a request carries: `open` gives a stream of exactly `size` bytes, anew each time."""

    size: int
    open: Callable[[], ByteStream]

    @classmethod
    def of(cls, content: bytes) -> Body:
        """A body that is in memory."""
        return cls(size=len(content), open=lambda: BytesIO(content))


class Request(Struct, frozen=True, kw_only=True):
    """One request, complete but for what every request has (`User-Agent`, `Content-Length`)."""

    method: str
    url: str
    headers: Mapping[str, str] = MappingProxyType({})
    body: Body | None = None


class Exchange(Protocol):
    """Single requests over a pool of connections, safe to use from several threads."""

    def send(self, request: Request) -> AbstractContextManager[Response]:
        """The answer, whatever its status: nothing is tried again, no redirect is followed, no credential is added.

        Raises `TransientError` when the server cannot be reached or breaks off, `TrustError` for a certificate that
        does not hold, `UsageError` for what is no address.
        """
        ...


class RetryPolicy(Struct, frozen=True, kw_only=True):
    """How often a GET is tried, and how long to wait in between (seconds).

    A server to which no connection can be made is not tried as often: mostly there is no network at all.
    """

    attempts: int = 4
    unreachable_attempts: int = 2
    first_pause: float = 0.5
    growth: float = 3.0
    longest_pause: float = 30.0

    def pause(self, attempt: int, asked: float | None) -> float:
        """The pause after attempt number `attempt` (from 1); `asked` is the server's `Retry-After`."""
        wanted = self.first_pause * self.growth ** (attempt - 1) if asked is None else asked
        return min(wanted, self.longest_pause)
