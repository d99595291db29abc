"""The result of rendering: a text and where it goes."""

from __future__ import annotations

from collections.abc import Callable

from msgspec import Struct

from packer.oci.digest import Digest

__all__ = ["RenderedFile", "written_file"]


class RenderedFile(Struct, frozen=True, kw_only=True):
    """A file to write, known before its text is made.

    Attributes:
        path: where it goes, in the image or in the output folder.
        key: 64 hexadecimal digits that change whenever the text may change: its template and the values in it.
        make: makes the text.
        executable: it is a program.
    """

    path: str
    key: str
    make: Callable[[], str]
    executable: bool = False

    @property
    def text(self) -> str:
        r"""The text, to be written as UTF-8 with newlines as `\n`. Equal keys give equal texts."""
        return self.make()


def written_file(path: str, text: str) -> RenderedFile:
    """A file whose text is known already."""
    return RenderedFile(path=path, key=Digest.of(text.encode()).hex, make=lambda: text)
