"""The files that git tracks, read from its index: a tracked file is part of the project whatever ignore files say."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from pathlib import Path

from msgspec import Struct

from packer.system.git_entries import index_entries

__all__ = ["TrackedFiles", "git_folder", "index_file", "read_index", "tracked_files", "work_tree_of"]

_MAX_INDEX_BYTES = 256 << 20


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
        names = [entry.name for entry in index_entries(read_index(index_file(work_tree)))]
    except (OSError, ValueError, struct.error, IndexError):
        return None
    inside = folder.relative_to(work_tree).as_posix()
    prefix = "" if inside == "." else f"{inside}/"
    files = frozenset(name.removeprefix(prefix) for name in names if name.startswith(prefix))
    folders = {folder for name in files for folder in _parents(name)}
    return TrackedFiles(files, frozenset(folders))


def read_index(path: Path) -> bytes:
    """An index, whole. Raises `OSError` or `ValueError` when it cannot be read."""
    if path.stat().st_size > _MAX_INDEX_BYTES:
        raise ValueError("larger than any index")
    return path.read_bytes()


def index_file(work_tree: Path) -> Path:
    """The index. Raises as `git_folder`."""
    return git_folder(work_tree) / "index"


def git_folder(work_tree: Path) -> Path:
    """Where git keeps what is the work tree's own: `.git`, or where the file of that name points.

    Other work trees of a repository and submodules have such a file. Raises `OSError` when it cannot be read.
    """
    place = work_tree / ".git"
    if place.is_dir():
        return place
    with place.open("rb") as stream:
        text = stream.read(4096).decode("utf-8", "surrogateescape")
    return work_tree / text.removeprefix("gitdir:").strip()


def _parents(name: str) -> Iterator[str]:
    while "/" in name:
        name = name.rpartition("/")[0]
        yield name
