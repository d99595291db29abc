"""Files written whole or not at all, and locks between processes."""

from __future__ import annotations

import errno
import fcntl
import os
import stat
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from packer.errors import BuildError, TransientError
from packer.system.chunks import CHUNK

__all__ = [
    "UnfinishedFile",
    "disk_errors",
    "file_lock",
    "note_use",
    "open_regular",
    "read_regular",
    "replacing",
    "unfinished_file",
    "write_atomically",
]

_USE_IS_NOTED_EVERY = 12 * 3600.0
"""Seconds. Often enough to tell what was not used for days, rarely enough to cost nothing."""
_FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})


class UnfinishedFile:
    """A file that is being written beside its place, and does not exist for anybody else yet."""

    def __init__(self, path: Path, stream: BinaryIO) -> None:
        self.path = path
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
            self.path.replace(path)


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


def open_regular(path: Path) -> BinaryIO | None:
    """A file to read; None for what is no regular file or cannot be read. Never waits, as a named pipe would."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except (OSError, ValueError):
        return None
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        return None
    return os.fdopen(descriptor, "rb")


def read_regular(path: Path, *, limit: int) -> bytes | None:
    """At most the first `limit` bytes of a file; None where `open_regular` gives none or reading fails."""
    stream = open_regular(path)
    if stream is None:
        return None
    with stream, suppress(OSError):
        return stream.read(limit)
    return None


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


def note_use(path: Path) -> bool:
    """Note in a file's or folder's time of modification that it is in use; whether it is there."""
    try:
        if time.time() - path.stat().st_mtime > _USE_IS_NOTED_EVERY:
            with suppress(OSError):
                os.utime(path)
    except OSError:
        return False
    return True


@contextmanager
def file_lock(
    path: Path,
    *,
    what: str,
    shared: bool = False,
    timeout: float = 60.0,
    sleep: Callable[[float], None] = time.sleep,
    clock: Callable[[], float] = time.monotonic,
) -> Iterator[None]:
    """Hold `path` as a lock against other processes and threads. The kernel frees it when its holder dies.

    `what` names in messages what is locked. `shared` is against those only who want it alone.

    Raises `TransientError` when the lock is not free after `timeout` seconds, `BuildError` when the lock file cannot
    be made.
    """
    with disk_errors(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o666)
    try:
        deadline = clock() + timeout
        while not _try_lock(descriptor, fcntl.LOCK_SH if shared else fcntl.LOCK_EX):
            if clock() >= deadline:
                raise TransientError(f"another pack is using {what}", where=str(path), hint="wait for it, then retry")
            sleep(0.02)
        yield
    finally:
        os.close(descriptor)


def _try_lock(descriptor: int, kind: int) -> bool:
    try:
        fcntl.flock(descriptor, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
