"""Debian package versions and their order.

Source: Debian Policy 5.6.12 (https://www.debian.org/doc/debian-policy/ch-controlfields.html#version).
"""

from __future__ import annotations

from functools import lru_cache, total_ordering

from packer.errors import ArchiveError
from packer.regex import regex

__all__ = ["Version", "upstream_version"]

_SHAPE = regex(r"(?:(\d{1,9}):)?([0-9A-Za-z.+~-]+)")
_PIECES = regex(r"(\D*)(\d*)")
_END = ((0,), 0)
"""Stands behind the last pair: after `~`, before everything else."""

_Part = tuple[tuple[tuple[int, ...], int], ...]


def _weight(character: str) -> int:
    if character == "~":
        return -1
    return ord(character) if character.isalpha() else ord(character) + 256


@lru_cache(maxsize=8192)
def _part_key(part: str) -> _Part:
    """Pairs of non-digits (as weights, closed by the end's weight) and the number behind, which compare rightly."""
    pairs = [((*map(_weight, match[1]), 0), int(match[2] or "0")) for match in _PIECES.finditer(part)]
    while pairs and pairs[-1] == _END:
        del pairs[-1]
    return (*pairs, _END)


@total_ordering
class Version:
    """A version, ordered as dpkg orders it.

    >>> Version("1.0~rc1") < Version("1.0") < Version("1.0-1") < Version("1.0+deb13u1") < Version("1:0.1")
    True
    """

    __slots__ = ("_key", "text")

    def __init__(self, text: str) -> None:
        """Raises `ArchiveError` for text that is no version."""
        shape = _SHAPE.fullmatch(text) if len(text) <= 512 else None
        if shape is None:
            raise ArchiveError(f"{text[:60]!r} is not a Debian version")
        upstream, _, revision = shape[2].rpartition("-") if "-" in shape[2] else (shape[2], "", "")
        self.text = text
        self._key = (int(shape[1] or "0"), _part_key(upstream), _part_key(revision))

    def __eq__(self, other: object) -> bool:
        return self._key == other._key if isinstance(other, Version) else NotImplemented

    def __lt__(self, other: Version) -> bool:
        return self._key < other._key

    def __hash__(self) -> int:
        return hash(self._key)

    def __repr__(self) -> str:
        return f"Version({self.text!r})"


def upstream_version(text: str) -> str:
    """The upstream part, without epoch and revision.

    >>> upstream_version("1:3.13.5-2+deb13u5")
    '3.13.5'
    """
    without_epoch = text.partition(":")[2] if ":" in text else text
    return without_epoch.rpartition("-")[0] or without_epoch
