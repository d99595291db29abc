"""The table of `pack images`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from packer.workflows.images import ImageList, ListedImage

__all__ = ["age_in_words", "images_page", "size_in_words"]

_HEADINGS = ("IMAGE", "DIGEST", "SIZE", "SHARED", "AGE", "IN USE")
_NUMBERS = frozenset({2, 3})
"""Columns that are set to the right."""
_UNITS = (
    ("year", 365 * 24 * 3600),
    ("month", 30 * 24 * 3600),
    ("week", 7 * 24 * 3600),
    ("day", 24 * 3600),
    ("hour", 3600),
    ("minute", 60),
)


def images_page(listed: ImageList, *, now: float) -> Iterator[str]:
    """The lines of the table; the project's own images have a star, which the last line explains."""
    rows = [_HEADINGS, *(_row(image, now) for image in listed.images)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(_HEADINGS))]
    marks = any(image.own for image in listed.images)
    stars = (False, *(image.own for image in listed.images))
    for row, star in zip(rows, stars, strict=True):
        yield ("* " if star else "  " if marks else "") + _line(row, widths)
    if marks:
        yield "* of this project"


def age_in_words(seconds: float) -> str:
    """How long ago that is, in the largest unit that fits.

    >>> age_in_words(59), age_in_words(7200), age_in_words(26 * 3600)
    ('just now', '2 hours ago', '1 day ago')
    """
    for unit, length in _UNITS:
        count = int(seconds // length)
        if count > 0:
            return f"{count} {unit}{'s' if count > 1 else ''} ago"
    return "just now"


def size_in_words(size: int) -> str:
    """Bytes in decimal units.

    >>> size_in_words(999), size_in_words(41_922_120)
    ('999 B', '41.9 MB')
    """
    for unit, length in (("GB", 10**9), ("MB", 10**6), ("kB", 10**3)):
        if size >= length:
            return f"{size / length:.1f} {unit}"
    return f"{size} B"


def _row(image: ListedImage, now: float) -> tuple[str, ...]:
    entry = image.entry
    return (
        entry.reference.familiar,
        entry.descriptor.digest.short,
        size_in_words(entry.size),
        "-" if image.shared is None else size_in_words(image.shared),
        age_in_words(now - entry.since),
        "-" if image.containers is None else _containers(image.containers),
    )


def _containers(count: int) -> str:
    return "no" if count == 0 else f"{count} container{'s' if count > 1 else ''}"


def _line(row: Sequence[str], widths: Sequence[int]) -> str:
    cells = (
        text.rjust(width) if column in _NUMBERS else text.ljust(width)
        for column, (text, width) in enumerate(zip(row, widths, strict=True))
    )
    return "   ".join(cells).rstrip()
