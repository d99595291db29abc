"""A `gunicorn.conf.py` of the project's own: what it asks for, and what in it would break a container."""

from __future__ import annotations

import ast

from msgspec import Struct

from packer.project.app.modules import joined
from packer.project.code.constants import Constants
from packer.project.code.program import Program
from packer.project.code.values import Constant
from packer.project.model import Evidence

__all__ = ["GunicornConfig", "read_gunicorn_config"]

_FILE = "gunicorn.conf.py"
_ISSUES = (
    "bind",
    "certfile",
    "chdir",
    "chroot",
    "daemon",
    "group",
    "keyfile",
    "pidfile",
    "reload",
    "user",
    "worker_tmp_dir",
)
"""Settings that fight with a container, whose port and user are given, and which has one foreground process."""


class GunicornConfig(Struct, frozen=True, kw_only=True):
    """What the file sets.

    Attributes:
        path: where it is; gunicorn loads it by itself when it lies in the folder that the process starts in.
        issues: the names of settings that break a container, sorted; those that are switched off do not count.
    """

    path: str
    issues: tuple[str, ...]
    worker_class: str | None
    workers: int | None
    threads: int | None
    timeout: int | None
    evidence: tuple[Evidence, ...]


def read_gunicorn_config(program: Program, constants: Constants, stated: str | None) -> GunicornConfig | None:
    """The file that the server's command names, else `gunicorn.conf.py` where the process starts, else in the root."""
    folder = program.working_directory
    names = ([stated.removeprefix("python:").removeprefix("file:")] if stated else []) + [_FILE]
    for path in dict.fromkeys(joined(place, name.removeprefix("./")) for name in names for place in (folder, ".")):
        module = program.module(path) if program.tree.has(path) else None
        if module is None:
            continue
        values: dict[str, Constant] = {}
        lines: dict[str, ast.expr] = {}
        for assignment in module.assignments:
            if isinstance(assignment.target, ast.Name) and assignment.scope is module.scope:
                values[assignment.target.id] = constants.value(assignment.value, module.scope)
                lines[assignment.target.id] = assignment.value
        issues = tuple(name for name in _ISSUES if name in values and values[name] not in (None, False, ""))
        told = [name for name in (*issues, "worker_class") if name in lines]
        return GunicornConfig(
            path=path,
            issues=issues,
            worker_class=_text(values.get("worker_class")),
            workers=_number(values.get("workers")),
            threads=_number(values.get("threads")),
            timeout=_number(values.get("timeout")),
            evidence=tuple(program.evidence(module.scope, lines[name]) for name in told),
        )
    return None


def _text(value: Constant) -> str | None:
    return value if isinstance(value, str) and value else None


def _number(value: Constant) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) else None
