"""`poetry.lock`, of Poetry 1.0 to 2.x."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from packaging.utils import canonicalize_name

from packer.project.dependencies.documents import Document, read_toml, string, strings, table, tables
from packer.project.dependencies.limits import to_pep440
from packer.project.dependencies.locks.graph import Node, Wish, file_names, lock_of, reached, wish_of
from packer.project.dependencies.sources import Lock
from packer.project.tree import SourceTree

__all__ = ["read_poetry_lock"]


def read_poetry_lock(tree: SourceTree, path: str, *, wishes: Iterable[Wish]) -> Lock:
    """The part of a poetry.lock that production needs: what `wishes`, the main dependencies, lead to.

    Poetry 2 marks each package with its groups and older ones did with a category; between them neither stands
    there, and following the edges gives the same answer for all.

    Raises:
        ProjectError: the file is not TOML.
    """
    document = read_toml(tree, path)
    old_files = table(document, "metadata", "files")
    nodes = [_node(package, old_files) for package in tables(document.get("package"))]
    return lock_of(
        reached(nodes, wishes),
        format="poetry",
        manager="poetry",
        path=path,
        requires_python=_limit(document),
    )


def _limit(document: Document) -> str | None:
    text = string(table(document, "metadata"), "python-versions")
    return to_pep440(text) or None if text else None


def _node(package: Document, old_files: Document) -> Node:
    name = string(package, "name") or ""
    files = package.get("files", old_files.get(name))
    kind = string(table(package, "source"), "type")
    needs = tuple(_needs(table(package, "dependencies")))
    return Node(
        name=canonicalize_name(name),
        version=None if kind in {"git", "directory", "file", "url"} else string(package, "version"),
        needs=needs,
        extras=_extras(table(package, "extras"), table(package, "dependencies")),
        files=file_names(files) if files else None,
    )


def _needs(dependencies: Document) -> Iterable[Wish]:
    for name, wish in dependencies.items():
        for one in wish if isinstance(wish, list) else [wish]:
            if not (isinstance(one, dict) and one.get("optional") is True):
                yield canonicalize_name(name), _asked(one)


def _asked(wish: Any) -> frozenset[str]:
    return frozenset(strings(wish.get("extras"))) if isinstance(wish, dict) else frozenset()


def _extras(extras: Document, dependencies: Document) -> dict[str, tuple[Wish, ...]]:
    """The edges of each extra: `["redis (>=4)"]`, with the extras that the optional dependency asks for in turn."""
    asked: dict[str, frozenset[str]] = {canonicalize_name(name): _asked(wish) for name, wish in dependencies.items()}
    found = {}
    for extra, texts in extras.items():
        wishes = [wish for text in strings(texts) if (wish := wish_of(text))]
        found[extra] = tuple((name, more | asked.get(name, frozenset())) for name, more in wishes)
    return found
