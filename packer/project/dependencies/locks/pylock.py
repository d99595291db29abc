"""`pylock.toml` (PEP 751)."""

from __future__ import annotations

from packaging.markers import InvalidMarker, Marker
from packaging.utils import canonicalize_name

from packer.project.dependencies.documents import Document, read_toml, string, strings, tables
from packer.project.dependencies.locks.graph import Node, file_names, lock_of
from packer.project.dependencies.sources import Lock
from packer.project.tree import SourceTree

__all__ = ["read_pylock"]


def read_pylock(tree: SourceTree, path: str) -> Lock:
    """The packages of a pylock.toml that an installer takes without being asked for extras or groups.

    Raises:
        ProjectError: the file is not TOML.
    """
    document = read_toml(tree, path)
    groups = frozenset(strings(document.get("default-groups")))
    nodes = [_node(package) for package in tables(document.get("packages")) if _is_default(package, groups)]
    return lock_of(
        nodes,
        format="pylock",
        manager="pylock",
        path=path,
        requires_python=string(document, "requires-python"),
    )


def _node(package: Document) -> Node:
    sdist = package.get("sdist")
    listed = "wheels" in package or "sdist" in package
    in_tree = any(key in package for key in ("vcs", "directory", "archive"))
    return Node(
        name=canonicalize_name(string(package, "name") or ""),
        version=None if in_tree else string(package, "version"),
        needs=tuple(
            (canonicalize_name(string(one, "name") or ""), frozenset()) for one in tables(package.get("dependencies"))
        ),
        files=file_names([*tables(package.get("wheels")), *tables([sdist])]) if listed else None,
    )


def _is_default(package: Document, groups: frozenset[str]) -> bool:
    """Whether a package is there without extras and with the default groups alone; platforms are chosen later."""
    marker = string(package, "marker")
    if not marker or ("dependency_groups" not in marker and "extras" not in marker):
        return True
    try:
        return Marker(marker).evaluate({"extras": frozenset(), "dependency_groups": groups}, context="lock_file")
    except InvalidMarker:
        return True
