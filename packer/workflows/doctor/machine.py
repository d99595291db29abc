"""This machine: room, programs, and what its kernel allows."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path

from packer.debian.build_root_sandbox import run_inside
from packer.errors import BuildError
from packer.plan.finding import Finding

__all__ = ["git_is_here", "namespaces_work", "pack_is_this_one", "room_at", "room_is_enough"]

_GIB = 1 << 30
_LEAST = 1 * _GIB
_WANTED = 4 * _GIB
"""What an app, its base, a database's image and the next build of each take, with something to spare."""
_SCRIPT_BYTES = 1 << 16
_ENTRY_SECONDS = 5.0


def room_at(place: Path) -> int | None:
    """Free bytes where a folder is or would be; None where that cannot be told."""
    existing = next((one for one in (place, *place.parents) if os.path.lexists(one)), place)
    try:
        return shutil.disk_usage(existing).free
    except OSError:
        return None


def room_is_enough(subject: str, place: Path, free: int | None) -> Finding | None:
    """There is room for images."""
    if free is None:
        return None
    what = f"{free / _GIB:.1f} GiB are free at {place}"
    if free >= _WANTED:
        return Finding(area="machine", subject=subject, state="ok", what=what)
    return Finding(
        area="machine",
        subject=subject,
        state="broken" if free < _LEAST else "warning",
        what=f"only {what}",
        fix="make room: pack cache prune, docker image prune",
    )


def git_is_here(environment: Mapping[str, str]) -> Finding:
    """Git names images by their commit, and merges generated files."""
    found = shutil.which("git", path=environment.get("PATH"))
    if found:
        return Finding(area="machine", subject="git", state="ok", what=found)
    return Finding(
        area="machine",
        subject="git",
        state="warning",
        what="git is not on PATH: requirements in git repositories and your changes to generated files need it",
        fix="install git",
    )


def pack_is_this_one(environment: Mapping[str, str]) -> Finding | None:
    """No other program is called `pack` where the shell looks: Cloud Native Buildpacks' is, too."""
    found = list(_on_path("pack", environment.get("PATH", "")))
    foreign = [path for path in found if not _is_own(path)]
    if not foreign:
        return None
    first = found[0] in foreign
    return Finding(
        area="machine",
        subject="pack",
        state="warning" if first else "note",
        what=f"{foreign[0]} is another program of this name"
        + (", and the one that a shell starts" if first else ", behind this one on PATH"),
        fix="put this one's folder before it on PATH, or call `python -m packer`" if first else None,
    )


def namespaces_work() -> Finding:
    """Source distributions can be compiled, in namespaces that need no root."""
    with tempfile.TemporaryDirectory(prefix="pack-doctor-") as name:
        for folder in ("dev", "proc"):
            Path(name, folder).mkdir()
        try:
            run_inside(Path(name), ["/nothing"], mounts=(), environment={}, cwd="/", timeout=_ENTRY_SECONDS)
        except BuildError as error:
            return Finding(area="machine", subject="namespaces", state="warning", what=error.what, fix=error.hint)
    what = "source distributions can be compiled in namespaces of their own"
    return Finding(area="machine", subject="namespaces", state="ok", what=what)


def _on_path(name: str, path: str) -> Iterator[Path]:
    for folder in dict.fromkeys(filter(None, path.split(os.pathsep))):
        place = Path(folder, name)
        if place.is_file() and os.access(place, os.X_OK):
            yield place


def _is_own(path: Path) -> bool:
    """Whether it is a script that starts this package, as installers write it."""
    try:
        with path.open("rb") as stream:
            start = stream.read(_SCRIPT_BYTES)
    except OSError:
        return True  # nobody can tell, so nobody is warned
    return start.startswith(b"#!") and b"packer" in start
