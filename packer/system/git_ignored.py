"""What git ignores in a project: its `.gitignore` files, unless a file is tracked all the same."""

from __future__ import annotations

from functools import cached_property
from pathlib import Path

from msgspec import Struct

from packer.system.files import read_regular
from packer.system.git_index import TrackedFiles, tracked_files, work_tree_of
from packer.system.ignore import GitIgnore

__all__ = ["GitIgnored", "GitScope"]

_MAX_IGNORE_BYTES = 1 << 20
"""A longer ignore file is cut there."""


class _Level(Struct, frozen=True):
    """The rules of one folder. A path of the tree is relative to it once `skip` characters are replaced by `lead`."""

    rules: GitIgnore
    skip: int = 0
    lead: str = ""


class GitScope(Struct, frozen=True):
    """The rules that hold in a folder, the deepest last.

    `ignored` says that the folder itself is, but git tracks something in it.
    """

    levels: tuple[_Level, ...] = ()
    ignored: bool = False


class GitIgnored:
    """Git's opinion of the paths of a project.

    Outside a repository the `.gitignore` files hold as they are, except in an unpacked source distribution: what was
    packed was meant to be there (compiled translations, a generated `_version.py`).
    """

    def __init__(self, root: Path) -> None:
        self._root = root
        self._unpacked = (root / "PKG-INFO").is_file()

    @property
    def scope(self) -> GitScope:
        """Where a walk begins: what the folders above the project say, if the project is part of their repository."""
        if self._repository is None:
            return GitScope()
        work_tree, _ = self._repository
        levels = [_Level(_read_rules(work_tree / ".git" / "info" / "exclude"), lead=self._below(work_tree))]
        between = [parent for parent in self._root.parents if parent.is_relative_to(work_tree)]
        levels += [_Level(_read_rules(parent / ".gitignore"), lead=self._below(parent)) for parent in reversed(between)]
        return GitScope(tuple(levels))

    def entered(self, folder: str, scope: GitScope, *, has_rules: bool) -> GitScope:
        """The scope inside a folder (`a/b/`, or empty for the root) that has an ignore file, or has none."""
        if not has_rules or (self._unpacked and self._repository is None):
            return scope
        level = _Level(_read_rules(self._root / folder / ".gitignore"), skip=len(folder))
        return GitScope((*scope.levels, level), scope.ignored)

    def folder(self, path: str, name: str, scope: GitScope) -> GitScope | None:
        """The scope to walk a folder with; None when it is ignored."""
        if not (scope.ignored or _verdict(path, name, scope, directory=True)):
            return scope
        tracked = self._tracked
        return GitScope(scope.levels, ignored=True) if tracked and path in tracked.folders else None

    def ignores_file(self, path: str, name: str, scope: GitScope) -> bool:
        """Whether a file is ignored."""
        if not (scope.ignored or _verdict(path, name, scope, directory=False)):
            return False
        tracked = self._tracked
        return tracked is None or path not in tracked.files

    @cached_property
    def _repository(self) -> tuple[Path, TrackedFiles | None] | None:
        """The work tree that the project is part of, and what it tracks of it.

        A repository above that tracks nothing of the project (a home folder under version control) is not its own.
        """
        work_tree = work_tree_of(self._root)
        if work_tree is None:
            return None
        if work_tree == self._root:
            return work_tree, None
        tracked = tracked_files(work_tree, self._root)
        return (work_tree, tracked) if tracked and tracked.files else None

    @cached_property
    def _tracked(self) -> TrackedFiles | None:
        """Read when the first ignored path is met: most projects track none."""
        if self._repository is None:
            return None
        work_tree, tracked = self._repository
        return tracked or tracked_files(work_tree, self._root)

    def _below(self, parent: Path) -> str:
        inside = self._root.relative_to(parent).as_posix()
        return "" if inside == "." else f"{inside}/"


def _verdict(path: str, name: str, scope: GitScope, *, directory: bool) -> bool:
    for level in reversed(scope.levels):
        verdict = level.rules.verdict(level.lead + path[level.skip :], name, directory=directory)
        if verdict is not None:
            return verdict
    return False


def _read_rules(path: Path) -> GitIgnore:
    content = read_regular(path, limit=_MAX_IGNORE_BYTES) or b""
    return GitIgnore.parse(content.decode("utf-8", "surrogateescape"))
