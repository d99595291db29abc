"""File-system entries: what a layer is made of, before it is a tar stream."""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum
from typing import BinaryIO

from msgspec import Struct

__all__ = ["APP_GID", "APP_UID", "Content", "Entry", "EntryKind"]

APP_UID = 65532
"""The numeric user that images run as (the image contract)."""
APP_GID = 65532
"""The numeric group that images run as."""


class EntryKind(Enum):
    """The kinds of entry that pack writes into a layer."""

    FILE = "file"
    DIRECTORY = "directory"
    SYMLINK = "symlink"


class Content(Struct, frozen=True):
    """The bytes of a file, opened only when a layer is really written.

    `open` returns a binary stream of exactly `size` bytes, read once and closed by the reader. A stream over a
    source with a known hash verifies it and raises `TrustError` or `ArchiveError` at its end.
    """

    size: int
    open: Callable[[], BinaryIO]


class Entry(Struct, frozen=True, kw_only=True):
    """One file, directory or symbolic link of a layer.

    Attributes:
        path: relative to the root, POSIX, normalised, without leading or trailing slash: `app/.venv/bin/python`.
        kind: what it is.
        mode: permission bits only (0o644, 0o755, 0o1777, …).
        uid: numeric owner.
        gid: numeric group.
        content: a file's bytes; in memory when small, lazy when large.
        target: a symbolic link's target, verbatim.
        mtime: seconds since the epoch, or None for the layer's own constant time.
    """

    path: str
    kind: EntryKind
    mode: int
    uid: int = 0
    gid: int = 0
    content: bytes | Content = b""
    target: str = ""
    mtime: int | None = None

    @classmethod
    def file(cls, path: str, content: bytes | Content, *, mode: int = 0o644, uid: int = 0, gid: int = 0) -> Entry:
        """A regular file."""
        return cls(path=path, kind=EntryKind.FILE, mode=mode, content=content, uid=uid, gid=gid)

    @classmethod
    def directory(cls, path: str, *, mode: int = 0o755, uid: int = 0, gid: int = 0) -> Entry:
        """A directory. Parents need not be listed: the archive writer adds the ones that are missing."""
        return cls(path=path, kind=EntryKind.DIRECTORY, mode=mode, uid=uid, gid=gid)

    @classmethod
    def symlink(cls, path: str, target: str) -> Entry:
        """A symbolic link."""
        return cls(path=path, kind=EntryKind.SYMLINK, mode=0o777, target=target)

    @property
    def size(self) -> int:
        """The number of content bytes."""
        return self.content.size if isinstance(self.content, Content) else len(self.content)
