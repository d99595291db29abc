"""The names of git's objects, computed: what a tree would be called that holds an index's entries.

Format: https://git-scm.com/book/en/v2/Git-Internals-Git-Objects
"""

from __future__ import annotations

import hashlib
import os
from collections import defaultdict
from collections.abc import Iterable

from packer.system.git_entries import IndexEntry

__all__ = ["object_hash", "object_id", "tree_id"]

_FOLDER = 0o040000
_SHA1_BYTES = 20


def object_hash(id_size: int) -> hashlib._Hash:
    """A new hash of the kind that names objects by so many bytes."""
    return hashlib.sha1(usedforsecurity=False) if id_size == _SHA1_BYTES else hashlib.sha256()


def object_id(kind: bytes, content: bytes, *, id_size: int) -> bytes:
    """The name of an object of a kind (`blob`, `tree`) with this content."""
    digest = object_hash(id_size)
    digest.update(b"%s %d\0" % (kind, len(content)))
    digest.update(content)
    return digest.digest()


def tree_id(entries: Iterable[IndexEntry]) -> bytes:
    """The name of the tree of these entries, folders within folders; of an empty one, SHA-1's."""
    folders: dict[str, list[tuple[bytes, int, bytes]]] = defaultdict(list, {"": []})
    id_size = _SHA1_BYTES
    for entry in entries:
        id_size = len(entry.object_id)
        _put(folders, entry.name.rstrip("/"), entry.mode, entry.object_id)
        parent = entry.name.rstrip("/").rpartition("/")[0]
        while parent and (above := parent.rpartition("/")[0]) not in folders:
            folders[above] = []
            parent = above
    for folder in sorted(folders, key=_depth, reverse=True):
        content = b"".join(b"%o %s\0%s" % (mode, name, one) for name, mode, one in sorted(folders[folder], key=_order))
        named = object_id(b"tree", content, id_size=id_size)
        if not folder:
            return named
        _put(folders, folder, _FOLDER, named)
    raise AssertionError(folders)


def _put(folders: dict[str, list[tuple[bytes, int, bytes]]], path: str, mode: int, named: bytes) -> None:
    folder, _, name = path.rpartition("/")
    folders[folder].append((os.fsencode(name), mode, named))


def _depth(folder: str) -> int:
    """How many folders it lies in; the root, 0."""
    return folder.count("/") + 1 if folder else 0


def _order(entry: tuple[bytes, int, bytes]) -> bytes:
    """Git sorts folders as if their names ended with a slash."""
    name, mode, _ = entry
    return name + b"/" if mode == _FOLDER else name
