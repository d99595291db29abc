"""Texts of an image's files, which anybody may have written: bounded, and without control characters."""

from __future__ import annotations

from packer.store.file_tree import FileTree

__all__ = ["line_of", "text_of"]

_LONGEST_LINE = 1000


def text_of(tree: FileTree, path: str) -> str | None:
    """A file's text; None where there is none, or its content was not wanted."""
    file = tree.file(path)
    if file is None or file.content is None:
        return None
    with file.content.open() as stream:
        return stream.read().decode("utf-8", "replace")


def line_of(text: str | None) -> str:
    """The text's first line without control characters, cut where it is very long."""
    first = (text or "").strip().partition("\n")[0]
    return "".join(one if one.isprintable() else " " for one in first[:_LONGEST_LINE]).strip()
