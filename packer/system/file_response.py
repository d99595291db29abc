"""`file:` addresses, answered like HTTP ones: a local mirror or wheel folder is one more source."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Any, BinaryIO
from urllib.parse import unquote, urlsplit

from packer.errors import BuildError, UsageError
from packer.system.files import open_regular

__all__ = ["FileResponse", "open_file_url"]


class _Fields(dict[str, str]):
    """Header fields with lower-case names, found in any spelling."""

    def __missing__(self, name: str) -> str:
        if name.islower():
            raise KeyError(name)
        return self[name.lower()]

    def get(self, name: str, default: object = None) -> Any:
        return super().get(name.lower(), default)


class FileResponse:
    """200 with the file's bytes, or 404 without any."""

    def __init__(self, path: Path, stream: BinaryIO | None) -> None:
        self._path = path
        self._stream = stream
        size = 0 if stream is None else os.fstat(stream.fileno()).st_size
        self._headers = _Fields({"content-length": str(size)})

    @property
    def status(self) -> int:
        """200 when the file is there, else 404."""
        return 404 if self._stream is None else 200

    @property
    def headers(self) -> Mapping[str, str]:
        """Only `content-length`."""
        return self._headers

    def stream(self, chunk_size: int = 262_144) -> Iterator[bytes]:
        """The file's bytes."""
        while self._stream is not None and (chunk := self._stream.read(chunk_size)):
            yield chunk

    def read(self, limit: int) -> bytes:
        """The whole file; raises `BuildError` when it is larger than `limit`."""
        content = self._stream.read(limit + 1) if self._stream is not None else b""
        if len(content) > limit:
            raise BuildError(f"the file is larger than {limit} bytes", where=str(self._path))
        return content


@contextmanager
def open_file_url(url: str) -> Iterator[FileResponse]:
    """Open a `file:` URL. What is no readable regular file is a 404."""
    parts = urlsplit(url)
    if parts.netloc not in ("", "localhost"):
        raise UsageError(f"{url!r} names a file on another host", hint="write it as file:///folder/file")
    path = Path(unquote(parts.path))
    stream = open_regular(path)
    with stream or nullcontext():
        yield FileResponse(path, stream)
