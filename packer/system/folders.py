"""Folders of files written whole or not at all."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterable
from pathlib import Path

from packer.oci.entry import Content, Entry
from packer.system.files import disk_errors

__all__ = ["write_folder"]

_COPIED_AT_ONCE = 1 << 20


def write_folder(files: Iterable[Entry], folder: Path) -> None:
    """Make a folder of `files`, which have only their permission to be executed kept.

    Written beside its place and renamed. What another process put there meanwhile is the same, and in use: it stays.

    Args:
        files: regular files with normalised relative paths.
        folder: its place; what is there from before is thrown away.

    Raises:
        BuildError: the disk is full, or the folder cannot be written.
    """
    with disk_errors(folder):
        before = _identity(folder)
        folder.parent.mkdir(parents=True, exist_ok=True)
        unfinished = Path(tempfile.mkdtemp(prefix=".unfinished-", dir=folder.parent))
        try:
            for entry in files:
                _write(unfinished / entry.path, entry)
            unfinished.chmod(0o755)
            _become(unfinished, folder, before)
        finally:
            shutil.rmtree(unfinished, ignore_errors=True)


def _write(path: Path, entry: Entry) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("xb") as sink:
        if isinstance(entry.content, Content):
            with entry.content.open() as source:
                shutil.copyfileobj(source, sink, _COPIED_AT_ONCE)
        else:
            sink.write(entry.content)
        os.fchmod(sink.fileno(), 0o755 if entry.mode & 0o100 else 0o644)


def _become(unfinished: Path, folder: Path, before: int | None) -> None:
    try:
        unfinished.rename(folder)
    except OSError:
        if not folder.is_dir():
            raise
        if _identity(folder) == before:
            shutil.rmtree(folder, ignore_errors=True)
            unfinished.rename(folder)


def _identity(folder: Path) -> int | None:
    """What tells a folder from another one at its place; None where there is none."""
    try:
        return folder.stat().st_ino
    except OSError:
        return None
