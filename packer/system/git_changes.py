"""Whether a project is what its commit says: decided from git's index and the files, without running git.

`git status` would start what the repository's configuration names (monitors, filters), and the repository is not
trusted. The index names every tracked file's content: its trees are computed and compared with the commit's, and each
file with what the index noted of it, its content only where that has changed. What cannot be told counts as changed:
an index in parts, and files that a filter or a conversion of line ends made, once they were touched.
"""

from __future__ import annotations

import os
import re
import stat
import struct
from collections.abc import Collection, Iterable
from pathlib import Path

from msgspec.structs import replace

from packer.system.chunks import chunks_of
from packer.system.files import open_regular, read_regular
from packer.system.git import head_commit
from packer.system.git_entries import IndexEntry, index_entries
from packer.system.git_index import git_folder, index_file, read_index, work_tree_of
from packer.system.git_objects import object_hash, object_id, tree_id

__all__ = ["differs_from_commit"]

_LINK, _SUBMODULE, _FOLDER = 0o120000, 0o160000, 0o040000
_EXECUTABLE = 0o100755
_LOW = 0xFFFF_FFFF
_MODES_DO_NOT_COUNT = re.compile(rb"^\s*filemode\s*=\s*(?:false|no|off|0)\s*$", re.IGNORECASE | re.MULTILINE)
_MAX_CONFIG_BYTES = 1 << 20


def differs_from_commit(root: Path, tree: str, shipped: Collection[str], *, path: str) -> bool:
    """Whether a tracked file of a project is not as in the commit, or something else goes into its image.

    Args:
        root: the project's folder, in a work tree.
        tree: the object name of that folder in the commit, hexadecimal.
        shipped: the files that go into the image, relative to the project.
        path: the `PATH` to find git on, which is asked for the commits of submodules.
    """
    root = root.resolve()
    work_tree = work_tree_of(root)
    if work_tree is None:
        return True
    try:
        file = index_file(work_tree)
        written = file.stat().st_mtime_ns
        entries = _entries_below(work_tree, root, index_entries(read_index(file), id_size=len(tree) // 2))
        modes_count = not _MODES_DO_NOT_COUNT.search(_configuration(work_tree))
    except (OSError, ValueError, struct.error, IndexError):
        return True
    if not all(entry.settled for entry in entries) or tree_id(entries).hex() != tree:
        return True
    modules = [entry for entry in entries if entry.mode == _SUBMODULE]
    tracked = {entry.name for entry in entries}
    others = [name for name in shipped if name not in tracked]
    if any(not any(name.startswith(f"{module.name}/") for module in modules) for name in others):
        return True
    files = (entry for entry in entries if entry.mode not in (_SUBMODULE, _FOLDER))
    return any(_file_differs(root, entry, written=written, modes_count=modes_count) for entry in files) or any(
        _submodule_differs(root, module, others, path=path) for module in modules
    )


def _entries_below(work_tree: Path, root: Path, entries: Iterable[IndexEntry]) -> list[IndexEntry]:
    """The entries of the project, named relative to it."""
    inside = root.relative_to(work_tree).as_posix()
    prefix = "" if inside == "." else f"{inside}/"
    return [
        replace(entry, name=entry.name[len(prefix) :]) if prefix else entry
        for entry in entries
        if entry.name.startswith(prefix)
    ]


def _configuration(work_tree: Path) -> bytes:
    """The repository's own configuration; another work tree's folder says where that is."""
    folder = git_folder(work_tree)
    shared = read_regular(folder / "commondir", limit=4096)
    place = folder / os.fsdecode(shared).strip() if shared else folder
    return read_regular(place / "config", limit=_MAX_CONFIG_BYTES) or b""


def _file_differs(root: Path, entry: IndexEntry, *, written: int, modes_count: bool) -> bool:
    """Whether a tracked file is gone, or another; `written` is when the index was, nanoseconds since the epoch."""
    path = root / entry.name
    try:
        facts = path.lstat()
        is_link = stat.S_ISLNK(facts.st_mode)
        if is_link != (entry.mode == _LINK) or not (is_link or stat.S_ISREG(facts.st_mode)):
            return True
        executable = bool(facts.st_mode & stat.S_IXUSR)
        if not is_link and modes_count and executable != (entry.mode == _EXECUTABLE):
            return True
        if _is_as_noted(entry, facts, written=written):
            return False
        return _content_id(path, facts.st_size, id_size=len(entry.object_id), is_link=is_link) != entry.object_id
    except FileNotFoundError:
        return not entry.skipped
    except (OSError, ValueError):
        return True


def _is_as_noted(entry: IndexEntry, facts: os.stat_result, *, written: int) -> bool:
    """Whether a file is as git saw it. One written when the index was may have changed right after git's look."""
    return (
        divmod(facts.st_mtime_ns, 10**9) == entry.mtime
        and divmod(facts.st_ctime_ns, 10**9) == entry.ctime
        and facts.st_ino & _LOW == entry.inode
        and facts.st_size & _LOW == entry.size
        and facts.st_mtime_ns < written
    )


def _content_id(path: Path, size: int, *, id_size: int, is_link: bool) -> bytes | None:
    """The object name of a file's content; None when it cannot be read or changes while it is."""
    if is_link:
        return object_id(b"blob", os.fsencode(path.readlink()), id_size=id_size)
    stream = open_regular(path)
    if stream is None:
        return None
    digest = object_hash(id_size)
    digest.update(b"blob %d\0" % size)
    with stream:
        for chunk in chunks_of(stream):
            digest.update(chunk)
    return digest.digest()


def _submodule_differs(root: Path, module: IndexEntry, others: Collection[str], *, path: str) -> bool:
    """Whether a submodule is checked out at another commit than the index names, or differs from it."""
    folder, prefix = root / module.name, f"{module.name}/"
    inner = [name.removeprefix(prefix) for name in others if name.startswith(prefix)]
    if not (folder / ".git").exists():
        return bool(inner)
    commit = head_commit(folder, path=path)
    if commit is None or commit.tree is None or commit.revision != module.object_id.hex():
        return True
    return differs_from_commit(folder, commit.tree, inner, path=path)
