"""The base's own Python, run on this machine: its minimal packages unpacked once, started by their dynamic loader.

No root and no chroot: the loader is given the folder of the base's C library, and Python finds its standard library
beside its program.
"""

from __future__ import annotations

import os
import platform
import shutil
import tempfile
from collections.abc import Iterable
from pathlib import Path

from packer.debian.lock import BaseLock
from packer.debian.releases import Architecture, Release
from packer.debian.rootfs import RootTree
from packer.oci.entry import Content, Entry, EntryKind
from packer.oci.platform import Platform
from packer.system.bytecode import Interpreter
from packer.system.files import disk_errors

__all__ = ["cache_tag", "host_architecture", "interpreter_packages", "unpacked_interpreter"]

_LAYOUT = "1"
"""Changes when what is unpacked changes."""
_SUPPORT = ("libc6", "libexpat1", "zlib1g")
"""What `python3.x-minimal` needs to start and compile."""


def host_architecture() -> str | None:
    """This machine's architecture in Debian's words; None where Linux programs do not run."""
    if platform.system() != "Linux":
        return None
    return Platform.parse(f"linux/{platform.machine()}").architecture


def interpreter_packages(release: Release) -> tuple[str, ...]:
    """The packages that the interpreter is unpacked from."""
    return (f"libpython{release.python}-minimal", f"python{release.python}-minimal", *_SUPPORT)


def cache_tag(release: Release) -> str:
    """What Python puts into the names of bytecode files."""
    return f"cpython-{release.python.replace('.', '')}"


def unpacked_interpreter(
    folder: Path, lock: BaseLock, tree: RootTree | None, *, release: Release, architecture: Architecture
) -> Interpreter | None:
    """The interpreter under `folder`, unpacked from `tree` when it is not there; None when it is not and `tree` is."""
    packages = [lock.package(name) for name in interpreter_packages(release)]
    root = folder / f"{packages[1].sha256[:32]}-{packages[2].sha256[:16]}-{_LAYOUT}"
    program = root / "usr" / "bin" / f"python{release.python}"
    if not program.is_file():
        if tree is None:
            return None
        with disk_errors(folder):
            _unpack(_needed(tree, release, architecture), root)
    libraries = root / "usr" / "lib" / architecture.triplet
    loader = libraries / Path(architecture.loader).name
    command = (str(loader), "--library-path", str(libraries), str(program))
    return Interpreter(
        command=command,
        environment={"PYTHONHOME": str(root / "usr"), "LC_ALL": "C.UTF-8", "PATH": "/usr/bin:/bin"},
        version=packages[1].version,
        cache_tag=cache_tag(release),
    )


def _needed(tree: RootTree, release: Release, architecture: Architecture) -> Iterable[Entry]:
    """Files to unpack; a link to a file becomes that file, so that nothing leads out of the folder."""
    owners = frozenset(interpreter_packages(release))
    folders = (f"usr/lib/python{release.python}/", f"usr/lib/{architecture.triplet}/lib")
    programs = (f"usr/bin/python{release.python}", f"usr/lib/{architecture.triplet}/{Path(architecture.loader).name}")
    for owned in tree.owned():
        path = owned.entry.path
        if owned.package not in owners or not (path in programs or path.startswith(folders)):
            continue
        real = tree.resolve(path)
        if real is not None and real.kind is EntryKind.FILE:
            yield Entry(path=path, kind=EntryKind.FILE, mode=real.mode, content=real.content)


def _unpack(entries: Iterable[Entry], root: Path) -> None:
    """All or nothing: written beside its place and renamed; who comes second keeps the first one's work."""
    root.parent.mkdir(parents=True, exist_ok=True)
    unfinished = Path(tempfile.mkdtemp(prefix=".unfinished-", dir=root.parent))
    try:
        for entry in entries:
            path = unfinished / entry.path
            path.parent.mkdir(parents=True, exist_ok=True)
            _write(path, entry)
        unfinished.chmod(0o755)
        try:
            unfinished.rename(root)
        except OSError:
            if not root.is_dir():
                raise
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)


def _write(path: Path, entry: Entry) -> None:
    with path.open("xb") as sink:
        if isinstance(entry.content, Content):
            with entry.content.open() as source:
                shutil.copyfileobj(source, sink, 1 << 20)
        else:
            sink.write(entry.content)
        os.fchmod(sink.fileno(), 0o755 if entry.mode & 0o100 else 0o644)
