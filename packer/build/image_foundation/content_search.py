"""Looking into contents of any size with little memory."""

from __future__ import annotations

import re

from packer.oci.entry import Content
from packer.wheels.elf import ReadAt

__all__ = ["first_match", "read_at"]

_PIECE = 1 << 20
_OVERLAP = 256
"""The longest match that is found wherever it stands."""


def first_match(content: Content, pattern: re.Pattern[bytes]) -> re.Match[bytes] | None:
    """The first place where a pattern matches; a match is at most 256 bytes long."""
    tail = b""
    with content.open() as stream:
        while piece := stream.read(_PIECE):
            window = tail + piece
            if found := pattern.search(window):
                return found
            tail = window[-_OVERLAP:]
    return None


def read_at(content: Content) -> ReadAt:
    """Parts of a content by their position; its stream must be seekable."""

    def read(offset: int, size: int) -> bytes:
        if offset >= content.size:
            return b""
        with content.open() as stream:
            stream.seek(offset)
            return stream.read(size)

    return read
