"""Versions that stand as literals in the files that build back ends name; nothing is imported or run."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from packer.project.dependencies.tree_paths import inside
from packer.project.tree import SourceTree
from packer.regex import regex

__all__ = ["version_in_text", "version_of_attribute", "version_of_file"]

_ASSIGNMENT = regex(r"(?mi)^(?:__version__|version)(?:\s*:\s*str)?\s*=\s*[\"']v?(?P<version>[^\"'\n]{1,100})[\"']")


def version_of_attribute(tree: SourceTree, folder: str, attribute: str) -> Iterator[str]:
    """The string that `package.module.NAME` is given, looked for in the folder and in its `src`."""
    module, _, name = attribute.rpartition(".")
    for root in (folder, inside(folder, "src")):
        base = inside(root, module.replace(".", "/")) if module else root
        for path in (f"{base}.py", inside(base, "__init__.py")):
            tree_of_file = tree.module(path) if tree.has(path) else None
            for node in tree_of_file.body if tree_of_file else ():
                yield from _assigned(node, name)


def _assigned(node: ast.stmt, name: str) -> Iterator[str]:
    match node:
        case (
            ast.Assign(targets=[ast.Name(id=target)], value=value)
            | ast.AnnAssign(target=ast.Name(id=target), value=ast.expr() as value)
        ):
            if target == name:
                yield from _text(value)
        case _:
            return


def _text(value: ast.expr) -> Iterator[str]:
    """A string, or a tuple of numbers: `VERSION = (1, 2, 0)`."""
    if isinstance(value, ast.Constant) and isinstance(value.value, str):
        yield value.value
    elif isinstance(value, ast.Tuple):
        parts = [part.value for part in value.elts if isinstance(part, ast.Constant)]
        if parts and all(isinstance(part, int) for part in parts):
            yield ".".join(map(str, parts))


def version_of_file(tree: SourceTree, path: str) -> Iterator[str]:
    """The first line of a file that holds nothing but the version."""
    text = tree.read(path)
    if text and text.strip():
        yield text.strip().split("\n", 1)[0]


def version_in_text(tree: SourceTree, path: str) -> Iterator[str]:
    """The version in a `__version__ = "…"` line. A pattern of the project's own is not tried: it may never end."""
    found = _ASSIGNMENT.search(tree.read(path) or "")
    if found:
        yield found["version"]
