"""A Python in a folder of this machine, started with neither root nor chroot.

Its own dynamic loader is given the folder of its C library, and `PYTHONHOME` leads it to its standard library.
"""

from __future__ import annotations

from pathlib import Path

from packer.system.bytecode import Interpreter

__all__ = ["unpacked_python"]


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
