"""What was read of files, kept from one reading to the next: a manifest that has not changed is not parsed again.

A note holds what came out and every text that was looked at on the way, by digest. It is believed where the project
has the same files and each of those texts is what it was, so it may change in no way that the reading could see.
"""

from __future__ import annotations

import ast
from collections.abc import Callable
from functools import cached_property
from hashlib import sha256
from typing import Protocol, TypeVar

from msgspec import DecodeError, Raw, Struct, json

from packer.project.tree import MAX_TEXT_BYTES, SourceTree

__all__ = ["Notebook", "Notes"]

T = TypeVar("T")


class Notes(Protocol):
    """Where notes are kept, all of one project and of one version of pack. A lost one costs time only."""

    def note(self, key: str) -> bytes | None:
        """What is kept under a key of 64 hexadecimal digits."""
        ...

    def put_note(self, key: str, content: bytes) -> None:
        """Keep something, in the place of what was there."""
        ...


class _Look(Struct, frozen=True, array_like=True):
    """A text that was looked at, with the most bytes that it might have; the digest is empty for none."""

    path: str
    limit: int
    digest: str


class _Note(Struct, frozen=True, array_like=True):
    looks: tuple[_Look, ...]
    result: Raw


class Notebook:
    """Reads a tree, or its notes.

    Args:
        tree: the project's files.
        notes: None to read everything anew.
    """

    def __init__(self, tree: SourceTree, notes: Notes | None = None) -> None:
        self._tree = tree
        self._notes = notes

    def read(self, what: str, arguments: tuple[str | None, ...], kind: type[T], reader: Callable[[SourceTree], T]) -> T:
        """What `reader` gives for the tree. It must look at nothing but the tree and the arguments.

        Args:
            what: the reader's name.
            arguments: what it depends on besides the tree.
            kind: the record that it gives.
            reader: called where no note holds; what it raises is not noted.
        """
        if self._notes is None:
            return reader(self._tree)
        key = _digest(repr((what, arguments, self._files)))
        noted = self._noted(self._notes.note(key), kind)
        if noted is not None:
            return noted
        watched = _Watched(self._tree)
        result = reader(watched)
        self._notes.put_note(key, json.encode(_Note(watched.looks, Raw(json.encode(result)))))
        return result

    @cached_property
    def _files(self) -> str:
        return _digest("\0".join((self._tree.name, *self._tree.paths)))

    def _noted(self, content: bytes | None, kind: type[T]) -> T | None:
        try:
            note = json.decode(content, type=_Note) if content else None
            if note is None or any(_look(self._tree, one.path, one.limit) != one for one in note.looks):
                return None
            return json.decode(note.result, type=kind)
        except DecodeError:
            return None


class _Watched:
    """A tree that notes what is looked at in it. Its list of files is part of every key."""

    def __init__(self, tree: SourceTree) -> None:
        self._tree = tree
        self._looks: dict[tuple[str, int], _Look] = {}

    @property
    def looks(self) -> tuple[_Look, ...]:
        return tuple(self._looks.values())

    @property
    def name(self) -> str:
        return self._tree.name

    @property
    def paths(self) -> tuple[str, ...]:
        return self._tree.paths

    def has(self, path: str) -> bool:
        return self._tree.has(path)

    def read(self, path: str, limit: int = MAX_TEXT_BYTES) -> str | None:
        self._note(path, limit)
        return self._tree.read(path, limit)

    def module(self, path: str) -> ast.Module | None:
        self._note(path, MAX_TEXT_BYTES)
        return self._tree.module(path)

    def _note(self, path: str, limit: int) -> None:
        if (path, limit) not in self._looks:
            self._looks[path, limit] = _look(self._tree, path, limit)


def _look(tree: SourceTree, path: str, limit: int) -> _Look:
    text = tree.read(path, limit)
    return _Look(path, limit, "" if text is None else _digest(text))


def _digest(text: str) -> str:
    return sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
