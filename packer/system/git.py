"""What git knows of a source tree: the commit and the branch, for an image's labels and tags.

The repository is not trusted: nothing its own configuration names (hooks, monitors, transports, pagers, signers) may
run. `git cat-file` starts none of them, and every transport is forbidden by the environment.
"""

from __future__ import annotations

import re
from pathlib import Path

from msgspec import Struct

from packer.errors import PackError
from packer.regex import regex
from packer.system.files import read_regular
from packer.system.git_index import git_folder, work_tree_of
from packer.system.process import run

__all__ = ["Commit", "head_branch", "head_commit"]

_COMMITTER = re.compile(rb"^committer .*> (\d{1,12}) [+-]\d{4}$", re.MULTILINE)
_TREE = re.compile(rb"([0-9a-f]{40,64}) tree \d+\n")
_BRANCH = regex(r"ref:\s*refs/heads/(\S+)\s*")
_MAX_HEAD_BYTES = 4096
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
    """The commit that is checked out.

    Attributes:
        revision: its object name.
        time: the committer's, seconds since the epoch.
        tree: the object name of the project's folder in it; None when the commit has no such folder.
    """

    revision: str
    time: int
    tree: str | None = None


def head_commit(folder: Path, *, path: str) -> Commit | None:
    """The commit checked out in `folder`, None outside a repository, before the first commit, or without git.

    Args:
        folder: the project, or a folder inside a repository.
        path: the `PATH` to find git on.
    """
    if work_tree_of(folder.resolve()) is None:
        return None
    # `safe.directory`: a checkout owned by another user gives the same labels; nothing of it is run.
    command = ["git", "-C", str(folder), "-c", "safe.directory=*", "cat-file", "--batch"]
    try:
        result = run(command, env={**_ENVIRONMENT, "PATH": path}, stdin=b"HEAD^{commit}\nHEAD:./\n", timeout=10)
    except PackError:
        return None
    header, _, body = result.stdout.partition(b"\n")
    fields = header.split()
    if len(fields) != 3 or fields[1] != b"commit":
        return None
    committer = _COMMITTER.search(body.partition(b"\n\n")[0])
    if committer is None:
        return None
    size = int(fields[2])
    tree = _TREE.match(body, size + 1)
    return Commit(fields[0].decode(), int(committer.group(1)), tree.group(1).decode() if tree else None)


def head_branch(folder: Path) -> str | None:
    """The branch checked out in `folder`; None outside a repository, and where a commit is checked out by itself.

    Also None where git keeps its references in another form than files.
    """
    work_tree = work_tree_of(folder.resolve())
    if work_tree is None:
        return None
    try:
        content = read_regular(git_folder(work_tree) / "HEAD", limit=_MAX_HEAD_BYTES) or b""
    except OSError:
        return None
    branch = _BRANCH.fullmatch(content.decode("utf-8", "surrogateescape"))
    return branch.group(1) if branch and branch.group(1) != ".invalid" else None
