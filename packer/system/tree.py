"""A project's folder: its files as the detectors see them (`DirectoryTree`), and as an image gets them."""

from __future__ import annotations

import ast
import codecs
import os
from functools import cached_property
from pathlib import Path

from packer.project.tree import MAX_TEXT_BYTES, parse_module
from packer.system.files import read_regular
from packer.system.generated import generated_paths
from packer.system.git_ignored import GitIgnored, GitScope
from packer.system.links import inner_target
from packer.system.source_files import SourceFile, SourceListing, source_files
from packer.system.walk import is_text, walk

__all__ = ["DirectoryTree", "SourceFile", "SourceListing", "source_files"]

_KEPT_CHARACTERS = 1 << 18
"""Texts up to this length are kept: several readers look into the same modules and manifests."""


class DirectoryTree:
    """The `SourceTree` over a folder, listed at its first use.

    What `pack generate` wrote is no part of it: it follows from the rest.
    Symbolic links to files inside the tree are files of it; links to folders are not followed, for what they lead to
    is listed at its own place.

    Args:
        path: the project's folder.

    Raises:
        ProjectError: at the first use, when the folder is none, cannot be read, or holds more than any project.
    """

    def __init__(self, path: Path) -> None:
        self._root = path.resolve()
        self._modules: dict[str, ast.Module | None] = {}
        self._texts: dict[tuple[str, int], str | None] = {}

    @property
    def name(self) -> str:
        """The folder's own name."""
        return self._root.name

    @cached_property
    def paths(self) -> tuple[str, ...]:
        """Every file, sorted."""
        generated = generated_paths(self._root)
        found = (path for path, _ in walk(self._root, _Visible(self._root)))
        return tuple(sorted(path for path in found if path not in generated))

    @cached_property
    def _files(self) -> frozenset[str]:
        return frozenset(self.paths)

    def has(self, path: str) -> bool:
        """Whether `path` is one of the files."""
        return path in self._files

    def read(self, path: str, limit: int = MAX_TEXT_BYTES) -> str | None:
        """See `SourceTree.read`."""
        if path not in self._files:
            return None
        key = (path, limit)
        if key not in self._texts:
            text = self._read(path, limit)
            if len(text or "") > _KEPT_CHARACTERS:
                return text
            self._texts[key] = text
        return self._texts[key]

    def _read(self, path: str, limit: int) -> str | None:
        content = read_regular(self._root / path, limit=limit + 1)
        text = None if content is None or len(content) > limit else _decoded(content)
        if text is None or "\0" in text:
            return None
        return text.replace("\r\n", "\n").replace("\r", "\n") if "\r" in text else text

    def module(self, path: str) -> ast.Module | None:
        """See `SourceTree.module`."""
        if path not in self._modules:
            self._modules[path] = parse_module(self.read(path), path)
        return self._modules[path]


def _decoded(content: bytes) -> str | None:
    """Text by its byte order mark, else UTF-8, else Latin-1; PowerShell's `>` writes UTF-16 with a mark."""
    marked = content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    try:
        return content.decode("utf-16" if marked else "utf-8-sig")
    except UnicodeDecodeError:
        return None if marked else content.decode("latin-1")


class _Visible:
    """The walk's filter for detectors: all that git does not ignore."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._git = GitIgnored(root)

    @property
    def scope(self) -> GitScope:
        return self._git.scope

    def entered(self, folder: str, names: frozenset[str], scope: GitScope) -> GitScope:
        return self._git.entered(folder, scope, has_rules=".gitignore" in names)

    def folder(self, path: str, name: str, scope: GitScope) -> GitScope | None:
        return self._git.folder(path, name, scope) if is_text(name) else None

    def keeps(self, path: str, entry: os.DirEntry[str], scope: GitScope) -> bool:
        if not is_text(entry.name) or self._git.ignores_file(path, entry.name, scope):
            return False
        if entry.is_symlink():
            target = inner_target(self._root, path)
            return target is not None and (self._root / target).is_file()
        return entry.is_file(follow_symlinks=False)

    def unreadable(self, path: str) -> None:
        """A folder that nobody may read has no facts."""
