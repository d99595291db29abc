"""`Pipfile.lock`."""

from __future__ import annotations

from packaging.utils import canonicalize_name

from packer.project.dependencies.documents import Document, read_json, string, table
from packer.project.dependencies.locks.graph import Node, lock_of
from packer.project.dependencies.requirement import exact_version
from packer.project.dependencies.sources import Lock
from packer.project.tree import SourceTree

__all__ = ["read_pipfile_lock"]


def read_pipfile_lock(tree: SourceTree, path: str) -> Lock:
    """The `default` section of a Pipfile.lock, which Pipenv writes as a closure. It lists hashes, but no file names.

    The one Python version in its `_meta` is where the lock was made, no limit of what it holds.

    Raises:
        ProjectError: the file is not JSON.
    """
    document = read_json(tree, path)
    nodes = [_node(name, entry) for name, entry in table(document, "default").items() if isinstance(entry, dict)]
    return lock_of(
        nodes,
        format="pipenv",
        manager="pipenv",
        path=path,
    )


def _node(name: str, entry: Document) -> Node:
    return Node(name=canonicalize_name(name), version=exact_version(string(entry, "version") or ""))
