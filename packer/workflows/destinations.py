"""Where a built image goes: pack's own store, an OCI layout, or an archive."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from msgspec import Struct

from packer.errors import UsageError

__all__ = ["Destination", "parse_destination"]


class Destination(Struct, frozen=True):
    """A kind of sink, and its path on this machine (none for the store)."""

    kind: Literal["store", "oci", "archive"]
    path: Path = Path()


def parse_destination(text: str | None) -> Destination:
    """Read `oci:DIR` or `archive:FILE`; None is the store. Raises `UsageError` for anything else.

    >>> parse_destination("archive:shop.tar").kind
    'archive'
    """
    if text is None:
        return Destination("store")
    scheme, _, path = text.partition(":")
    if path and scheme == "oci":
        return Destination("oci", Path(path))
    if path and scheme == "archive":
        return Destination("archive", Path(path))
    raise UsageError(f"{text!r} is not an output", hint="write --output oci:DIR or --output archive:FILE")
