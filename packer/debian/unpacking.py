"""The part of a root that its interpreter needs, written to a folder."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from packer.debian.releases import Architecture, Release
from packer.debian.rootfs import RootTree
from packer.oci.entry import Entry, EntryKind
from packer.system.folders import write_folder

__all__ = ["unpack_interpreter"]


def unpack_interpreter(
    tree: RootTree, root: Path, *, release: Release, architecture: Architecture, packages: Iterable[str]
) -> None:
    """Write the programs, libraries and standard library of `packages` to the folder `root`.

    All or nothing. An older folder there lacks something and is thrown away.
    """
    write_folder(_needed(tree, release, architecture, frozenset(packages)), root)


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
