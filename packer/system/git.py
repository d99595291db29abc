"""What git knows of a source tree: the commit, for image labels.

The repository is not trusted: nothing its own configuration names (hooks, monitors, transports, pagers, signers) may
run. `git cat-file` starts none of them, and every transport is forbidden by the environment.
"""

from __future__ import annotations

import re
from pathlib import Path

from msgspec import Struct

from packer.errors import PackError
from packer.system.process import run

__all__ = ["Commit", "head_commit"]

_COMMITTER = re.compile(rb"^committer .*> (\d{1,12}) [+-]\d{4}$", re.MULTILINE)
_ENVIRONMENT = {
    "GIT_ALLOW_PROTOCOL": "none",
    "GIT_CONFIG_GLOBAL": "/dev/null",
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_NO_LAZY_FETCH": "1",
    "GIT_OPTIONAL_LOCKS": "0",
    "GIT_TERMINAL_PROMPT": "0",
    "LC_ALL": "C",
}


class Commit(Struct, frozen=True):
    """The commit that is checked out: its object name and the committer's time in seconds since the epoch."""

    revision: str
    time: int


def head_commit(folder: Path, *, path: str) -> Commit | None:
    """The commit checked out in `folder`, None outside a repository, before the first commit, or without git.

    Args:
        folder: the project, or a folder inside a repository.
        path: the `PATH` to find git on.
    """
    if not any((parent / ".git").exists() for parent in (folder, *folder.parents)):
        return None
    # `safe.directory`: a checkout owned by another user gives the same labels; nothing of it is run.
    command = ["git", "-C", str(folder), "-c", "safe.directory=*", "cat-file", "--batch"]
    try:
        result = run(command, env={**_ENVIRONMENT, "PATH": path}, stdin=b"HEAD^{commit}\n", timeout=10)
    except PackError:
        return None
    header, _, body = result.stdout.partition(b"\n")
    fields = header.split()
    if len(fields) < 2 or fields[1] != b"commit":
        return None
    committer = _COMMITTER.search(body.partition(b"\n\n")[0])
    return Commit(fields[0].decode(), int(committer.group(1))) if committer else None
