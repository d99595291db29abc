"""The base's own Python, run on this machine: its minimal packages unpacked once."""

from __future__ import annotations

import hashlib
import os
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING

from packer.debian.assembly import Assembly
from packer.debian.lock import BaseLock
from packer.debian.releases import Release
from packer.debian.versions import upstream_version
from packer.system.files import note_use

if TYPE_CHECKING:
    from packer.system.bytecode import Interpreter

__all__ = ["UnpackedInterpreter", "compiling_lock", "host_architecture", "interpreter_refusal"]

_LAYOUT = "1"
"""Changes when what is unpacked changes."""
_SUPPORT = ("libc6", "libexpat1", "zlib1g")
"""What `pythonX.Y-minimal` needs to start and compile."""
_ARCHITECTURES = {"x86_64": "amd64", "aarch64": "arm64"}


class UnpackedInterpreter:
    """Gives the interpreter of an assembly's lock, unpacked under `folder` at the first call.

    The Python that runs pack serves as well if it is of the very same version: then nothing need be fetched.

    Safe for several threads and processes.
    """

    def __init__(self, assembly: Assembly, folder: Path) -> None:
        self._assembly = assembly
        self._folder = folder
        self._busy = threading.Lock()

    def __call__(self) -> Interpreter:
        """Raises what fetching packages raises, or `PackError` for a disk that refuses."""
        from packer.system.unpacked_python import running_python, unpacked_python  # noqa: PLC0415 - seldom needed

        release, lock = self._assembly.release, self._assembly.lock
        version = lock.package(f"python{release.python}-minimal").version
        root = self._root(release, lock)
        program = root / "usr" / "bin" / f"python{release.python}"
        with self._busy:
            if not program.is_file():
                own = running_python(upstream_version(version), version=version)
                if own is not None:
                    return own
                self._unpack(root)
            note_use(root)
        libraries = root / "usr" / "lib" / self._assembly.architecture.triplet
        return unpacked_python(
            root / "usr",
            python=release.python,
            loader=Path(self._assembly.architecture.loader).name,
            libraries=libraries,
            version=version,
        )

    def _root(self, release: Release, lock: BaseLock) -> Path:
        """Named by the packages in it: machines and locks that agree on them share it."""
        inputs = [_LAYOUT, *(lock.package(name).sha256 for name in _packages(release))]
        key = hashlib.sha256(" ".join(inputs).encode()).hexdigest()[:32]
        return self._folder / f"python{release.python}-{key}"

    def _unpack(self, root: Path) -> None:
        from packer.debian.unpacking import unpack_interpreter  # noqa: PLC0415 - once in a cache's life

        assembly = self._assembly
        packages = _packages(assembly.release)
        unpack_interpreter(
            assembly.tree_with(packages),
            root,
            release=assembly.release,
            architecture=assembly.architecture,
            packages=packages,
        )


def compiling_lock(lock: BaseLock, host_base: BaseLock | None) -> BaseLock | None:
    """Which of the locks has a Python that runs on this machine; None for neither."""
    host = host_architecture()
    if lock.architecture == host:
        return lock
    if host_base is not None and (host_base.architecture, host_base.release) == (host, lock.release):
        return host_base
    return None


def interpreter_refusal(lock: BaseLock) -> str:
    """Why the lock's Python does not run on this machine."""
    host = host_architecture()
    if host is None:
        return f"Linux programs for {lock.architecture} do not run on this machine"
    return f"Python for {lock.architecture} does not run on {host}"


def host_architecture() -> str | None:
    """This machine's architecture in Debian's words; None where Linux programs do not run."""
    if sys.platform != "linux":
        return None
    machine = os.uname().machine
    return _ARCHITECTURES.get(machine, machine)


def _packages(release: Release) -> tuple[str, ...]:
    return (f"python{release.python}-minimal", f"libpython{release.python}-minimal", *_SUPPORT)
