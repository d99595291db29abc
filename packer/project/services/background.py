"""The Celery application of a project: what a worker is started with."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from packer.project.folders import files_under
from packer.project.tree import SourceTree
from packer.regex import regex

__all__ = ["celery_target"]

_PROCFILE = regex(r"\w+:\s.*\bcelery\b.*?\s(?:-A|--app)[ =](?P<target>[A-Za-z_][\w.]*(?::[A-Za-z_][\w.]*)?)(?:\s|$)")
_TESTS = regex(r"(?:^|/)(?:tests?|docs|examples?)/|(?:^|/)(?:test_[^/]*|conftest)\.py$")
_MOST_MODULES = 20_000


def celery_target(tree: SourceTree, import_roots: tuple[str, ...]) -> str | None:
    """What `celery --app` takes: as the Procfile has it, else the first `name = Celery(…)` at a module's top."""
    for line in (tree.read("Procfile") or "").split("\n"):
        stated = _PROCFILE.match(line.strip())
        if stated:
            return stated["target"]
    return next(_applications(tree, import_roots), None)


def _applications(tree: SourceTree, import_roots: tuple[str, ...]) -> Iterator[str]:
    for root in import_roots:
        paths = tree.paths if root == "." else files_under(tree.paths, root)
        for path in paths[:_MOST_MODULES]:
            if path.endswith(".py") and not _TESTS.search(path) and "Celery(" in (tree.read(path) or ""):
                dotted = _dotted(path if root == "." else path[len(root) + 1 :])
                yield from (f"{dotted}:{name}" for name in _assigned(tree.module(path)))


def _assigned(module: ast.Module | None) -> Iterator[str]:
    for statement in module.body if module else ():
        match statement:
            case ast.Assign(targets=[ast.Name(id=name)], value=ast.Call(func=function)):
                if getattr(function, "id", getattr(function, "attr", None)) == "Celery":
                    yield name
            case _:
                pass


def _dotted(path: str) -> str:
    """A module's name by its file.

    >>> _dotted("shop/__init__.py"), _dotted("shop/tasks.py")
    ('shop', 'shop.tasks')
    """
    return path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")
