"""The bytes of a project's files, which must still be those that were looked at."""

from __future__ import annotations

import hashlib
import io
from pathlib import Path
from typing import TYPE_CHECKING

from packer.errors import BuildError
from packer.oci.entry import Content
from packer.system.source_files import SourceFile

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

__all__ = ["read_source", "source_content"]

_STREAMED_SIZE = 1 << 20
"""Larger files are streamed; smaller ones are read once, checked, and written."""


def source_content(path: Path, file: SourceFile, digest: str) -> bytes | Content:
    """The bytes of the file at `path`, which had the SHA-256 `digest` (hexadecimal) when it was looked at.

    Raises `BuildError`, for a large file while it is being read, when it has changed since or cannot be read.
    """
    if file.size > _STREAMED_SIZE:
        return Content(file.size, lambda: io.BufferedReader(_Verified(path, file.path, digest)))
    return read_source(path, file.path, digest)


def read_source(path: Path, name: str, digest: str) -> bytes:
    """The bytes of a file that is called `name` in messages. Raises `BuildError` as `source_content` does."""
    try:
        content = path.read_bytes()
    except OSError as error:
        raise BuildError(f"cannot read {name}: {error.strerror}") from error
    if hashlib.sha256(content).hexdigest() != digest:
        raise _changed(name)
    return content


def _changed(name: str) -> BuildError:
    return BuildError(f"{name} changed while the image was being built", hint="build again when the file is at rest")


class _Verified(io.RawIOBase):
    """A file that must still have the digest it had when it was looked at."""

    def __init__(self, path: Path, name: str, digest: str) -> None:
        self._stream = path.open("rb")
        self._name = name
        self._digest = digest
        self._hash = hashlib.sha256()

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: WriteableBuffer) -> int:
        count = self._stream.readinto(buffer)
        self._hash.update(memoryview(buffer)[:count])
        if not count and self._hash.hexdigest() != self._digest:
            raise _changed(self._name)
        return count

    def close(self) -> None:
        self._stream.close()
        super().close()
