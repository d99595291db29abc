"""Bytes on their way: cut into chunks, digested while they are copied, made ahead in a thread."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Generator, Iterable, Iterator
from typing import TYPE_CHECKING, BinaryIO, TypeVar

from packer.errors import ArchiveError
from packer.oci.digest import Digest

if TYPE_CHECKING:
    from typing_extensions import Buffer

__all__ = ["CHUNK", "chunks_of", "copy_digested", "equal_chunks", "read_ahead", "stream_of"]

CHUNK = 1 << 18
"""Bytes handled at once: many enough for hashing at full speed, few enough for the processor's cache."""

_Item = TypeVar("_Item")


def chunks_of(stream: BinaryIO, size: int = CHUNK) -> Iterator[bytes]:
    """The stream's bytes to its end."""
    while chunk := stream.read(size):
        yield chunk


class _ChunkReader(io.RawIOBase):
    """Chunks, read like a file."""

    def __init__(self, chunks: Iterable[bytes]) -> None:
        super().__init__()
        self._chunks = iter(chunks)
        self._rest = memoryview(b"")

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Buffer, /) -> int:
        while not self._rest:
            chunk = next(self._chunks, None)
            if chunk is None:
                return 0
            self._rest = memoryview(chunk)
        target = memoryview(buffer)
        size = min(len(target), len(self._rest))
        target[:size] = self._rest[:size]
        self._rest = self._rest[size:]
        return size


def stream_of(chunks: Iterable[bytes]) -> BinaryIO:
    """Chunks as a stream to read, for what wants a file."""
    return io.BufferedReader(_ChunkReader(chunks), CHUNK)


def copy_digested(chunks: Iterable[bytes], sink: BinaryIO, *, limit: int | None = None) -> tuple[Digest, int]:
    """Write the chunks to `sink`; their digest and how many bytes they were.

    Raises `ArchiveError` as soon as they are more than `limit` bytes.
    """
    digest = hashlib.sha256()
    size = 0
    for chunk in chunks:
        size += len(chunk)
        if limit is not None and size > limit:
            raise ArchiveError(f"more bytes arrive than the {limit} expected")
        digest.update(chunk)
        sink.write(chunk)
    return Digest.from_hex(digest.hexdigest()), size


def equal_chunks(pieces: Iterable[bytes], size: int = CHUNK) -> Iterator[bytes | memoryview]:
    """The same bytes in chunks of exactly `size` (the last one may be shorter), however they were cut before."""
    held: list[bytes | memoryview] = []
    count = 0
    for piece in pieces:
        held.append(piece)
        count += len(piece)
        if count >= size:
            joined = memoryview(b"".join(held))
            whole = count - count % size
            for start in range(0, whole, size):
                yield joined[start : start + size]
            held = [joined[whole:]]
            count -= whole
    if count:
        yield b"".join(held)


class _Failure:
    """What the producer's thread died of."""

    def __init__(self, error: BaseException) -> None:
        self.error = error


def read_ahead(chunks: Iterable[_Item], *, depth: int = 8) -> Generator[_Item, None, None]:
    """The chunks, made in another thread at most `depth` ahead: hashing and compression release the interpreter.

    What making them raises is raised here. The thread ends when the caller stops early.
    """
    import queue  # noqa: PLC0415 - most runs find every layer made
    import threading  # noqa: PLC0415

    ready: queue.Queue[_Item | _Failure | None] = queue.Queue(depth)
    stopped = threading.Event()

    def produce() -> None:
        last: _Failure | None = None
        try:
            for chunk in chunks:
                ready.put(chunk)
                if stopped.is_set():
                    return
        except BaseException as error:  # noqa: BLE001 - it goes on in the caller's thread
            last = _Failure(error)
        ready.put(last)

    thread = threading.Thread(target=produce, name="read-ahead", daemon=True)
    thread.start()
    try:
        while (chunk := ready.get()) is not None:
            if isinstance(chunk, _Failure):
                raise chunk.error
            yield chunk
    finally:
        stopped.set()
        # Make room, so that a producer that waits for it sees that it is no longer wanted.
        while not ready.empty():
            ready.get_nowait()
        thread.join()
