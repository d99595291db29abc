"""The base's own Python, run on this machine: what it needs to compile, unpacked once into a folder of the cache."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from packer.build.image_foundation.base_python import BasePython
from packer.errors import ArchiveError
from packer.oci.digest import Digest
from packer.oci.entry import Entry
from packer.store.file_tree import FileTree
from packer.system.files import note_use

if TYPE_CHECKING:
    from packer.system.bytecode import Interpreter

__all__ = ["UnpackedBasePython"]

_LAYOUT = "1"
"""Changes when what is unpacked changes."""
_LARGEST = 2 << 30
_MOST_FILES = 50_000
"""A standard library has some thousand files; hard links make many large ones of a small layer."""


class UnpackedBasePython:
    """Gives the interpreter, unpacked at the first call. Safe for several threads and processes.

    The folder holds `bin/pythonX.Y`, `lib/pythonX.Y`, and in `libraries` the dynamic loader with everything that the
    program is linked with.

    Args:
        image: the digest of the base's manifest, by which the folder is known.
        python: X.Y.
        loader: the file name of its dynamic loader.
        version: changes when its bytecode may change.
        folder: where unpacked interpreters lie.
        find: finds the Python in the base's files; called only when it is not unpacked.
    """

    def __init__(
        self,
        *,
        image: Digest,
        python: str,
        loader: str,
        version: str,
        folder: Path,
        find: Callable[[], tuple[FileTree, BasePython]],
    ) -> None:
        key = Digest.of(f"{_LAYOUT} {image} {python}".encode()).hex[:32]
        self._root = folder / f"python{python}-image-{key}"
        self._python = python
        self._loader = loader
        self._version = version
        self._find = find
        self._busy = threading.Lock()

    def __call__(self) -> Interpreter:
        """Raises `BuildError` for a disk that refuses, or a layer that is gone or broken."""
        from packer.system.folders import write_folder  # noqa: PLC0415 - a warm build compiles nothing
        from packer.system.unpacked_python import unpacked_python  # noqa: PLC0415

        with self._busy:
            if not (self._root / "bin" / f"python{self._python}").is_file():
                write_folder(_bounded(_files(*self._find())), self._root)
            note_use(self._root)
        return unpacked_python(
            self._root,
            python=self._python,
            loader=self._loader,
            libraries=self._root / "libraries",
            version=self._version,
        )


def _bounded(files: Iterator[Entry]) -> Iterator[Entry]:
    size = 0
    for count, entry in enumerate(files):
        size += entry.size
        if count >= _MOST_FILES or size > _LARGEST:
            raise ArchiveError(f"Python in the base has more than {_MOST_FILES} files or {_LARGEST >> 30} GiB")
        yield entry


def _files(tree: FileTree, python: BasePython) -> Iterator[Entry]:
    """Files only, also where the base has links, so that nothing leads out of the folder."""
    for name, content in python.libraries.items():
        yield Entry.file(f"libraries/{name}", content, mode=0o755)
    for folder in python.standard_libraries:
        parent = "/".join(folder.rsplit("/", 2)[-2:])
        for path, file in tree.files(folder):
            if file.content is not None:
                yield Entry.file(f"{parent}/{path}", file.content)
    yield Entry.file(f"bin/python{python.python}", python.content, mode=0o755)
