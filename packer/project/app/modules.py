"""From dotted names to files: how Python would find the project's modules from each folder that may be on its path."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from packer.project.app.bindings import ModuleFacts, read_module
from packer.project.app.places import folder_of, is_template
from packer.project.app.values import Module
from packer.project.tree import SourceTree

__all__ = ["ModuleIndex", "ancestors", "joined"]

_MAX_READ = 250
"""Modules to read at most: likely entry points are asked for first, and no application needs more to be recognised."""


class ModuleIndex:
    """The project's Python modules, each read at most once and only when asked for."""

    def __init__(self, tree: SourceTree) -> None:
        self.tree = tree
        self.python_paths = tuple(path for path in tree.paths if path.endswith(".py") and not is_template(path))
        self._files = frozenset(self.python_paths)
        self._folders = frozenset(_folders(self.python_paths))
        self._facts: dict[str, ModuleFacts | None] = {}
        self._source_roots = tuple(
            folder for folder in sorted(self._folders) if folder.rpartition("/")[2] in {"src", "lib", "python"}
        )[:8]

    def facts(self, path: str) -> ModuleFacts | None:
        """What a module's statements say; None where the file is not valid Python."""
        if path not in self._facts:
            if len(self._facts) >= _MAX_READ:
                return None
            module = self.tree.module(path)
            try:
                self._facts[path] = read_module(path, module) if module else None
            except RecursionError:  # generated code, nested deeper than anybody writes
                self._facts[path] = None
        return self._facts[path]

    def is_package(self, folder: str) -> bool:
        """Whether a folder has an `__init__.py`."""
        return joined(folder, "__init__.py") in self._files

    def is_folder(self, folder: str) -> bool:
        """Whether a folder holds Python files, at any depth."""
        return folder in self._folders

    def roots_of(self, path: str) -> tuple[str, ...]:
        """The folders from which a file's absolute imports may be meant, nearest first."""
        near = tuple(ancestors(folder_of(path)))
        return near + tuple(root for root in self._source_roots if root not in near)

    def under(self, root: str, dotted: str) -> Module | None:
        """The module that `dotted` names when `root` is on the path: a package before a module before a namespace."""
        folder = root
        parts = dotted.split(".") if dotted else []
        for position, part in enumerate(parts, 1):
            inner = joined(folder, part)
            if inner not in self._folders or (
                not self.is_package(inner) and joined(folder, part + ".py") in self._files
            ):
                file = joined(folder, part + ".py")
                return Module(path=file) if position == len(parts) and file in self._files else None
            folder = inner
        init = joined(folder, "__init__.py")
        return Module(path=init if init in self._files else None, folder=folder)

    def shallow_folders(self) -> tuple[str, ...]:
        """The folders at most two levels down that hold Python files, in order."""
        return tuple(sorted(folder for folder in self._folders if folder.count("/") < 2))

    def submodule(self, module: Module, name: str) -> Module | None:
        """A module inside a package or namespace folder."""
        return self.under(module.folder, name) if module.folder is not None else None

    def has_member(self, module: Module, name: str) -> bool:
        """Whether `from module import name` finds something, as far as can be told without running it."""
        if module.path is not None:
            facts = self.facts(module.path)
            if facts is None or facts.stars or facts.bound(name) or "__getattr__" in facts.bindings:
                return True
            if name in facts.bindings or name in facts.steps:
                return True
        return self.submodule(module, name) is not None

    def relative(self, path: str, level: int, dotted: str) -> Module | None:
        """The module that `from ..dotted import` in `path` names."""
        folder = folder_of(path)
        for _ in range(level - 1):
            if folder == ".":
                return None
            folder = folder_of(folder)
        return self.under(folder, dotted)

    def absolute(self, path: str, dotted: str, member: str | None = None) -> Module | None:
        """The module that an absolute import in `path` most likely means, by whichever folder of `roots_of` fits.

        Only where several folders have one is the member looked for, because that means reading the module. A package
        that imports from itself means its submodule.
        """
        found = [module for root in self.roots_of(path) if (module := self.under(root, dotted)) is not None]
        choices = [
            module
            for module in found
            if module.path != path or member is None or self.submodule(module, member) is not None
        ]
        if member is None:
            return next((module for module in choices if module.path is not None), choices[0] if choices else None)
        if len({(module.path, module.folder) for module in choices}) > 1:
            return next((module for module in choices if self.has_member(module, member)), choices[0])
        return choices[0] if choices else None


def ancestors(folder: str) -> Iterator[str]:
    """A folder and those above it, up to the project's root.

    >>> list(ancestors("a/b"))
    ['a/b', 'a', '.']
    """
    while folder != ".":
        yield folder
        folder = folder_of(folder)
    yield "."


def joined(folder: str, name: str) -> str:
    """A path inside a folder; the root folder `.` adds nothing."""
    return name if folder in {"", "."} else f"{folder}/{name}"


def _folders(paths: Iterable[str]) -> Iterator[str]:
    yield "."
    seen: set[str] = set()
    for path in paths:
        folder = folder_of(path)
        while folder != "." and folder not in seen:
            seen.add(folder)
            yield folder
            folder = folder_of(folder)
