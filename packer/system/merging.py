"""Three versions of a text merged into one, by git, which is a program of its own."""

from __future__ import annotations

import tempfile
from pathlib import Path

from packer.errors import BuildError
from packer.system.process import run

__all__ = ["merged"]

_LARGEST = 16 * 1024 * 1024
_SECONDS = 60


def merged(*, found: str, written: str, wanted: str, search_path: str) -> str | None:
    """What was `written`, with the changes that lead to `found` and those that lead to `wanted`.

    None where both change the same lines, and where git is missing. `search_path` is the `PATH` to find it on.
    """
    with tempfile.TemporaryDirectory(prefix="pack-merge-") as name:
        folder = Path(name)
        for file, text in (("found", found), ("written", written), ("wanted", wanted)):
            (folder / file).write_bytes(text.encode("utf-8", "surrogateescape"))
        command = ["git", "merge-file", "--stdout", "found", "written", "wanted"]
        environment = {"PATH": search_path, "HOME": name, "GIT_CONFIG_NOSYSTEM": "1", "LC_ALL": "C"}
        environment["GIT_CEILING_DIRECTORIES"] = str(folder.parent)
        try:
            done = run(command, env=environment, cwd=folder, timeout=_SECONDS, limit=_LARGEST)
        except BuildError:
            return None
    return done.stdout.decode("utf-8", "surrogateescape") if done.status == 0 else None
