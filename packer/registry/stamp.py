"""An entry of a team's cache as it stood at one moment."""

from __future__ import annotations

from msgspec import Struct

__all__ = ["Stamp"]


class Stamp(Struct, frozen=True):
    """By it one knows an entry again.

    Attributes:
        tag: its name.
        digest: of its manifest.
    """

    tag: str
    digest: str
