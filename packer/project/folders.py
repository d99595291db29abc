"""Which files of a tree lie in a folder."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence

__all__ = ["files_under"]

_AFTER_SLASH = chr(ord("/") + 1)


def files_under(paths: Sequence[str], folder: str) -> Sequence[str]:
    """The files of a folder and its subfolders, of `paths` that are sorted.

    >>> files_under(("a/x", "a.txt", "b/c/y", "b/z", "bc/w"), "b")
    ('b/c/y', 'b/z')
    """
    return paths[bisect_left(paths, f"{folder}/") : bisect_left(paths, f"{folder}{_AFTER_SLASH}")]
