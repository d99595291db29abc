"""Files written whole or not at all, locks between processes, and streams copied while they are digested."""

from __future__ import annotations

import errno
import fcntl
import hashlib
import io
import os
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from packer.errors import ArchiveError, BuildError, TransientError
from packer.oci.digest import Digest

if TYPE_CHECKING:
    from typing_extensions import Buffer

__all__ = [
    "CHUNK",
    "UnfinishedFile",
    "chunks_of",
    "copy_digested",
    "disk_errors",
    "file_lock",
    "replacing",
    "stream_of",
    "unfinished_file",
    "write_atomically",
]

CHUNK = 1 << 18
"""Bytes read at once: large enough for hashing at full speed, small enough to stay in the processor's cache."""

_FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})


class UnfinishedFile:
    """A file that is being written beside its place, and does not exist for anybody else yet."""

    def __init__(self, path: Path, stream: BinaryIO) -> None:
        self._path = path
        self.stream = stream

    def become(self, path: Path, *, durable: bool = False) -> None:
        """Close the file and put it at `path`, whose folder is made, in one step that replaces what was there.

        `durable` waits until the bytes are on the disk: for what cannot be made again.
        """
        with disk_errors(path):
            self.stream.flush()
            if durable:
                os.fsync(self.stream.fileno())
            self.stream.close()
            path.parent.mkdir(parents=True, exist_ok=True)
            self._path.replace(path)


@contextmanager
def unfinished_file(folder: Path) -> Iterator[UnfinishedFile]:
    """A new file in `folder`, which is made; removed at the end of the block unless it became something.

    Raises `BuildError` when the disk is full or the folder cannot be written. Other errors of the block pass.
    """
    path = folder / f".{os.getpid()}-{os.urandom(8).hex()}.tmp"
    with disk_errors(path):
        folder.mkdir(parents=True, exist_ok=True)
        stream = path.open("xb", buffering=CHUNK)
    try:
        with disk_errors(path, only_full=True), stream:
            yield UnfinishedFile(path, stream)
    finally:
        with suppress(OSError):
            path.unlink(missing_ok=True)


@contextmanager
def replacing(path: Path, *, scratch: Path | None = None, durable: bool = False) -> Iterator[BinaryIO]:
    """A stream whose bytes become the file `path` when the block ends well; otherwise nothing is left.

    `scratch` is the folder, on the same file system, where the unfinished file lies: by default the target's own.
    Raises as `unfinished_file` does.
    """
    with unfinished_file(scratch or path.parent) as file:
        yield file.stream
        file.become(path, durable=durable)


@contextmanager
def disk_errors(path: Path, *, only_full: bool = False) -> Iterator[None]:
    """Say what a failed write to `path` means. `only_full` lets every other `OSError` pass: it may be the source's."""
    try:
        yield
    except OSError as error:
        if error.errno in _FULL:
            raise BuildError("the disk is full", where=str(path), hint="make room, or choose another folder") from error
        if only_full:
            raise
        raise BuildError(f"cannot write: {error.strerror or error}", where=str(path)) from error


def write_atomically(path: Path, content: bytes, *, scratch: Path | None = None, durable: bool = False) -> None:
    """`content` becomes the file `path`, or nothing changes. Raises as `replacing` does."""
    with replacing(path, scratch=scratch, durable=durable) as stream:
        stream.write(content)


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


@contextmanager
def file_lock(
    path: Path,
    *,
    what: str,
    timeout: float = 60.0,
    sleep: Callable[[float], None] = time.sleep,
    clock: Callable[[], float] = time.monotonic,
) -> Iterator[None]:
    """Hold `path` as a lock against other processes and threads. The kernel frees it when its holder dies.

    `what` names in messages what is locked. Raises `TransientError` when the lock is not free after `timeout` seconds,
    `BuildError` when the lock file cannot be made.
    """
    with disk_errors(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o666)
    try:
        deadline = clock() + timeout
        while not _try_lock(descriptor):
            if clock() >= deadline:
                raise TransientError(f"another pack is using {what}", where=str(path), hint="wait for it, then retry")
            sleep(0.02)
        yield
    finally:
        os.close(descriptor)


def _try_lock(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
