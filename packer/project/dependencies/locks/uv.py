"""`uv.lock`."""

from __future__ import annotations

import posixpath
from collections.abc import Iterable
from typing import Any

from packaging.utils import canonicalize_name

from packer.project.dependencies.documents import Document, read_toml, string, strings, table, tables
from packer.project.dependencies.locks.graph import Node, Wish, file_names, lock_of, reached
from packer.project.dependencies.sources import Lock
from packer.project.dependencies.tree_paths import beside
from packer.project.model import LocalPackage
from packer.project.tree import SourceTree

__all__ = ["read_uv_lock"]

_LOCAL = ("editable", "virtual", "directory")


def read_uv_lock(tree: SourceTree, path: str, *, member: str) -> Lock:
    """The part of a uv.lock that one member of its workspace needs in production.

    Args:
        tree: the project.
        path: the lock.
        member: the folder whose pyproject.toml states the wishes, in the tree's terms.

    Raises:
        ProjectError: the file is not TOML.
    """
    document = read_toml(tree, path)
    packages = tables(document.get("package"))
    nodes = [_node(package) for package in packages]
    roots = [package for package in packages if _folder(path, package) == member]
    if not roots:
        # A lock of a project that was moved or renamed since: its own package is the one at its side.
        roots = [package for package in packages if _folder(path, package) == (posixpath.dirname(path) or ".")]
    wishes = [wish for root in roots for wish in _wishes(root.get("dependencies"))]
    used = reached(nodes, wishes) if roots else nodes
    names = {node.name for node in used}
    local = [
        LocalPackage(path=folder, import_root=folder, name=_name(package))
        for package in packages
        if (folder := _folder(path, package)) and _name(package) in names and "virtual" not in table(package, "source")
    ]
    return lock_of(
        [node for node in used if node.name not in {one.name for one in local}],
        format="uv",
        manager="uv",
        path=path,
        requires_python=string(document, "requires-python"),
        local_packages=tuple(local),
    )


def _name(package: Document) -> str:
    return canonicalize_name(string(package, "name") or "")


def _folder(path: str, package: Document) -> str | None:
    """The folder of a package that lies in the tree."""
    source = table(package, "source")
    for key in _LOCAL:
        if (where := string(source, key)) is not None:
            return beside(path, where)
    return None


def _node(package: Document) -> Node:
    listed = "wheels" in package or "sdist" in package
    sdist = package.get("sdist")
    optional = table(package, "optional-dependencies")
    return Node(
        name=_name(package),
        version=None if "git" in table(package, "source") else string(package, "version"),
        needs=tuple(_wishes(package.get("dependencies"))),
        extras={extra: tuple(_wishes(wishes)) for extra, wishes in optional.items()},
        files=file_names([*tables(package.get("wheels")), *tables([sdist])]) if listed else None,
    )


def _wishes(value: Any) -> Iterable[Wish]:
    for entry in tables(value):
        yield _name(entry), frozenset(strings(entry.get("extra")))
