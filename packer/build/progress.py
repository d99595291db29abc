"""How a build tells what it is doing, without knowing of any terminal."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Protocol

__all__ = ["Progress", "Silent"]


class Progress(Protocol):
    """Told of each step of a build as it begins and ends."""

    def step(self, what: str) -> AbstractContextManager[None]:
        """A step is under way while the context is open: `what` is a short phrase, `assembling debian trixie`."""
        ...

    def note(self, text: str) -> None:
        """One line about something that people will want to know: a layer that was made, a package added."""
        ...


class Silent:
    """Progress that nobody watches."""

    @contextmanager
    def step(self, what: str) -> Iterator[None]:  # noqa: ARG002 - the port's signature
        """Say nothing."""
        yield

    def note(self, text: str) -> None:
        """Say nothing."""
