"""A suite's `Packages` index: tens of thousands of stanzas of which a resolution visits some forty.

So the text stays as it is: one pass finds where each name stands, and only visited stanzas are parsed.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import cached_property

from msgspec import Struct

from packer.debian.control import Fields, parse_stanza
from packer.debian.relations import Relation, parse_relations
from packer.debian.releases import Archive
from packer.debian.versions import Version
from packer.errors import ArchiveError
from packer.regex import regex

__all__ = ["Package", "PackageIndex", "Universe"]

_NAME = rb"Package: *([^\s]+)"
_PROVIDES = rb"Provides: *([^\n]+)"
_DIGEST = regex(r"[0-9a-f]{64}")
_SAFE_FILENAME = regex(r"[A-Za-z0-9][A-Za-z0-9+.~_:%-]*(?:/[A-Za-z0-9][A-Za-z0-9+.~_:%-]*)*")


class Package(Struct, frozen=True, kw_only=True):
    """A binary package as an index states it. Sizes are bytes."""

    name: str
    version: str
    architecture: str
    archive: Archive
    filename: str
    sha256: str
    size: int
    depends: tuple[tuple[Relation, ...], ...]
    provides: tuple[Relation, ...]
    excludes: tuple[Relation, ...]
    """What it breaks or conflicts with."""

    def satisfies(self, relation: Relation) -> bool:
        """Whether it is what the relation asks for, by its name or by something it provides."""
        if self.name == relation.name:
            return relation.accepts(self.version)
        return any(
            provided.name == relation.name
            and (not relation.operator or (provided.operator == "=" and relation.accepts(provided.version)))
            for provided in self.provides
        )


class PackageIndex:
    """One `Packages` file.

    Args:
        text: the uncompressed file.
        archive: where the file names in it lead to.
        where: its address, for messages.
    """

    def __init__(self, text: bytes | bytearray, *, archive: Archive, where: str) -> None:
        self._text = text
        self._archive = archive
        self._where = where
        self._parsed: dict[int, Package] = {}

    def named(self, name: str) -> list[Package]:
        """Every version of the package `name`."""
        return [self._package(offset) for offset in self._names.get(name.encode(), ())]

    def providers(self, name: str) -> list[Package]:
        """Packages that provide the virtual package `name`."""
        return [self._package(offset) for offset in self._provided.get(name.encode(), ())]

    @cached_property
    def _names(self) -> dict[bytes, list[int]]:
        names: dict[bytes, list[int]] = {}
        for match in _lines(_NAME, self._text):
            names.setdefault(match[1], []).append(match.start())
        return names

    @cached_property
    def _provided(self) -> dict[bytes, list[int]]:
        provided: dict[bytes, list[int]] = {}
        for match in _lines(_PROVIDES, self._text):
            for part in match[1].split(b","):
                for word in part.split()[:1]:
                    provided.setdefault(word.partition(b":")[0], []).append(match.start())
        return provided

    def _package(self, offset: int) -> Package:
        """The stanza around the line that begins at `offset`, or behind the line feed there."""
        before = self._text.rfind(b"\n\n", 0, offset + 1)
        start = 0 if before < 0 else before + 2
        package = self._parsed.get(start)
        if package is None:
            end = self._text.find(b"\n\n", start)
            stanza = self._text[start : end if end >= 0 else None].decode("utf-8", "replace")
            package = self._parsed[start] = _read(parse_stanza(stanza), self._archive, self._where)
        return package


class Universe:
    """All the indexes of a release, looked at as one.

    Args:
        indexes: the release itself, its updates, its security updates.
        architecture: Debian's name; packages of other architectures than it and `all` do not exist.
    """

    def __init__(self, indexes: Iterable[PackageIndex], *, architecture: str) -> None:
        self._indexes = tuple(indexes)
        self._architectures = frozenset({architecture, "all"})

    def newest(self, relation: Relation) -> Package | None:
        """The highest version of the package that a relation names and accepts; None if there is none."""
        found = [package for index in self._indexes for package in index.named(relation.name)]
        return max(
            (package for package in found if self._fits(package) and relation.accepts(package.version)),
            key=lambda package: Version(package.version),
            default=None,
        )

    def providers(self, relation: Relation) -> list[Package]:
        """The newest version of each package that provides what a relation names, by name."""
        names = {package.name for index in self._indexes for package in index.providers(relation.name)}
        newest = (self.newest(Relation(name)) for name in sorted(names))
        return [package for package in newest if package is not None and package.satisfies(relation)]

    def _fits(self, package: Package) -> bool:
        return package.architecture in self._architectures


def _lines(pattern: bytes, text: bytes | bytearray) -> Iterator[re.Match[bytes]]:
    """The lines that match. A literal line feed in front is searched ten times as fast as a line's beginning."""
    first = re.match(pattern, text)
    if first is not None:
        yield first
    yield from re.finditer(b"\n" + pattern, text)


def _read(fields: Fields, archive: Archive, where: str) -> Package:
    name = fields.get("package", "?")
    digest, filename, size = fields.get("sha256", ""), fields.get("filename", ""), fields.get("size", "")
    if not (_DIGEST.fullmatch(digest) and _SAFE_FILENAME.fullmatch(filename) and size.isdecimal() and len(size) < 16):
        raise ArchiveError(f"the index entry of {name[:60]!r} lacks a usable file name, size or SHA-256", where=where)
    return Package(
        name=name,
        version=fields.get("version", ""),
        architecture=fields.get("architecture", ""),
        archive=archive,
        filename=filename,
        sha256=digest,
        size=int(size),
        depends=(*parse_relations(fields.get("pre-depends", "")), *parse_relations(fields.get("depends", ""))),
        provides=_flat(fields.get("provides", "")),
        excludes=(*_flat(fields.get("breaks", "")), *_flat(fields.get("conflicts", ""))),
    )


def _flat(field: str) -> tuple[Relation, ...]:
    return tuple(group[0] for group in parse_relations(field))
