"""A Python to compile bytecode with: one in a folder of this machine, or the one that runs pack.

The one in a folder is started with neither root nor chroot.

Its own dynamic loader is given the folder of its C library, and `PYTHONHOME` leads it to its standard library.
"""

from __future__ import annotations

import platform
import sys
from pathlib import Path

from packer.system.bytecode import Interpreter

__all__ = ["running_python", "unpacked_python"]


def unpacked_python(home: Path, *, python: str, loader: str, libraries: Path, version: str) -> Interpreter:
    """The interpreter `bin/pythonX.Y` below a folder.

    Args:
        home: holds `bin` and `lib/pythonX.Y`.
        python: X.Y.
        loader: the name of its dynamic loader, which is among the libraries.
        libraries: the folder of the C library and whatever else the interpreter is linked with.
        version: changes when its bytecode may change.
    """
    return Interpreter(
        command=(str(libraries / loader), "--library-path", str(libraries), str(home / "bin" / f"python{python}")),
        environment={"PYTHONHOME": str(home), "LC_ALL": "C.UTF-8", "PATH": "/usr/bin:/bin"},
        version=version,
        cache_tag=f"cpython-{python.replace('.', '')}",
    )


def running_python(wanted: str, *, version: str) -> Interpreter | None:
    """The Python that runs pack, where it is the wanted release of CPython: equal releases give equal bytecode.

    Args:
        wanted: X.Y.Z.
        version: changes when its bytecode may change.
    """
    tag = sys.implementation.cache_tag
    if platform.python_implementation() != "CPython" or platform.python_version() != wanted or tag is None:
        return None
    program = getattr(sys, "_base_executable", "") or sys.executable
    environment = {"LC_ALL": "C.UTF-8", "PATH": "/usr/bin:/bin"}
    return Interpreter(command=(program,), environment=environment, version=version, cache_tag=tag)
