"""A project's files as an image gets them: which go in, and which surprisingly do not."""

from __future__ import annotations

import os
import posixpath
import stat
from collections.abc import Iterable
from itertools import islice
from pathlib import Path, PurePosixPath

from msgspec import Struct

from packer.system.files import read_regular
from packer.system.generated import generated_paths, own_rules
from packer.system.git_ignored import GitIgnored, GitScope
from packer.system.ignore import DockerIgnore, GitIgnore
from packer.system.links import inner_target
from packer.system.unshipped import Unshipped, unshipped_file, unshipped_folder
from packer.system.walk import is_text, walk

__all__ = ["SourceFile", "SourceListing", "source_files"]

_BY_SETTING = Unshipped("the settings exclude it", told=False)
_GENERATED = Unshipped("`pack generate` wrote it", told=False)
_BY_DOCKERIGNORE = Unshipped("`.dockerignore` names it", told=False)
_BY_GIT = Unshipped("git ignores it", told=False)
_BY_GIT_NEEDED = Unshipped("git ignores it, though the app may need it", told=True)
_BAD_NAME = Unshipped("an image cannot hold its name", told=True)
_NO_FILE = Unshipped("it is neither a file nor a folder", told=True)
_OUTSIDE = Unshipped("it is a symbolic link that leads out of the project, or nowhere", told=True)
_UNREADABLE = Unshipped("it cannot be read", told=True)

_NEEDED_FOLDERS = frozenset({"static", "templates", "assets", "public", "translations", "locale"})
_NEEDED_SUFFIXES = frozenset(
    {".py", ".html", ".jinja", ".j2", ".css", ".js", ".mo", ".json", ".toml", ".yaml", ".yml", ".ini", ".cfg", ".csv"}
    | {".pkl", ".pickle", ".joblib", ".h5", ".pt", ".onnx"}
)
_MAX_DOCKERIGNORE_BYTES = 1 << 20
_PEEKED_ENTRIES = 200


class SourceFile(Struct, frozen=True, kw_only=True):
    """One file or symbolic link that goes into the image, and what tells whether it has changed.

    Attributes:
        path: relative to the project, POSIX.
        size: bytes.
        mtime_ns: when it was written.
        ctime_ns: when its inode was changed; unlike `mtime_ns` nobody can set it.
        inode: its number.
        executable: whether its owner may run it.
        target: a link's target, relative to the link's folder and inside the project; None for a file.
    """

    path: str
    size: int
    mtime_ns: int
    ctime_ns: int
    inode: int
    executable: bool
    target: str | None = None


class SourceListing(Struct, frozen=True, kw_only=True):
    """What goes in, sorted by path; and what was left out although the app may look for it, with the reason.

    A folder in `left_out` ends with a slash.
    """

    files: tuple[SourceFile, ...]
    left_out: tuple[tuple[str, str], ...]


def source_files(root: Path, exclude: Iterable[str] = ()) -> SourceListing:
    """List a project for an image.

    Left out are: foreign folders, what `pack generate` wrote, what git ignores, what `.dockerignore` names, secrets,
    local databases, and files that only tools read.

    Args:
        root: the project's folder.
        exclude: patterns of `.gitignore` form, relative to the root. They decide over everything but foreign folders:
            `!data/cities.db` brings a file back that would be left out.

    Raises:
        ProjectError: the folder is none, cannot be read, or holds more than any project.
    """
    root = root.resolve()
    shipped = _Shipped(root, GitIgnore.parse("\n".join(exclude)))
    found = [file for path, entry in walk(root, shipped) if (file := shipped.file(path, entry)) is not None]
    kept = _with_whole_links(found, shipped)
    return SourceListing(
        files=tuple(sorted(kept, key=lambda file: file.path)), left_out=tuple(sorted(shipped.left_out.items()))
    )


class _Scope(Struct, frozen=True):
    """What a folder hands down.

    Attributes:
        git: git's rules.
        docker: the `.dockerignore` rules that match a folder above.
        out: why all in it stays out, unless a setting brings it back.
        wanted: a setting brought the folder back, so ignore files say nothing about what is in it.
    """

    git: GitScope
    docker: frozenset[int] = frozenset()
    out: Unshipped | None = None
    wanted: bool = False


