"""The port through which detectors see a project. The adapter over a real folder is `packer.system.tree`."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Mapping
from typing import Protocol

from packer.project.model import Evidence

__all__ = ["MAX_TEXT_BYTES", "MemoryTree", "SourceTree", "evidence_at"]

MAX_TEXT_BYTES = 4 * 1024 * 1024
"""Larger source files are not read as text (lock files are read up to 64 MiB by their own readers)."""


class SourceTree(Protocol):
    """A project's files, without the ones that belong to somebody else.

    Left out: version control, virtual environments, `node_modules`, caches, build output, whatever the project's
    own ignore files name, symbolic links that leave the tree. Paths are relative, POSIX and sorted.
    """

    @property
    def name(self) -> str:
        """The folder's own name."""
        ...

    @property
    def paths(self) -> tuple[str, ...]:
        """Every file, sorted."""
        ...

    def has(self, path: str) -> bool:
        """Whether `path` is one of the files."""
        ...

    def read(self, path: str, limit: int = MAX_TEXT_BYTES) -> str | None:
        r"""The text of a file, newlines as `\n`: UTF-8 or UTF-16 by its byte order mark, else UTF-8, else Latin-1.

        None when there is no such file, it cannot be read, holds a NUL byte, or is larger than `limit` bytes.
        """
        ...

    def module(self, path: str) -> ast.Module | None:
        """The syntax tree of a Python file, parsed once; None when it is unreadable or not valid Python."""
        ...


class MemoryTree:
    """A source tree that is a mapping of path to text: the double that the tests use.

    >>> MemoryTree({"app.py": "app = 1"}).paths
    ('app.py',)
    """

    def __init__(self, files: Mapping[str, str], name: str = "project") -> None:
        self._files = dict(files)
        self._name = name
        self._modules: dict[str, ast.Module | None] = {}

    @property
    def name(self) -> str:
        """The name given."""
        return self._name

    @property
    def paths(self) -> tuple[str, ...]:
        """Every file, sorted."""
        return tuple(sorted(self._files))

    def has(self, path: str) -> bool:
        """Whether `path` is one of the files."""
        return path in self._files

    def read(self, path: str, limit: int = MAX_TEXT_BYTES) -> str | None:
        """The text of a file, None when there is none or it is too large."""
        text = self._files.get(path)
        return None if text is None or len(text.encode()) > limit else text

    def module(self, path: str) -> ast.Module | None:
        """The syntax tree of a Python file, None when it is not valid Python."""
        if path not in self._modules:
            self._modules[path] = parse_module(self.read(path), path)
        return self._modules[path]


def parse_module(text: str | None, path: str) -> ast.Module | None:
    """Parse Python source; None for no text, a syntax error, or nesting that the parser refuses."""
    if text is None:
        return None
    try:
        return ast.parse(text, filename=path)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def evidence_at(tree: SourceTree, path: str, line: int) -> Evidence:
    """The evidence for one line of a file."""
    lines: Iterable[str] = (tree.read(path) or "").split("\n")
    excerpt = next((text for number, text in enumerate(lines, 1) if number == line), "")
    return Evidence(path, line, excerpt.strip()[:160])
