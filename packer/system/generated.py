"""What `pack generate` wrote in a project, as `.pack/generated.json` remembers it: each file and the text it was given.

Generated files are no part of the project: they tell pack nothing about it and do not go into an image. The memory is
committed with them, so that everybody's pack tells what its user changed from what it wrote itself.
"""

from __future__ import annotations

import json
import os
from pathlib import Path, PurePosixPath

from msgspec import Struct

from packer.errors import ProjectError
from packer.system.files import read_regular, write_atomically

__all__ = ["MEMORY", "Memory", "generated_paths", "own_rules", "place_of", "read_memory", "write_memory"]

MEMORY = ".pack/generated.json"
_VERSION = 1
_LARGEST = 16 * 1024 * 1024
_MOST_FILES = 1000
_HINT = f"restore {MEMORY} from version control, or remove it: changed files are then left alone"
_FOREIGN = frozenset({".git", ".hg", ".svn", ".pack"})


class Memory(Struct, frozen=True, kw_only=True):
    """The files that pack wrote, by path relative to the project, and their texts; sorted."""

    files: tuple[tuple[str, str], ...] = ()

    def text(self, path: str) -> str | None:
        """What pack wrote to a path, None for a file that it never wrote."""
        return dict(self.files).get(path)

    def changed(self, texts: dict[str, str | None]) -> Memory:
        """The memory with other texts; None forgets a file."""
        merged = {**dict(self.files), **texts}
        return Memory(files=tuple(sorted((path, text) for path, text in merged.items() if text is not None)))


def read_memory(root: Path) -> Memory:
    """The memory, empty where there is none. Raises `ProjectError` for one that pack did not write."""
    path = root / MEMORY
    if not os.path.lexists(path):
        return Memory()
    content = read_regular(path, limit=_LARGEST + 1)
    if content is None or not _is_inside(root, path):
        raise _broken("it is not a file of the project that can be read")
    if len(content) > _LARGEST:
        raise _broken(f"it is larger than {_LARGEST} bytes")
    try:
        document = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise _broken("it is not JSON") from error
    return Memory(files=tuple(sorted(_files(document).items())))


def write_memory(root: Path, memory: Memory) -> None:
    """Remember. Raises `ProjectError` where the memory would lie outside of the project."""
    document = {"schema": _VERSION, "files": dict(memory.files)}
    write_atomically(place_of(root, MEMORY), (json.dumps(document, indent=1, ensure_ascii=False) + "\n").encode())


def generated_paths(root: Path) -> frozenset[str]:
    """The files that pack wrote."""
    return frozenset(path for path, _ in read_memory(root).files)


def own_rules(root: Path, text: str) -> str:
    """The lines of a `.dockerignore` without those that pack wrote: its own rules hold anyway, and more exactly."""
    written = frozenset((read_memory(root).text(".dockerignore") or "").split("\n"))
    return "\n".join(line for line in text.split("\n") if line.removesuffix("\r") not in written)


def place_of(root: Path, path: str) -> Path:
    """Where a generated file is. Raises `ProjectError` where a symbolic link leads elsewhere."""
    place = root / path
    if place.is_symlink() or not _is_inside(root, place):
        raise ProjectError(
            f"{path} is not written: a symbolic link leads elsewhere",
            where=str(place),
            hint="replace the link by a folder or a file",
        )
    return place


def _is_inside(root: Path, place: Path) -> bool:
    try:
        return place.resolve().is_relative_to(root.resolve())
    except (OSError, RuntimeError):  # a loop of links
        return False


def _files(document: object) -> dict[str, str]:
    files = document.get("files") if isinstance(document, dict) else None
    if not isinstance(document, dict) or document.get("schema") != _VERSION or not isinstance(files, dict):
        raise _broken(f"it is not of version {_VERSION}")
    if len(files) > _MOST_FILES:
        raise _broken(f"it names more than {_MOST_FILES} files")
    for path, text in files.items():
        if not isinstance(text, str) or not _is_sound(path):
            raise _broken(f"it names {path[:80]!r}, which pack would not write")
    return files


def _is_sound(path: str) -> bool:
    parts = PurePosixPath(path).parts
    plain = path.isprintable() and "\\" not in path and str(PurePosixPath(path)) == path
    return bool(parts) and plain and not path.startswith("/") and ".." not in parts and _FOREIGN.isdisjoint(parts)


def _broken(why: str) -> ProjectError:
    return ProjectError(f"{MEMORY} cannot be used: {why}", where=MEMORY, hint=_HINT)
