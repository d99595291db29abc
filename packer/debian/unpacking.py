"""The part of a root that its interpreter needs, written to a folder."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path

from packer.debian.releases import Architecture, Release
from packer.debian.rootfs import RootTree
from packer.oci.entry import Content, Entry, EntryKind
from packer.system.files import disk_errors

__all__ = ["unpack_interpreter"]


def unpack_interpreter(
    tree: RootTree, root: Path, *, release: Release, architecture: Architecture, packages: Iterable[str]
) -> None:
    """Write the programs, libraries and standard library of `packages` to the folder `root`.

    All or nothing: written beside its place and renamed. An older folder there lacks something and is thrown away.
    """
    with disk_errors(root):
        root.parent.mkdir(parents=True, exist_ok=True)
        unfinished = Path(tempfile.mkdtemp(prefix=".unfinished-", dir=root.parent))
        try:
            for entry in _needed(tree, release, architecture, frozenset(packages)):
                _write(unfinished / entry.path, entry)
            unfinished.chmod(0o755)
            _become(unfinished, root)
        finally:
            shutil.rmtree(unfinished, ignore_errors=True)


def _become(unfinished: Path, root: Path) -> None:
    try:
        unfinished.rename(root)
    except OSError:
        if not root.is_dir():
            raise
        shutil.rmtree(root, ignore_errors=True)
        unfinished.rename(root)


def _needed(tree: RootTree, release: Release, architecture: Architecture, packages: frozenset[str]) -> Iterator[Entry]:
    """Files to write; a link to a file becomes that file, so that nothing leads out of the folder."""
    program = f"usr/bin/python{release.python}"
    libraries = f"usr/lib/{architecture.triplet}/"
    folders = (f"usr/lib/python{release.python}/", f"{libraries}lib", f"{libraries}ld-")
    for owned in tree.owned():
        path = owned.entry.path
        if owned.package not in packages or not (path == program or path.startswith(folders)):
            continue
        real = tree.resolve(path)
        if real is not None and real.kind is EntryKind.FILE:
            yield Entry(path=path, kind=EntryKind.FILE, mode=real.mode, content=real.content)


def _write(path: Path, entry: Entry) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("xb") as sink:
        if isinstance(entry.content, Content):
            with entry.content.open() as source:
                shutil.copyfileobj(source, sink, 1 << 20)
        else:
            sink.write(entry.content)
        os.fchmod(sink.fileno(), 0o755 if entry.mode & 0o100 else 0o644)
