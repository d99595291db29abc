"""The files that git tracks, read from its index: a tracked file is part of the project whatever ignore files say.

Format: https://git-scm.com/docs/index-format
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from pathlib import Path

from msgspec import Struct

__all__ = ["TrackedFiles", "index_file", "tracked_files", "work_tree_of"]

_MAX_INDEX_BYTES = 256 << 20
_FIXED = 62
"""Bytes of an entry before its name: ten numbers, a SHA-1 and the flags."""
_EXTENDED = 0x4000


class TrackedFiles(Struct, frozen=True):
    """Tracked files and the folders they are in, relative to the project."""

    files: frozenset[str]
    folders: frozenset[str]


def work_tree_of(folder: Path) -> Path | None:
    """The git work tree that a folder is in."""
    return next((parent for parent in (folder, *folder.parents) if (parent / ".git").exists()), None)


def tracked_files(work_tree: Path, folder: Path) -> TrackedFiles | None:
    """What git tracks of `folder`; None when the index cannot be read (a split one, SHA-256, none)."""
    try:
        path = index_file(work_tree)
        if path.stat().st_size > _MAX_INDEX_BYTES:
            return None
        names = list(_names(path.read_bytes()))
    except (OSError, ValueError, struct.error, IndexError):
        return None
    inside = folder.relative_to(work_tree).as_posix()
    prefix = "" if inside == "." else f"{inside}/"
    files = frozenset(name.removeprefix(prefix) for name in names if name.startswith(prefix))
    folders = {folder for name in files for folder in _parents(name)}
    return TrackedFiles(files, frozenset(folders))


def index_file(work_tree: Path) -> Path:
    """The index, in `.git` or where the file of that name points (other work trees, submodules).

    Raises `OSError` when that file cannot be read.
    """
    place = work_tree / ".git"
    if place.is_dir():
        return place / "index"
    text = place.read_text("utf-8", "surrogateescape")[:4096]
    return work_tree / text.removeprefix("gitdir:").strip() / "index"


def _names(index: bytes) -> Iterator[str]:
    signature, version, count = struct.unpack_from(">4sLL", index)
    if signature != b"DIRC" or version not in (2, 3, 4):
        raise ValueError("not an index that is known")
    at, previous = 12, b""
    for _ in range(count):
        (flags,) = struct.unpack_from(">H", index, at + 60)
        start = at + _FIXED + (2 if flags & _EXTENDED else 0)
        removed = 0
        if version == 4:
            removed, start = _variable_number(index, start)
        end = index.index(b"\0", start)
        name = previous[: len(previous) - removed] + index[start:end] if version == 4 else index[start:end]
        if not name or name.startswith(b"/"):
            raise ValueError("not a name of a tracked file")
        yield name.decode("utf-8", "surrogateescape")
        previous = name
        at = end + 1 if version == 4 else at + (end - at + 8) // 8 * 8


def _variable_number(index: bytes, at: int) -> tuple[int, int]:
    """A number in git's offset encoding, and where the next field begins."""
    value = index[at] & 0x7F
    while index[at] & 0x80:
        at += 1
        value = (value + 1 << 7) | (index[at] & 0x7F)
    return value, at + 1


def _parents(name: str) -> Iterator[str]:
    while "/" in name:
        name = name.rpartition("/")[0]
        yield name
