"""The labels of an image: those that come from outside the project's files, and the user's, which win."""

from __future__ import annotations

from collections.abc import Sequence

from packer.plan.settings import Settings

__all__ = ["image_labels"]


def image_labels(stated: Sequence[tuple[str, str]], settings: Settings) -> tuple[tuple[str, str], ...]:
    """The labels in order of name.

    >>> image_labels([("title", "shop"), ("a", "1")], Settings(labels=(("title", "The Shop"),)))
    (('a', '1'), ('title', 'The Shop'))
    """
    return tuple(sorted({**dict(stated), **dict(settings.labels)}.items()))
