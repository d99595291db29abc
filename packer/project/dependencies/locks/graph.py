"""The distributions of a lock as a graph, and the part of it that a set of wishes reaches."""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import unquote, urlsplit

from msgspec import Struct, field
from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name

from packer.project.dependencies.documents import string, tables
from packer.project.dependencies.sources import Lock, LockFormat
from packer.project.model import Caution, LocalPackage, Manager

__all__ = ["Node", "Wish", "file_names", "lock_of", "reached", "wish_of"]

Wish = tuple[str, frozenset[str]]
"""A normalised name and the extras asked of it."""


class Node(Struct, frozen=True, kw_only=True):
    """One distribution of a lock: its edges, the edges of each of its extras, and its files (None: not listed)."""

    name: str
    version: str | None
    needs: tuple[Wish, ...] = ()
    extras: Mapping[str, tuple[Wish, ...]] = field(default_factory=dict)
    files: tuple[str, ...] | None = None


def reached(nodes: Iterable[Node], wishes: Iterable[Wish]) -> list[Node]:
    """The nodes that wishes lead to, in the lock's order. All versions of a name count: markers choose later."""
    by_name: dict[str, list[Node]] = {}
    for node in nodes:
        by_name.setdefault(node.name, []).append(node)
    seen: set[tuple[str, str | None]] = set()
    todo: list[Wish] = list(wishes)
    while todo:
        name, extras = todo.pop()
        fresh = [extra for extra in (None, *sorted(extras)) if (name, extra) not in seen]
        seen.update((name, extra) for extra in fresh)
        for node in by_name.get(name, ()):
            for extra in fresh:
                todo += node.needs if extra is None else node.extras.get(extra, ())
    names = {name for name, _ in seen}
    return [node for name, group in by_name.items() if name in names for node in group]


def lock_of(
    nodes: Iterable[Node],
    *,
    format: LockFormat,  # noqa: A002 - the model's own word
    manager: Manager,
    path: str,
    requires_python: str | None = None,
    local_packages: tuple[LocalPackage, ...] = (),
    cautions: tuple[Caution, ...] = (),
) -> Lock:
    """A lock that pins `nodes`."""
    listed = list(nodes)
    files: dict[str, list[str]] = {}
    for node in listed:
        if node.files:
            wheels = files.setdefault(node.name, [])
            wheels += [name for name in node.files if name.endswith(".whl")]
    pins = sorted({(node.name, node.version) for node in listed if node.version is not None})
    return Lock(
        format=format,
        manager=manager,
        path=path,
        locked=tuple(pins),
        wheels=tuple((name, tuple(sorted(wheels))) for name, wheels in sorted(files.items())),
        unpinned=frozenset(node.name for node in listed if node.version is None),
        requires_python=requires_python,
        local_packages=local_packages,
        cautions=cautions,
    )


def wish_of(text: str) -> Wish | None:
    """The name and extras of a PEP 508 text, None when it is not one."""
    try:
        requirement = Requirement(text)
    except (InvalidRequirement, RecursionError):
        return None
    return canonicalize_name(requirement.name), frozenset(requirement.extras)


def file_names(value: Any) -> tuple[str, ...]:
    """The file names of a list of tables with `name`, `file`, `filename`, `path` or `url`."""
    found = []
    for entry in tables(value):
        named = string(entry, "name") or string(entry, "file") or string(entry, "filename") or string(entry, "path")
        url = string(entry, "url")
        if named or url:
            found.append(posixpath.basename(named or unquote(urlsplit(url or "").path)))
    return tuple(found)
