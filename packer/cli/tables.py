"""Columns of text, for the pages that list something."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

__all__ = ["table"]

_GAP = "   "


def table(headings: Sequence[str], rows: Sequence[Sequence[str]]) -> Iterator[str]:
    """The lines, each column as wide as its longest text.

    >>> list(table(("NAME", "STATE"), [("web", "running")]))
    ['NAME   STATE', 'web    running']
    """
    every = [headings, *rows]
    widths = [max(len(row[column]) for row in every) for column in range(len(headings))]
    for row in every:
        yield _GAP.join(text.ljust(width) for text, width in zip(row, widths, strict=True)).rstrip()
