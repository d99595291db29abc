"""The files of an image: its layers applied to each other. Only the content that somebody wants is unpacked."""

from __future__ import annotations

import tarfile
import threading
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from msgspec import Struct
from msgspec.structs import replace

from packer.errors import ArchiveError
from packer.oci.layer import Layer
from packer.store.blobs import stored_blob
from packer.store.cache import BlobCache
from packer.store.file_tree import File, FileTree, Folder, Link
from packer.store.layer_tar import Allowance, LayerTar, open_layer
from packer.system.files import disk_errors
from packer.system.spool import Spool

__all__ = ["ImageFiles"]

_LONGEST_PATH = 4096
_LARGEST_SPOOL = 8 << 30
_WHITEOUT = ".wh."
_OPAQUE = ".wh..wh..opq"
_AUFS = ".wh..wh."
"""Other names that begin so are notes of an old file system to itself."""


class ImageFiles:
    """The file tree of an image, read at the first need and kept. Safe for several threads.

    Args:
        layers: bottom first.
        cache: has their blobs.
        wanted: whether somebody will ask for the content of a file, by its path below the root and its size.
    """

    def __init__(self, layers: tuple[Layer, ...], cache: BlobCache, *, wanted: Callable[[str, int], bool]) -> None:
        self._layers = layers
        self._cache = cache
        self._wanted = wanted
        self._busy = threading.Lock()
        self._tree: FileTree | None = None

    def tree(self) -> FileTree:
        """Raises `ArchiveError` or `TrustError` for a broken layer, `BuildError` when one is gone or the disk full."""
        with self._busy:
            if self._tree is None:
                self._tree = self._read()
            return self._tree

    def _read(self) -> FileTree:
        tree, allowance = FileTree(), Allowance()
        scratch = self._cache.root / "tmp"
        for layer in self._layers:
            with open_layer(layer, stored_blob(self._cache, layer.descriptor), allowance) as members:
                changes = _changes(members, self._wanted, scratch)
            _apply(changes, tree)
        return tree


class _Change(Struct, frozen=True):
    """What one member does to a path; `node` None takes away what is there."""

    path: str
    node: File | Link | Folder | None = None
    hard_link: str | None = None
    offset: int | None = None


def _apply(changes: Iterable[_Change], tree: FileTree) -> None:
    """Whiteouts first: they hide what lower layers have, wherever in the layer they stand."""
    additions = []
    for change in changes:
        folder, _, name = change.path.rpartition("/")
        if name == _OPAQUE:
            tree.empty(folder)
        elif not name.startswith(_WHITEOUT):
            additions.append(change)
        elif not name.startswith(_AUFS):
            tree.remove(f"{folder}/{name.removeprefix(_WHITEOUT)}")
    for change in additions:
        node = tree.file(change.hard_link) if change.hard_link is not None else change.node
        if node is not None:
            tree.place(change.path, node)
        else:
            tree.remove(change.path)


def _changes(members: LayerTar, wanted: Callable[[str, int], bool], scratch: Path) -> list[_Change]:
    """Every member, with the content of the wanted ones."""
    found: list[_Change] = []
    with disk_errors(scratch, only_full=True):
        scratch.mkdir(parents=True, exist_ok=True)
        spool = Spool.filled(_spooled(members, wanted, found), limit=_LARGEST_SPOOL, scratch=scratch)
    return [_with_content(change, spool) for change in found]


def _with_content(change: _Change, spool: Spool) -> _Change:
    if change.offset is None or not isinstance(change.node, File):
        return change
    return replace(change, node=replace(change.node, content=spool.content(change.offset, change.node.size)))


def _spooled(members: LayerTar, wanted: Callable[[str, int], bool], found: list[_Change]) -> Iterator[bytes]:
    """The wanted contents one after the other; each member is noted in `found`, with where its content begins."""
    position = 0
    for member in members:
        change = _change(_clean(member.name), member)
        if isinstance(change.node, File) and wanted(change.path, change.node.size):
            yield from members.chunks(member)
            change = replace(change, offset=position)
            position += member.size
        found.append(change)


def _change(path: str, member: tarfile.TarInfo) -> _Change:
    """Devices, pipes and sparse files have nothing that is asked for: they only hide what was there."""
    if member.isdir():
        return _Change(path, Folder())
    if member.issym():
        if len(member.linkname) > _LONGEST_PATH:
            raise ArchiveError(f"the link {path[:80]!r} is too long")
        return _Change(path, Link(member.linkname))
    if member.islnk():
        return _Change(path, hard_link=_clean(member.linkname))
    if member.isreg() and not member.issparse():
        return _Change(path, File(member.size, bool(member.mode & 0o111)))
    return _Change(path)


def _clean(name: str) -> str:
    """The path below the root, empty for the root itself. Raises `ArchiveError` for one that is unsafe."""
    if len(name) > _LONGEST_PATH:
        raise ArchiveError(f"it holds a path of {len(name)} characters")
    parts = [part for part in name.split("/") if part not in ("", ".")]
    if ".." in parts or "\0" in name:
        raise ArchiveError(f"it holds an unsafe path: {name[:80]!r}")
    return "/".join(parts)
