"""Relations between packages: `Depends`, `Provides`, `Breaks`, ….

Source: Debian Policy 7.1 (https://www.debian.org/doc/debian-policy/ch-relationships.html).
"""

from __future__ import annotations

from functools import lru_cache

from msgspec import Struct

from packer.debian.versions import Version
from packer.errors import ArchiveError
from packer.regex import regex

__all__ = ["Relation", "parse_relations"]

_RELATION = regex(
    r"(?P<name>[a-z0-9][a-z0-9+.-]*)(?::(?P<qualifier>[a-z0-9-]+))?"
    r"(?:\s*\(\s*(?P<operator><<|<=|=|>=|>>|<|>)\s*(?P<version>[^\s)]+)\s*\))?"
    r"(?:\s*\[[^\]]*\])?(?:\s*<[^>]*>)*"
)
_OBSOLETE = {"<": "<=", ">": ">="}


class Relation(Struct, frozen=True):
    """One package name, perhaps with a version bound.

    `operator` is `<<`, `<=`, `=`, `>=`, `>>`, or empty without a bound. Architecture qualifiers (`:any`) are dropped:
    an image has packages of one architecture.
    """

    name: str
    operator: str = ""
    version: str = ""

    def accepts(self, version: str) -> bool:
        """Whether a package of this name and `version` satisfies it."""
        if not self.operator:
            return True
        ours, bound = Version(version), Version(self.version)
        return {
            "<<": ours < bound,
            "<=": ours <= bound,
            "=": ours == bound,
            ">=": ours >= bound,
            ">>": ours > bound,
        }[self.operator]

    def __str__(self) -> str:
        return f"{self.name} ({self.operator} {self.version})" if self.operator else self.name


@lru_cache(maxsize=4096)
def parse_relations(text: str) -> tuple[tuple[Relation, ...], ...]:
    """A relation field: a tuple of groups, each a tuple of alternatives. Raises `ArchiveError` for bad syntax.

    >>> parse_relations("awk, debconf (>= 0.5) | debconf-2.0")[1][1].name
    'debconf-2.0'
    """
    groups = (group.strip() for group in text.split(","))
    return tuple(tuple(_relation(part.strip()) for part in group.split("|")) for group in groups if group)


def _relation(text: str) -> Relation:
    match = _RELATION.fullmatch(text)
    if match is None:
        raise ArchiveError(f"{text[:80]!r} is not a relation between Debian packages")
    operator = match["operator"] or ""
    return Relation(match["name"], _OBSOLETE.get(operator, operator), match["version"] or "")