class _Shipped:
    """The walk's filter for images. It remembers what the user is told."""

    def __init__(self, root: Path, exclude: GitIgnore) -> None:
        self._root = root
        self._exclude = exclude
        self._git = GitIgnored(root)
        content = read_regular(root / ".dockerignore", limit=_MAX_DOCKERIGNORE_BYTES) or b""
        self._docker = DockerIgnore.parse(own_rules(root, content.decode("utf-8", "surrogateescape")))
        self._generated = generated_paths(root)
        self.left_out: dict[str, str] = {}

    @property
    def scope(self) -> _Scope:
        return _Scope(self._git.scope)

    def entered(self, folder: str, names: frozenset[str], scope: _Scope) -> _Scope:
        git = self._git.entered(folder, scope.git, has_rules=".gitignore" in names)
        return _Scope(git, scope.docker, scope.out, scope.wanted)

    def folder(self, path: str, name: str, scope: _Scope) -> _Scope | None:
        inner, out = self._folder_verdict(path, name, scope)
        if out is None or self._exclude.may_keep_inside(path):
            return inner
        self._leave_out(f"{path}/", out)
        return None

    def _folder_verdict(self, path: str, name: str, scope: _Scope) -> tuple[_Scope, Unshipped | None]:
        """The scope inside a folder, and why it need not be entered."""
        verdict = self._exclude.verdict(path, name, directory=True)
        ignored_by_docker, docker = self._docker.verdict(path, name, scope.docker)
        if verdict is not None:
            out = _BY_SETTING if verdict else None
            return _Scope(scope.git, docker, out, wanted=not verdict), out
        out = scope.out or unshipped_folder(name) or (None if is_text(name) else _BAD_NAME)
        git: GitScope | None = scope.git
        if not scope.wanted and out is None:
            git = self._git.folder(path, name, scope.git)
            out = None if git else self._git_reason(path, folder=True)
            if ignored_by_docker and out is None and not self._docker.may_keep_inside(path):
                return _Scope(scope.git, docker), _BY_DOCKERIGNORE
        return _Scope(git or scope.git, docker, out, scope.wanted), out

    def keeps(self, path: str, entry: os.DirEntry[str], scope: _Scope) -> bool:
        out = self._file_reason(path, entry, scope)
        if out is not None:
            self._leave_out(path, out)
        return out is None

    def _file_reason(self, path: str, entry: os.DirEntry[str], scope: _Scope) -> Unshipped | None:
        name = entry.name
        if not is_text(name) or name.startswith(".wh."):
            return _BAD_NAME
        if not entry.is_symlink() and not entry.is_file(follow_symlinks=False):
            return _NO_FILE
        verdict = self._exclude.verdict(path, name, directory=False)
        if verdict is not None:
            return _BY_SETTING if verdict else None
        out = scope.out or self._unshipped(path, entry)
        if out is not None or scope.wanted:
            return out
        if self._docker.verdict(path, name, scope.docker)[0]:
            return _BY_DOCKERIGNORE
        return self._git_reason(path) if self._git.ignores_file(path, name, scope.git) else None

    def _git_reason(self, path: str, *, folder: bool = False) -> Unshipped:
        """Whether it surprises that something ignored is left out: a built style sheet does, a log file does not."""
        pure = PurePosixPath(path)
        needed = pure.suffix in _NEEDED_SUFFIXES or not _NEEDED_FOLDERS.isdisjoint(pure.parts)
        return _BY_GIT_NEEDED if needed or (folder and _holds_needed(self._root / path)) else _BY_GIT

    def _unshipped(self, path: str, entry: os.DirEntry[str]) -> Unshipped | None:
        return _GENERATED if path in self._generated else unshipped_file(entry.name, entry.path)

    def unreadable(self, path: str) -> None:
        self._leave_out(f"{path}/", _UNREADABLE)

    def file(self, path: str, entry: os.DirEntry[str]) -> SourceFile | None:
        """The facts of a file that is kept; None when it has just gone, or is a link that must not go in."""
        try:
            facts = entry.stat(follow_symlinks=False)
        except OSError:
            return None
        target = None
        if entry.is_symlink():
            leads_to = inner_target(self._root, path)
            if leads_to is None:
                self._leave_out(path, _OUTSIDE)
                return None
            target = posixpath.relpath(leads_to, posixpath.dirname(path) or ".")
        return SourceFile(
            path=path,
            size=facts.st_size,
            mtime_ns=facts.st_mtime_ns,
            ctime_ns=facts.st_ctime_ns,
            inode=facts.st_ino,
            executable=bool(facts.st_mode & stat.S_IXUSR),
            target=target,
        )

    def leave_out_link(self, path: str, target: str) -> None:
        """A link whose target stays out stays out, too."""
        self._leave_out(path, Unshipped(f"it is a symbolic link to {target}, which is left out", told=True))

    def _leave_out(self, path: str, out: Unshipped) -> None:
        if out.told:
            self.left_out[path.encode("utf-8", "replace").decode()] = out.reason


def _with_whole_links(found: list[SourceFile], shipped: _Shipped) -> list[SourceFile]:
    """Without the links that would lead nowhere in the image."""
    there = {file.path for file in found if file.target is None}
    folders = {"."}
    for path in there:
        folder = posixpath.dirname(path)
        while folder and folder not in folders:
            folders.add(folder)
            folder = posixpath.dirname(folder)
    kept: list[SourceFile] = []
    for file in found:
        leads_to = file.path if file.target is None else _joined(file.path, file.target)
        if leads_to in there or leads_to in folders:
            kept.append(file)
        else:
            shipped.leave_out_link(file.path, leads_to)
    return kept


def _joined(path: str, target: str) -> str:
    return posixpath.normpath(posixpath.join(posixpath.dirname(path), target))


def _holds_needed(folder: Path) -> bool:
    """Whether a folder has a file at its top that an app may need."""
    try:
        with os.scandir(folder) as entries:
            return any(
                PurePosixPath(entry.name).suffix in _NEEDED_SUFFIXES for entry in islice(entries, _PEEKED_ENTRIES)
            )
    except OSError:
        return False
