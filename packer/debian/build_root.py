"""A Debian build root: a compiler, the image's own Python with its headers, and libraries to link to, in one folder.

The packages are pinned and verified like those of a base. Roots lie in the cache, named by their packages, and are
entered read-only by `packer.debian.build_root_sandbox`: nothing of this machine is in them.

    <cache>/build-roots/<release>-<key>/root    the root file system
    <cache>/build-roots/<release>-<key>/seal    a digest of its shape, by which damage is noticed
"""

from __future__ import annotations

import hashlib
import os
import shutil
import tempfile
import time
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

from msgspec import Struct

from packer.debian import construction
from packer.debian.build_root_files import BuildSelection, shape, write_root
from packer.debian.lock import BaseLock
from packer.debian.mirrors import Mirrors
from packer.debian.releases import architecture_of, release_named
from packer.debian.rootfs import RootTree, merge_packages
from packer.oci.entry import Entry
from packer.store.cache import BlobCache
from packer.system.files import disk_errors, file_lock, note_use
from packer.system.http import Http

__all__ = ["BuildRoot", "build_packages", "build_root_folder", "open_build_root"]

_LAYOUT = "1"
"""Changes when the same packages are laid out differently."""
_TOOLS = ("bash", "binutils", "coreutils", "dash", "diffutils", "findutils", "g++", "gcc", "grep", "gzip", "libc6-dev",
          "make", "mawk", "patch", "perl-base", "pkgconf", "sed", "tar")  # fmt: skip
"""What set-up scripts, `configure` scripts and Makefiles count on."""
_OLD_LIBRARY = {"bookworm": ("python3-lib2to3",)}
"""Parts of the standard library that a base does without and old set-up scripts use (`use_2to3`)."""
_MOUNT_POINTS = ("build/environment", "build/output", "build/source", "build/tools", "dev", "proc", "tmp")
_ABANDONED_SECONDS = 24 * 3600.0
_LONGEST_UNPACKING = 900.0
_PARALLEL = 4


class BuildRoot(Struct, frozen=True, kw_only=True):
    """A build root that is there and whole.

    Attributes:
        path: its root folder on this machine.
        key: 64 hexadecimal digits that stand for its packages.
        python: absolute path of its interpreter, inside.
    """

    path: Path
    key: str
    python: str


def build_packages(release: str) -> tuple[str, ...]:
    """What every build root of a release has beside the packages of a Python base, sorted."""
    python = release_named(release).python
    return tuple(sorted({*_TOOLS, f"python{python}-dev", *_OLD_LIBRARY.get(release, ())}))


def build_root_folder(cache: BlobCache) -> Path:
    """Where build roots lie, and the scratch folders of builds in them. Names with a dot in front are unfinished."""
    return cache.root / "build-roots"


def open_build_root(lock: BaseLock, *, http: Http, cache: BlobCache, mirrors: Mirrors) -> BuildRoot:
    """The root of a lock's packages, unpacked at the first call and again when it was damaged since.

    Safe for several threads and processes. Raises what fetching packages raises, `BuildError` for a disk that
    refuses, `TransientError` when another process takes too long to unpack the same root.
    """
    release = release_named(lock.release)
    key = hashlib.sha256(f"{_LAYOUT}\n{lock.key}".encode()).hexdigest()
    folder = build_root_folder(cache)
    place = folder / f"{lock.release}-{key[:32]}"
    with file_lock(folder / f"{place.name}.lock", what="the build root", timeout=_LONGEST_UNPACKING):
        if not _is_whole(place):
            with disk_errors(place):
                _sweep(folder)
                _discard(place)
            _unpack(place, _tree(lock, http=http, cache=cache, mirrors=mirrors))
    note_use(place)
    return BuildRoot(path=place / "root", key=key, python=f"/usr/bin/python{release.python}")


def _tree(lock: BaseLock, *, http: Http, cache: BlobCache, mirrors: Mirrors) -> RootTree:
    release, architecture = release_named(lock.release), architecture_of(lock.architecture)
    packages = construction.read_packages(lock, lock.packages, http=http, cache=cache, mirrors=mirrors)
    tree = merge_packages(packages, BuildSelection(release))
    construction.configure(tree, packages, release=release, architecture=architecture)
    for path in _MOUNT_POINTS:
        tree.put(Entry.directory(path), "base-files")
    return tree


def _unpack(place: Path, tree: RootTree) -> None:
    """All or nothing: written beside its place and renamed."""
    with disk_errors(place):
        unfinished = Path(tempfile.mkdtemp(prefix=".root-", dir=place.parent))
        try:
            root = unfinished / "root"
            with ThreadPoolExecutor(_PARALLEL, thread_name_prefix="build-root") as threads:
                write_root(tree, root, run=threads.map)
            (unfinished / "seal").write_text(shape(root), encoding="ascii")
            unfinished.chmod(0o755)
            unfinished.rename(place)
        finally:
            shutil.rmtree(unfinished, ignore_errors=True)


def _is_whole(place: Path) -> bool:
    """Whether the root has the shape that it was made with: every file, of the same size and mode."""
    try:
        return (place / "seal").read_text(encoding="ascii") == shape(place / "root")
    except (OSError, ValueError):
        return False


def _discard(place: Path) -> None:
    """Out of the way at once, then away: builds that still run in it keep what they have open."""
    if place.exists():
        aside = Path(tempfile.mkdtemp(prefix=".broken-", dir=place.parent))
        place.rename(aside / "root")
        shutil.rmtree(aside, ignore_errors=True)


def _sweep(folder: Path) -> None:
    """Remove what killed processes left behind."""
    for path in _abandoned(folder.iterdir(), older_than=time.time() - _ABANDONED_SECONDS):
        shutil.rmtree(path, ignore_errors=True)


def _abandoned(paths: Iterable[Path], *, older_than: float) -> Iterator[Path]:
    for path in paths:
        with suppress(OSError):
            if path.name.startswith(".") and os.lstat(path).st_mtime < older_than:
                yield path
