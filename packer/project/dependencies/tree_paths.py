"""Paths inside a source tree: `.` is its root, nothing leaves it."""

from __future__ import annotations

import posixpath
from bisect import bisect_left
from collections.abc import Iterator

from packer.project.tree import SourceTree

__all__ = ["ancestors", "below", "beside", "inside", "is_folder", "names_in"]


def ancestors(folder: str) -> tuple[str, ...]:
    """A folder and those above it, up to the root.

    >>> ancestors("services/api")
    ('services/api', 'services', '.')
    """
    found = []
    folder = posixpath.normpath(folder or ".")
    while folder not in {".", "/", ".."} and not folder.startswith(("../", "/")):
        found.append(folder)
        folder = posixpath.dirname(folder) or "."
    return (*found, ".")


def inside(folder: str, name: str) -> str:
    """The path of `name` in `folder`.

    >>> inside(".", "setup.py"), inside("api", "setup.py")
    ('setup.py', 'api/setup.py')
    """
    return posixpath.normpath(posixpath.join(folder, name))


def beside(path: str, written: str) -> str | None:
    """A path as the file `path` writes it, in the tree's own terms; None when it leaves the tree.

    >>> beside("requirements/prod.txt", "../setup.py"), beside("requirements.txt", "../secret") is None
    ('setup.py', True)
    """
    target = posixpath.normpath(posixpath.join(posixpath.dirname(path), written.strip().replace("\\", "/")))
    return None if target.startswith(("../", "/")) or target == ".." else target


def is_folder(tree: SourceTree, folder: str) -> bool:
    """Whether the tree has any file below `folder`."""
    return folder == "." or next(below(tree, folder), None) is not None


def below(tree: SourceTree, folder: str) -> Iterator[str]:
    """Every file at any depth below a folder. The tree's paths are sorted, so nothing else is looked at."""
    if folder == ".":
        yield from tree.paths
        return
    prefix = f"{folder}/"
    for place in range(bisect_left(tree.paths, prefix), len(tree.paths)):
        if not tree.paths[place].startswith(prefix):
            return
        yield tree.paths[place]


def names_in(tree: SourceTree, folder: str) -> list[str]:
    """The names of the files that lie in a folder itself."""
    start = 0 if folder == "." else len(folder) + 1
    return [path[start:] for path in below(tree, folder) if "/" not in path[start:]]
