"""Numbers as people say them."""

from __future__ import annotations

__all__ = ["age_in_words", "size_in_words"]

_UNITS = (
    ("year", 365 * 24 * 3600),
    ("month", 30 * 24 * 3600),
    ("week", 7 * 24 * 3600),
    ("day", 24 * 3600),
    ("hour", 3600),
    ("minute", 60),
)


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
