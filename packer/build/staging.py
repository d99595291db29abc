"""A build's context for an engine: exactly what the image and its build may see, kept from build to build.

BuildKit asks only for the files of a context that have changed since the last build, by size and time; therefore the
folder stays, times are the project's own, and what is not wanted any more goes.
"""

from __future__ import annotations

import os
import shutil
import stat
from collections.abc import Iterable, Mapping
from contextlib import suppress
from pathlib import Path

from packer.errors import BuildError
from packer.oci.digest import Digest
from packer.system.files import disk_errors, read_regular
from packer.system.source_files import SourceFile

__all__ = ["context_place", "stage"]

_LARGEST_TEXT = 16 * 1024 * 1024


def context_place(cache: Path, project: Path) -> Path:
    """Where a project's context is kept in the cache's folder."""
    return cache / "contexts" / Digest.of(str(project.resolve()).encode()).hex[:32]


def stage(folder: Path, *, root: Path, files: Iterable[SourceFile], texts: Mapping[str, str]) -> None:
    """Make `folder` hold the project's `files` and `texts` at their paths, and nothing else.

    Args:
        folder: the context; made where it is missing. One build at a time may use it.
        root: the project.
        files: what of it goes into the image.
        texts: generated files by path; they win over the project's own.

    Raises:
        BuildError: a file cannot be read, or the disk is full.
    """
    with disk_errors(folder):
        folder.mkdir(parents=True, exist_ok=True)
        wanted = {file.path: file for file in files if file.path not in texts}
        _clear(folder, {*wanted, *texts})
        for path, file in wanted.items():
            if file.target is None:
                _copy(root / path, folder / path, file)
            else:
                _link(folder / path, file.target)
        for path, text in texts.items():
            _write(folder / path, text.encode("utf-8", "surrogateescape"))


def _clear(folder: Path, wanted: set[str]) -> None:
    """Remove what is not wanted, and folders where a file is to be (and the other way round)."""
    kept_folders = {parent for path in wanted for parent in _parents(path)}
    for current, folders, names in os.walk(folder, topdown=True):
        inner = os.path.relpath(current, folder)
        for name in (*names, *folders):
            path = name if inner == "." else f"{inner}/{name}"
            place = Path(current, name)
            is_folder = place.is_dir() and not place.is_symlink()
            if is_folder and path in kept_folders:
                continue
            if not is_folder and path in wanted:
                continue
            if is_folder:
                shutil.rmtree(place)
            else:
                place.unlink()
        folders[:] = [name for name in folders if Path(current, name).is_dir() and not Path(current, name).is_symlink()]


def _parents(path: str) -> Iterable[str]:
    folder = path.rpartition("/")[0]
    while folder:
        yield folder
        folder = folder.rpartition("/")[0]


def _copy(source: Path, place: Path, file: SourceFile) -> None:
    mode = 0o755 if file.executable else 0o644
    with suppress(OSError):
        there = place.lstat()
        same = (there.st_size, there.st_mtime_ns, stat.S_IMODE(there.st_mode)) == (file.size, file.mtime_ns, mode)
        if stat.S_ISREG(there.st_mode) and same:
            return
    place.parent.mkdir(parents=True, exist_ok=True)
    place.unlink(missing_ok=True)
    try:
        shutil.copyfile(source, place, follow_symlinks=False)
    except FileNotFoundError as error:
        raise BuildError(
            f"{file.path} is gone", where=str(source), hint="build again when the file is at rest"
        ) from error
    place.chmod(mode)
    os.utime(place, ns=(file.mtime_ns, file.mtime_ns))


def _link(place: Path, target: str) -> None:
    if place.is_symlink() and os.readlink(place) == target:  # noqa: PTH115 - the text itself
        return
    place.parent.mkdir(parents=True, exist_ok=True)
    place.unlink(missing_ok=True)
    place.symlink_to(target)


def _write(place: Path, content: bytes) -> None:
    if read_regular(place, limit=_LARGEST_TEXT) == content:
        return
    place.parent.mkdir(parents=True, exist_ok=True)
    place.unlink(missing_ok=True)
    place.write_bytes(content)
    place.chmod(0o644)
