"""What is in the cache folder: every part that can go by itself, with its size and its last use."""

from __future__ import annotations

import os
import shutil
import stat
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from msgspec import Struct

from packer.errors import ArchiveError
from packer.oci.digest import Digest

__all__ = ["CachePart", "cache_parts", "remove_part"]

_DEPTHS = {"blobs": 2, "records": 2}
"""How many folders lie between a kind's own folder and its parts; none for the others."""


class CachePart(Struct, frozen=True, kw_only=True):
    """A file or a folder of the cache that is removed as a whole.

    Attributes:
        kind: the folder of the cache that it is in: `blobs`, `records`, `build-roots`, `interpreters`, `tmp`, …
        path: where it is.
        size: bytes of its files; 0 for a folder that was not measured.
        used: when it was last used, seconds since the epoch, to half a day.
        digest: of a blob.
    """

    kind: str
    path: Path
    size: int
    used: float
    digest: Digest | None = None


def cache_parts(root: Path, *, measured: bool = True) -> Iterator[CachePart]:
    """The parts of a cache. What goes away meanwhile is left out.

    Args:
        root: the cache folder.
        measured: look into folders for their sizes, which takes a while.
    """
    for kind in sorted(_folders(root), key=lambda entry: entry.name):
        for entry in _entries(Path(kind.path), _DEPTHS.get(kind.name, 0)):
            with suppress(OSError):
                facts = entry.stat(follow_symlinks=False)
                whole = not stat.S_ISDIR(facts.st_mode)
                yield CachePart(
                    kind=kind.name,
                    path=Path(entry.path),
                    size=facts.st_size if whole else _size_of(Path(entry.path)) if measured else 0,
                    used=facts.st_mtime,
                    digest=_digest(entry.name) if kind.name == "blobs" else None,
                )


def remove_part(part: CachePart) -> None:
    """Remove it; a folder is out of its place before anything in it goes. What cannot be removed stays."""
    with suppress(OSError):
        if part.path.is_symlink() or not part.path.is_dir():
            part.path.unlink()
            return
        aside = Path(tempfile.mkdtemp(prefix=".removed-", dir=part.path.parent))
        part.path.rename(aside / "part")
        shutil.rmtree(aside, ignore_errors=True)


def _folders(folder: Path) -> list[os.DirEntry[str]]:
    return [entry for entry in _scan(folder) if entry.is_dir(follow_symlinks=False)]


def _entries(folder: Path, depth: int) -> Iterator[os.DirEntry[str]]:
    if depth == 0:
        yield from _scan(folder)
        return
    for entry in _folders(folder):
        yield from _entries(Path(entry.path), depth - 1)


def _scan(folder: Path) -> list[os.DirEntry[str]]:
    try:
        with os.scandir(folder) as entries:
            return list(entries)
    except OSError:
        return []


def _size_of(folder: Path) -> int:
    """Bytes of all files below a folder, those with several names once."""
    sizes: dict[int, int] = {}
    for path, _, names in os.walk(folder):
        for name in names:
            with suppress(OSError):
                facts = os.lstat(os.path.join(path, name))  # noqa: PTH118 - many files: a Path for each would cost more
                sizes[facts.st_ino] = facts.st_size
    return sum(sizes.values())


def _digest(name: str) -> Digest | None:
    try:
        return Digest.from_hex(name)
    except ArchiveError:
        return None
