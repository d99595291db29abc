"""One module, read: its calls, subscripts, assignments and functions, each with the scope it stands in."""

from __future__ import annotations

import ast
from typing import Generic, TypeVar

from msgspec import Struct

from packer.project.app.syntax import Imported
from packer.project.code.scope import FunctionNode, Scope

__all__ = ["Assignment", "CodeModule", "ImportStatement", "Site", "Text"]

NodeT = TypeVar("NodeT", bound=ast.AST)


class Site(Struct, Generic[NodeT], frozen=True):
    """A node and where it stands.

    Attributes:
        scope: the body around it; for a function or class, the body that its definition stands in.
        parent: the node right around it.
        tests: the conditions of the `if` statements and conditional expressions that must hold to reach it.
        tried: it stands in a `try` that has handlers.
    """

    node: NodeT
    scope: Scope
    parent: ast.AST
    tests: tuple[ast.expr, ...]
    tried: bool


class Assignment(Struct, frozen=True):
    """One target of an assignment, and the value given to it."""

    target: ast.expr
    value: ast.expr
    scope: Scope


class ImportStatement(Struct, frozen=True):
    """An import, anywhere in the module; `names` is empty for `import module`."""

    module: str
    level: int
    names: tuple[str, ...]
    line: int


class Text(Struct, frozen=True):
    """A text that stands in the code."""

    value: str
    line: int


class CodeModule(Struct, frozen=True, kw_only=True, eq=False):
    """A module, read, without the parts that production does not run. Everything is in the order of the source.

    `bodies` are the scopes inside functions and classes; `attributes` the line where each attribute is first asked for.
    """

    path: str
    scope: Scope
    bodies: dict[ast.AST, Scope]
    imports: tuple[ImportStatement, ...]
    stars: tuple[Imported, ...]
    calls: tuple[Site[ast.Call], ...]
    subscripts: tuple[Site[ast.Subscript], ...]
    comparisons: tuple[Site[ast.Compare], ...]
    checks: tuple[Site[ast.If | ast.Assert], ...]
    functions: tuple[Site[FunctionNode], ...]
    classes: tuple[Site[ast.ClassDef], ...]
    mappings: tuple[Site[ast.Dict], ...]
    assignments: tuple[Assignment, ...]
    texts: tuple[Text, ...]
    attributes: dict[str, int]
