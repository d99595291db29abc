"""The program that speaks to a build back end, inside the build root. Run by its path, never imported by pack.

Interface of back ends: https://peps.python.org/pep-0517/#build-backend-interface

    hook.py requires    what the back end wants beside what pyproject.toml states
    hook.py wheel       makes the wheel in /build/output, and tries to load what was compiled

The task's parameters are in request.json beside this file; the answer is /build/output/answer.json.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import zipfile
from importlib import import_module
from pathlib import Path
from typing import Any

_OUTPUT = Path("/build/output")
_LOAD = "import ctypes, os, sys; ctypes.PyDLL(sys.argv[1], mode=os.RTLD_NOW)"
_OF_PYTHON = ("undefined symbol: Py", "undefined symbol: _Py")


def _backend(request: dict[str, Any]) -> Any:
    sys.path[:0] = [str(Path.cwd() / folder) for folder in request["backend_path"]]
    module, _, attributes = request["backend"].partition(":")
    backend: Any = import_module(module)
    for attribute in filter(None, attributes.split(".")):
        backend = getattr(backend, attribute)
    return backend


def _requires(request: dict[str, Any]) -> dict[str, Any]:
    hook = getattr(_backend(request), "get_requires_for_build_wheel", None)
    return {"requires": list(hook(None)) if hook else []}


def _wheel(request: dict[str, Any]) -> dict[str, Any]:
    name = _backend(request).build_wheel(str(_OUTPUT), None, None)
    return {"wheel": name, "unloadable": _unloadable(_OUTPUT / name)}


def _unloadable(wheel: Path) -> str | None:
    """What the dynamic loader misses in a compiled module of Python's own symbols, None where nothing is missing.

    C code may use functions that its Python no longer has: the compiler lets that pass, and the import fails. Other
    missing symbols may come from libraries that a package loads by itself: only an import could tell.
    """
    with tempfile.TemporaryDirectory() as folder, zipfile.ZipFile(wheel) as archive:
        for name in archive.namelist():
            if not name.endswith(".so"):
                continue
            command = [sys.executable, "-c", _LOAD, archive.extract(name, folder)]
            done = subprocess.run(command, check=False, capture_output=True, text=True)  # noqa: S603 (no shell)
            complaint = done.stderr.strip().rpartition("\n")[2]
            if any(words in complaint for words in _OF_PYTHON):
                return complaint.rpartition(": ")[2]
    return None


def main() -> None:
    """Do the task that the only argument names."""
    request = json.loads((Path(sys.path.pop(0)) / "request.json").read_bytes())
    task = {"requires": _requires, "wheel": _wheel}[sys.argv[1]]
    (_OUTPUT / "answer.json").write_text(json.dumps(task(request)), encoding="utf-8")


if __name__ == "__main__":
    main()
