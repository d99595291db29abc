"""`pdm.lock`."""

from __future__ import annotations

from collections.abc import Iterable

from packaging.utils import canonicalize_name

from packer.project.dependencies.documents import Document, read_toml, string, strings, table, tables
from packer.project.dependencies.locks.graph import Node, Wish, file_names, lock_of, reached, wish_of
from packer.project.dependencies.sources import Lock
from packer.project.tree import SourceTree

__all__ = ["read_pdm_lock"]


def read_pdm_lock(tree: SourceTree, path: str, *, wishes: Iterable[Wish]) -> Lock:
    """The part of a pdm.lock that production needs: what `wishes` lead to.

    PDM writes an entry of its own for each set of extras of a distribution, with the edges that the extras add.

    Raises:
        ProjectError: the file is not TOML.
    """
    document = read_toml(tree, path)
    old_files = table(document, "metadata", "files")
    nodes = _joined([_node(package, old_files) for package in tables(document.get("package"))])
    return lock_of(
        reached(nodes, wishes),
        format="pdm",
        manager="pdm",
        path=path,
        requires_python=_limit(document),
    )


def _limit(document: Document) -> str | None:
    metadata = table(document, "metadata")
    targets = [found for target in tables(metadata.get("targets")) if (found := string(target, "requires_python"))]
    return targets[0] if len(targets) == 1 else None


def _node(package: Document, old_files: Document) -> Node:
    name, version = string(package, "name") or "", string(package, "version")
    needs = tuple(wish for text in strings(package.get("dependencies")) if (wish := wish_of(text)))
    extras = strings(package.get("extras"))
    files = package.get("files") or old_files.get(f"{name} {version}")
    return Node(
        name=canonicalize_name(name),
        version=None if any(key in package for key in ("git", "path", "url")) else version,
        needs=() if extras else needs,
        extras=dict.fromkeys(extras, needs),
        files=file_names(files) if files else None,
    )


def _joined(nodes: list[Node]) -> list[Node]:
    """One node for each version of a distribution: the entries of its extras become that node's extras."""
    joined: dict[tuple[str, str | None], Node] = {}
    for node in nodes:
        known = joined.get((node.name, node.version))
        if known is None:
            joined[node.name, node.version] = node
            continue
        extras = {key: (*known.extras.get(key, ()), *node.extras.get(key, ())) for key in {*known.extras, *node.extras}}
        joined[node.name, node.version] = Node(
            name=node.name,
            version=node.version,
            needs=(*known.needs, *node.needs),
            extras=extras,
            files=known.files or node.files,
        )
    return list(joined.values())
