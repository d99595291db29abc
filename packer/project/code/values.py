"""The values that reading can compute."""

from __future__ import annotations

import posixpath
from collections.abc import Mapping
from enum import Enum
from pathlib import PurePosixPath
from typing import Final, Literal, Union

__all__ = ["ROOT", "UNKNOWN", "Constant", "in_project", "is_known"]

ROOT: Final = "/<project>"
"""The project's root, in values that are paths: no real folder has this name."""


class _Unknown(Enum):
    UNKNOWN = "a value that only running the code can tell"


UNKNOWN: Final = _Unknown.UNKNOWN

Constant = Union[
    bool,
    int,
    float,
    str,
    PurePosixPath,
    "tuple[Constant, ...]",
    "Mapping[str, Constant]",
    Literal[_Unknown.UNKNOWN],
    None,
]


def is_known(value: Constant) -> bool:
    """Whether a value is one."""
    return value is not UNKNOWN


def in_project(value: Constant, working_directory: str) -> str | None:
    """The place in the project that a path means, relative to its root; None for places outside it.

    >>> in_project("data/app.db", "backend")
    'backend/data/app.db'
    >>> in_project(PurePosixPath(ROOT) / "app.db", "backend")
    'app.db'
    >>> in_project("/var/data", ".") is None
    True
    """
    if not isinstance(value, str | PurePosixPath) or not str(value) or not str(value).isprintable():
        return None
    path = posixpath.normpath(posixpath.join(ROOT, working_directory, str(value)))
    if path == ROOT:
        return "."
    return path.removeprefix(f"{ROOT}/") if path.startswith(f"{ROOT}/") else None
