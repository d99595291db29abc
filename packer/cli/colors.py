"""Text that others colored."""

from __future__ import annotations

from packer.cli.output import printable
from packer.regex import regex

__all__ = ["colored"]

_COLOR = regex(r"\x1b\[[0-9;]*m")


def colored(text: str) -> str:
    r"""The text with its colors, and without any other control character.

    >>> colored("\x1b[31mred\x1b[0m\x1b[2J")
    '\x1b[31mred\x1b[0m\\x1b[2J'
    """
    plain = map(printable, _COLOR.split(text))
    colors = _COLOR.findall(text)
    return "".join(one for pair in zip(plain, [*colors, ""], strict=True) for one in pair)
