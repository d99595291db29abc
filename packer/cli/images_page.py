"""The table of `pack images`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from packer.cli.tables import table
from packer.cli.words import age_in_words, size_in_words
from packer.workflows.images import ImageList, ListedImage

if TYPE_CHECKING:
    from packer.engine.images import ProjectImage

__all__ = ["engine_page", "images_page"]

_HEADINGS = ("IMAGE", "DIGEST", "SIZE", "SHARED", "AGE", "IN USE")
_NUMBERS = frozenset({2, 3})
"""Columns that are set to the right."""


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


def engine_page(images: Iterable[ProjectImage]) -> Iterator[str]:
    """The lines of a second table: what the engine has of a project; `-` for an image whose name a newer one took."""
    rows = [
        (name, image.id.removeprefix("sha256:")[:12], size_in_words(image.size))
        for image in images
        for name in [one.familiar for one in image.names] or ["-"]
    ]
    yield ""
    yield from table(("IN THE ENGINE", "ID", "SIZE"), rows)


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
