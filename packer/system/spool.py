"""Large content at rest for a moment: an unnamed temporary file whose parts are read by position."""

from __future__ import annotations

import io
import os
import tempfile
import weakref
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, cast

from packer.errors import ArchiveError
from packer.oci.entry import Content

__all__ = ["Spool"]

_BUFFER = 1 << 18


class Spool:
    """An unnamed temporary file that lives as long as something refers to it. Safe for several threads."""

    def __init__(self, descriptor: int, size: int) -> None:
        self.descriptor = descriptor
        self.size = size
        weakref.finalize(self, os.close, descriptor)

    @classmethod
    def filled(cls, chunks: Iterator[bytes], *, limit: int, scratch: Path | None) -> Spool:
        """Raises `ArchiveError` when there are more than `limit` bytes."""
        with tempfile.TemporaryFile(dir=scratch) as file:
            total = 0
            for chunk in chunks:
                total += len(chunk)
                if total > limit:
                    raise ArchiveError(f"it unpacks to more than {limit >> 20} MiB, far more than it says")
                file.write(chunk)
            file.flush()
            return cls(os.dup(file.fileno()), total)

    def content(self, offset: int, size: int) -> Content:
        """A part of it."""
        return Content(size, lambda: cast("BinaryIO", io.BufferedReader(_Window(self, offset, size), _BUFFER)))


class _Window(io.RawIOBase):
    """A part of a spool as a stream with a position of its own."""

    def __init__(self, spool: Spool, offset: int, size: int) -> None:
        self._spool = spool
        self._start = offset
        self._size = size
        self._position = 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = os.SEEK_SET, /) -> int:
        origin = {os.SEEK_SET: 0, os.SEEK_CUR: self._position, os.SEEK_END: self._size}[whence]
        self._position = max(0, origin + offset)
        return self._position

    def readinto(self, buffer: memoryview, /) -> int:  # type: ignore[override]  # what BufferedReader passes
        count = max(0, min(len(buffer), self._size - self._position))
        piece = os.pread(self._spool.descriptor, count, self._start + self._position)
        buffer[: len(piece)] = piece
        self._position += len(piece)
        return len(piece)
