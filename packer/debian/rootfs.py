"""Packages merged to one root file system, in memory: a mapping of paths to entries and their owners."""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Mapping

from msgspec import Struct
from msgspec.structs import replace

from packer.debian.deb import DebPackage
from packer.debian.relations import parse_relations
from packer.debian.selection import Selection
from packer.errors import ArchiveError, BuildError
from packer.oci.entry import Content, Entry, EntryKind
from packer.regex import regex

__all__ = ["Owned", "RootTree", "merge_packages"]

_MERGED = regex(r"(bin|sbin|lib|lib32|lib64|libx32)(/.+)?")
_MOST_LINKS = 40


class Owned(Struct, frozen=True):
    """An entry and the name of the package it belongs to."""

    entry: Entry
    package: str


class RootTree:
    """A root file system that grows by packages and by what is made for them. Paths are in merged-/usr form."""

    def __init__(self) -> None:
        self._entries: dict[str, Owned] = {}

    def __contains__(self, path: str) -> bool:
        return path in self._entries

    def get(self, path: str) -> Entry | None:
        """The entry at a path, links not followed."""
        owned = self._entries.get(path)
        return owned.entry if owned else None

    def put(self, entry: Entry, package: str) -> None:
        """Add an entry, or replace the one at its path."""
        self._entries[entry.path] = Owned(entry, package)

    def put_missing(self, entry: Entry, package: str) -> None:
        """Add an entry where nothing is."""
        self._entries.setdefault(entry.path, Owned(entry, package))

    def remove(self, path: str) -> None:
        """Take an entry away."""
        self._entries.pop(path, None)

    def owner(self, path: str) -> str:
        """The package that a path belongs to."""
        return self._entries[path].package

    def below(self, folder: str) -> list[Entry]:
        """The entries under a folder, at any depth, by path."""
        return sorted(
            (owned.entry for path, owned in self._entries.items() if path.startswith(folder + "/")),
            key=lambda entry: entry.path,
        )

    def owned(self) -> list[Owned]:
        """Everything, by path."""
        return [self._entries[path] for path in sorted(self._entries)]

    def resolve(self, path: str) -> Entry | None:
        """The entry that a path leads to inside this root, links followed; None when it leads nowhere."""
        pending, done = path.split("/")[::-1], ""
        for _ in range(_MOST_LINKS * 8):
            if not pending:
                return self.get(done)
            part = pending.pop()
            if part == "..":
                done = posixpath.dirname(done)
                continue
            if part in ("", "."):
                continue
            done = f"{done}/{part}" if done else part
            entry = self.get(done)
            if entry is not None and entry.kind is EntryKind.SYMLINK:
                done = "" if entry.target.startswith("/") else posixpath.dirname(done)
                pending.extend(entry.target.split("/")[::-1])
        return None


def merge_packages(packages: Mapping[str, DebPackage], selection: Selection) -> RootTree:
    """Lay packages over each other, in order of their names.

    Raises `BuildError` when two packages hold one path with different things (and neither replaces the other),
    `ArchiveError` when a path leads through a link or a file.
    """
    tree = RootTree()
    for name in sorted(packages):
        for entry in map(merged_usr, packages[name].entries):
            if entry is not None and selection.keeps(entry.path):
                _lay(tree, entry, name, packages)
    _check_parents(tree.owned())
    return tree


def merged_usr(entry: Entry) -> Entry | None:
    """An entry of a package from before merged-/usr, in its form; None for the top folders that become links."""
    match = _MERGED.fullmatch(entry.path)
    if match is None:
        return entry
    if match[2] is None:
        return entry if entry.kind is EntryKind.SYMLINK else None
    if entry.kind is EntryKind.SYMLINK and entry.target.startswith("../"):
        target = posixpath.normpath(posixpath.join("/", posixpath.dirname(entry.path), entry.target))
        return replace(entry, path=f"usr/{entry.path}", target=target)
    return replace(entry, path=f"usr/{entry.path}")


def _lay(tree: RootTree, entry: Entry, name: str, packages: Mapping[str, DebPackage]) -> None:
    present = tree.get(entry.path)
    if present is None:
        tree.put(entry, name)
        return
    if present.kind is entry.kind is EntryKind.DIRECTORY or _equal(present, entry):
        return
    other = tree.owner(entry.path)
    if other in _replaced(packages[name]):
        tree.put(entry, name)
    elif name not in _replaced(packages[other]):
        raise BuildError(
            f"the Debian packages {other} and {name} both hold /{entry.path}",
            hint="leave one of them out of the setting `packages`",
        )


def _equal(one: Entry, other: Entry) -> bool:
    if one.kind is not other.kind or one.size != other.size or one.target != other.target:
        return False
    return one.kind is not EntryKind.FILE or _bytes(one) == _bytes(other)


def _bytes(entry: Entry) -> bytes:
    if isinstance(entry.content, Content):
        with entry.content.open() as stream:
            return stream.read()
    return entry.content


def _replaced(package: DebPackage) -> set[str]:
    return {relation.name for group in parse_relations(package.control.get("replaces", "")) for relation in group}


def _check_parents(owned: Iterable[Owned]) -> None:
    """Nothing may lie below a link or a file: unpacked, it would land somewhere else."""
    solid: dict[str, str] = {}
    for item in owned:  # parents come before what is below them
        if item.entry.kind is not EntryKind.DIRECTORY:
            solid[item.entry.path] = item.package
        parent = posixpath.dirname(item.entry.path)
        while parent:
            if parent in solid:
                raise ArchiveError(
                    f"{item.package} holds /{item.entry.path} below /{parent}, which {solid[parent]} makes no folder"
                )
            parent = posixpath.dirname(parent)
