"""Reading TOML and JSON that somebody else wrote: whole or not at all, and every wrong type is as good as absent."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from typing import Any

from packer.errors import ProjectError
from packer.project.model import Evidence
from packer.project.tree import SourceTree

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

__all__ = ["MAX_LOCK_BYTES", "Document", "find_line", "read_json", "read_toml", "string", "strings", "table", "tables"]

Document = Mapping[str, Any]

MAX_LOCK_BYTES = 64 * 1024 * 1024
"""Larger lock files are refused: the largest seen in public repositories is below 10 MB."""


def read_toml(tree: SourceTree, path: str) -> Document:
    """The content of a TOML file.

    Raises:
        ProjectError: the file cannot be read, or is not TOML.
    """
    try:
        return tomllib.loads(_text(tree, path))
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise _broken(path, "TOML", error) from error


def read_json(tree: SourceTree, path: str) -> Document:
    """The content of a JSON file that holds an object.

    Raises:
        ProjectError: the file cannot be read, is not JSON, or holds something other than an object.
    """
    try:
        content = json.loads(_text(tree, path))
    except (ValueError, RecursionError) as error:
        raise _broken(path, "JSON", error) from error
    if not isinstance(content, dict):
        raise ProjectError(f"{path} does not hold a JSON object", where=path, hint=_HINT)
    return content


_HINT = "repair the file, or create it again with the tool that wrote it"


def _text(tree: SourceTree, path: str) -> str:
    text = tree.read(path, MAX_LOCK_BYTES)
    if text is None:
        raise ProjectError(f"{path} cannot be read as text, or is too large", where=path, hint=_HINT)
    return text


def _broken(path: str, form: str, error: Exception) -> ProjectError:
    detail = "it is nested too deeply" if isinstance(error, RecursionError) else str(error)
    return ProjectError(f"{path} is not valid {form}: {detail}", where=path, hint=_HINT)


def table(document: Document, *keys: str) -> Document:
    """The table at a path of keys, empty when anything on the way is missing or no table."""
    found: Any = document
    for key in keys:
        found = found.get(key) if isinstance(found, Mapping) else None
    return found if isinstance(found, Mapping) else {}


def tables(value: Any) -> list[Document]:
    """The tables of a list, without whatever else it holds."""
    return [one for one in value if isinstance(one, Mapping)] if isinstance(value, list) else []


def string(document: Document, key: str) -> str | None:
    """The string under a key, None when it is missing or of another type."""
    value = document.get(key)
    return value if isinstance(value, str) else None


def strings(value: Any) -> list[str]:
    """The strings of a list; a single string is a list of one."""
    if isinstance(value, str):
        return [value]
    return [one for one in value if isinstance(one, str)] if isinstance(value, list) else []


def find_line(tree: SourceTree, path: str, *needles: str) -> Evidence:
    """The first line of a file that holds the first of `needles` to be found anywhere in it, case ignored.

    Without a hit the evidence is the file's first line: it is the right file at least.
    """
    lines = (tree.read(path, MAX_LOCK_BYTES) or "").split("\n")
    for needle in needles:
        for number, line in enumerate(lines, 1):
            if needle.lower() in line.lower():
                return Evidence(path, number, line.strip()[:160])
    return Evidence(path, 1, lines[0].strip()[:160])
