"""The files of a build root: which of a package's are kept, how they are written to a folder, what its shape is."""

from __future__ import annotations

import hashlib
import os
import shutil
import stat
from collections.abc import Callable, Iterable
from pathlib import Path, PurePosixPath
from typing import Any

from packer.debian.rootfs import RootTree
from packer.debian.selection import Selection
from packer.errors import ArchiveError
from packer.oci.entry import Content, Entry, EntryKind
from packer.regex import regex

__all__ = ["BuildSelection", "shape", "write_root"]

_UNREAD = regex(
    r"(?:boot|media|mnt|opt|srv"
    r"|usr/share/(?:bash-completion|bug|doc|doc-base|fish|gcc/python|gdb|info|lintian|locale|man|menu|zsh)"
    r"|usr/lib/(?:systemd|tmpfiles\.d|udev)"
    r"|usr/lib/python3\.\d+/(?:test|idlelib|turtledemo|ensurepip|pydoc_data))(?:/.*)?"
)
"""What no compiler and no set-up script reads."""
_CHUNK = 1 << 20


class BuildSelection(Selection):
    """Keeps what building needs and an image goes without: headers, static libraries, `pkg-config` files."""

    def keeps(self, path: str) -> bool:
        """Whether the build root has this path."""
        return _UNREAD.fullmatch(path) is None


def write_root(
    tree: RootTree, root: Path, *, run: Callable[[Callable[[Entry], None], Iterable[Entry]], Iterable[Any]] = map
) -> None:
    """Write a tree to the new folder `root`, owned by the user, no bit set that gives privileges.

    `run` writes the files, several at once if it likes. Raises `ArchiveError` when a path leads through something that
    is no folder: nothing is ever written outside of `root`.
    """
    folders = {PurePosixPath()}
    root.mkdir(mode=0o755)
    files: list[Entry] = []
    for owned in tree.owned():
        entry = owned.entry
        path = PurePosixPath(entry.path)
        _make_folders(root, path if entry.kind is EntryKind.DIRECTORY else path.parent, folders)
        if entry.kind is EntryKind.SYMLINK:
            (root / path).symlink_to(entry.target)
        elif entry.kind is EntryKind.FILE:
            files.append(entry)
    for _ in run(lambda entry: _write(root / entry.path, entry), files):
        pass


def shape(root: Path) -> str:
    """A digest of every path under a folder with its kind, mode, and size or link target. Contents are not read."""
    digest = hashlib.sha256()
    pending = [(str(root), "")]
    while pending:
        folder, prefix = pending.pop()
        with os.scandir(folder) as found:
            entries = sorted(found, key=lambda entry: entry.name)
        for entry in entries:
            status = entry.stat(follow_symlinks=False)
            path = f"{prefix}/{entry.name}"
            detail = ""
            if stat.S_ISDIR(status.st_mode):
                pending.append((entry.path, path))
            elif stat.S_ISLNK(status.st_mode):
                detail = os.readlink(entry.path)  # noqa: PTH115 (thousands of them)
            else:
                detail = str(status.st_size)
            digest.update(f"{path}\0{status.st_mode:o}\0{detail}\n".encode("utf-8", "surrogateescape"))
    return digest.hexdigest()


def _make_folders(root: Path, path: PurePosixPath, made: set[PurePosixPath]) -> None:
    if path in made:
        return
    _make_folders(root, path.parent, made)
    try:
        (root / path).mkdir(mode=0o755)
    except FileExistsError as cause:
        raise ArchiveError(f"/{path} is meant to be a folder and something else", where=str(root)) from cause
    made.add(path)


def _write(path: Path, entry: Entry) -> None:
    with path.open("xb") as sink:
        if isinstance(entry.content, Content):
            with entry.content.open() as source:
                shutil.copyfileobj(source, sink, _CHUNK)
        else:
            sink.write(entry.content)
        os.fchmod(sink.fileno(), 0o755 if entry.mode & 0o100 else 0o644)
