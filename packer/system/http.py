"""HTTP: the one place that opens connections to the outside."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager
from typing import Protocol

__all__ = ["Http", "Response"]


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
