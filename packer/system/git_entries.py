"""The entries of git's index: what git would commit, and what it noted of each file when it last looked at it.

Format: https://git-scm.com/docs/index-format
"""

from __future__ import annotations

import struct
from collections.abc import Iterator

from msgspec import Struct

__all__ = ["IndexEntry", "index_entries"]

_NUMBERS = struct.Struct(">10L")
_SHA1_BYTES = 20
_EXTENDED = 0x4000
_INTENT_TO_ADD = 0x2000
_SKIP_WORKTREE = 0x4000


class IndexEntry(Struct, frozen=True):
    """One entry.

    Attributes:
        name: relative to the work tree; a folder of a sparse index ends with a slash.
        mode: git's: type and whether it is executable.
        object_id: of the content, as bytes.
        ctime: seconds and nanoseconds, as all that follows when git last looked.
        mtime: seconds and nanoseconds.
        inode: the lower 32 bits.
        size: the lower 32 bits.
        settled: it would be committed: neither one side of a conflict nor only announced (`git add --intent-to-add`).
        skipped: a sparse checkout leaves the file out.
    """

    name: str
    mode: int
    object_id: bytes
    ctime: tuple[int, int]
    mtime: tuple[int, int]
    inode: int
    size: int
    settled: bool
    skipped: bool


def index_entries(index: bytes, *, id_size: int = _SHA1_BYTES) -> Iterator[IndexEntry]:
    """The entries in the index's order.

    Args:
        index: the file.
        id_size: bytes of an object name.

    Raises:
        ValueError, struct.error, IndexError: it is none that is known, or broken.
    """
    signature, version, count = struct.unpack_from(">4sLL", index)
    if signature != b"DIRC" or version not in (2, 3, 4):
        raise ValueError("not an index that is known")
    at, previous = 12, b""
    for _ in range(count):
        ctime, ctime_ns, mtime, mtime_ns, _device, inode, mode, _user, _group, size = _NUMBERS.unpack_from(index, at)
        flags_at = at + _NUMBERS.size + id_size
        (flags,) = struct.unpack_from(">H", index, flags_at)
        start = flags_at + 2
        more = 0
        if flags & _EXTENDED:
            (more,) = struct.unpack_from(">H", index, start)
            start += 2
        removed = 0
        if version == 4:
            removed, start = _variable_number(index, start)
        end = index.index(b"\0", start)
        name = previous[: len(previous) - removed] + index[start:end] if version == 4 else index[start:end]
        if not name or name.startswith(b"/"):
            raise ValueError("not a name of a tracked file")
        yield IndexEntry(
            name=name.decode("utf-8", "surrogateescape"),
            mode=mode,
            object_id=index[flags_at - id_size : flags_at],
            ctime=(ctime, ctime_ns),
            mtime=(mtime, mtime_ns),
            inode=inode,
            size=size,
            settled=not (flags & 0x3000 or more & _INTENT_TO_ADD),
            skipped=bool(more & _SKIP_WORKTREE),
        )
        previous = name
        at = end + 1 if version == 4 else at + (end - at + 8) // 8 * 8


def _variable_number(index: bytes, at: int) -> tuple[int, int]:
    """A number in git's offset encoding, and where the next field begins."""
    value = index[at] & 0x7F
    while index[at] & 0x80:
        at += 1
        value = (value + 1 << 7) | (index[at] & 0x7F)
    return value, at + 1
