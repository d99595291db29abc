"""Variables for a container, as the command line and files of them say."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

from packer.errors import UsageError
from packer.regex import regex

__all__ = ["read_variables", "variables"]

_NAME = regex(r"[^\s=\0]+")


def variables(texts: Iterable[str], surroundings: Mapping[str, str], *, where: str = "-e") -> dict[str, str]:
    """`NAME=VALUE`, or `NAME` alone for the value that it has here, if any. Raises `UsageError` for no name.

    >>> variables(["A=1=2", "B", "C"], {"B": "two"})
    {'A': '1=2', 'B': 'two'}
    """
    found: dict[str, str] = {}
    for text in texts:
        name, equals, value = text.partition("=")
        if not _NAME.fullmatch(name):
            raise UsageError("a variable needs a name", where=where, hint="write NAME=VALUE")
        if equals:
            found[name] = value
        elif name in surroundings:
            found[name] = surroundings[name]
    return found


def read_variables(paths: Iterable[Path], surroundings: Mapping[str, str]) -> dict[str, str]:
    """Those of files, one a line; empty lines and lines that begin with # say nothing. Raises `UsageError`."""
    found: dict[str, str] = {}
    for path in paths:
        try:
            lines = path.read_text(encoding="utf-8-sig").splitlines()
        except (OSError, UnicodeDecodeError) as error:
            raise UsageError(f"the file of variables cannot be read: {error}", where=str(path)) from error
        texts = [line.strip() for line in lines if line.strip() and not line.lstrip().startswith("#")]
        found |= variables(texts, surroundings, where=str(path))
    return found
