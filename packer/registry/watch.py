"""How a transfer tells what it is doing, without knowing of any terminal."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Protocol

__all__ = ["Unwatched", "Watch"]


class Watch(Protocol):
    """Told of each blob. Called from several threads."""

    def sending(self, name: str, size: int) -> AbstractContextManager[Callable[[int], None]]:
        """A blob of `size` bytes is under way while the context is open; the function is told of bytes that went.

        A negative number takes back those that must go again.
        """
        ...

    def passed(self, name: str, size: int, why: str) -> None:
        """A blob need not be moved."""
        ...


class Unwatched:
    """Nobody looks."""

    @contextmanager
    def sending(self, name: str, size: int) -> Iterator[Callable[[int], None]]:  # noqa: ARG002 - the port's signature
        """Count nothing."""
        yield lambda count: None  # noqa: ARG005

    def passed(self, name: str, size: int, why: str) -> None:
        """Say nothing."""
