"""One walk over a project's folders, which what is foreign or ignored never costs anything."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Generic, Protocol, TypeVar

from packer.errors import ProjectError
from packer.system.foreign import is_foreign_inside, is_foreign_name

__all__ = ["Filter", "is_text", "walk"]

_MAX_ENTRIES = 400_000
"""A folder with more is no project: probably a home folder, or `/`."""

_Scope = TypeVar("_Scope")


class Filter(Protocol, Generic[_Scope]):
    """What a walk sees. A scope is whatever a folder hands down to the folders in it.

    Folders are named `a/b/`, the root is the empty text; paths have no slash at the end.
    """

    @property
    def scope(self) -> _Scope:
        """The root's."""
        ...

    def entered(self, folder: str, names: frozenset[str], scope: _Scope) -> _Scope:
        """The scope for what is in a folder that holds `names`."""
        ...

    def folder(self, path: str, name: str, scope: _Scope) -> _Scope | None:
        """The scope to enter a folder with, None to pass it by."""
        ...

    def keeps(self, path: str, entry: os.DirEntry[str], scope: _Scope) -> bool:
        """Whether something that is no folder is seen."""
        ...

    def unreadable(self, path: str) -> None:
        """Take notice of a folder that cannot be read."""
        ...


def is_text(name: str) -> bool:
    """Whether a file's name is UTF-8: nothing else can be named in an answer or an archive."""
    return name.isascii() or not any("\ud800" <= character <= "\udfff" for character in name)


def walk(root: Path, seen_by: Filter[_Scope]) -> Iterator[tuple[str, os.DirEntry[str]]]:
    """The path and directory entry of all that the filter keeps and that is no folder, in no order.

    Symbolic links are not followed; foreign folders are not entered. Raises `ProjectError` for a root that is no
    folder or cannot be read, and when there is more than any project has.
    """
    pending: list[tuple[str, _Scope]] = [("", seen_by.scope)]
    count = 0
    while pending:
        folder, scope = pending.pop()
        entries = _entries(root, folder)
        if entries is None:
            seen_by.unreadable(folder.rstrip("/"))
            continue
        count += len(entries)
        if count > _MAX_ENTRIES:
            raise ProjectError(
                f"the folder holds more than {_MAX_ENTRIES} files",
                where=str(root),
                hint="name the project's own folder",
            )
        names = frozenset(entry.name for entry in entries)
        if folder and is_foreign_inside(folder.rstrip("/").rpartition("/")[2], names):
            continue
        scope = seen_by.entered(folder, names, scope)
        for entry in entries:
            path = folder + entry.name
            if not entry.is_dir(follow_symlinks=False):
                if seen_by.keeps(path, entry, scope):
                    yield path, entry
            elif not is_foreign_name(entry.name):
                inner = seen_by.folder(path, entry.name, scope)
                if inner is not None:
                    pending.append((f"{path}/", inner))


def _entries(root: Path, folder: str) -> list[os.DirEntry[str]] | None:
    """What a folder holds; None when it cannot be read."""
    try:
        with os.scandir(root / folder) as entries:
            return list(entries)
    except OSError as error:
        if folder:
            return None
        raise ProjectError(f"the project cannot be read: {error.strerror}", where=str(root)) from error
