"""What a name in the project stands for, as far as reading can tell."""

from __future__ import annotations

import ast

from msgspec import Struct

from packer.project.model import Framework, Interface

__all__ = ["App", "Class", "External", "Function", "Instance", "Items", "Module", "Value"]


class App(Struct, frozen=True, kw_only=True):
    """An application object.

    Attributes:
        path, line: where it is constructed; two names with the same place are the same application.
        suffix: the attribute of the named object that a server must be given (`.server`), often none.
        package: the import package that its constructor comes from.
        makers: the functions (file and line) that were called to make it.
        wraps: how many middlewares stand around it.
        certain: False where only a name speaks for it.
    """

    framework: Framework
    interface: Interface
    path: str
    line: int
    suffix: str = ""
    package: str = ""
    makers: tuple[tuple[str, int], ...] = ()
    wraps: int = 0
    certain: bool = True


class Module(Struct, frozen=True, kw_only=True):
    """A module or package of the project; `path` is None for a folder without `__init__.py`."""

    path: str | None
    folder: str | None = None


class External(Struct, frozen=True, kw_only=True):
    """Something that is not the project's, by its full dotted name."""

    name: str


class Function(Struct, frozen=True, kw_only=True, eq=False):
    """A function of the project, with the object it is bound to if it is a method."""

    path: str
    node: ast.FunctionDef
    bound: Instance | Class | None = None


class Class(Struct, frozen=True, kw_only=True, eq=False):
    """A class of the project."""

    path: str
    node: ast.ClassDef


class Instance(Struct, frozen=True, kw_only=True, eq=False):
    """An object of one of the project's classes."""

    of: Class


class Items(Struct, frozen=True, kw_only=True, eq=False):
    """A tuple or list of known length."""

    values: tuple[Value, ...]


Value = App | Module | External | Function | Class | Instance | Items | None
"""None: reading cannot tell."""
