"""Bodies in which names are bound: a module's, a class's, a function's."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from msgspec import Struct, field

from packer.project.app.syntax import Imported

__all__ = ["NO_DEFAULT", "Bound", "FunctionNode", "Scope", "Value"]

FunctionNode = ast.FunctionDef | ast.AsyncFunctionDef
NO_DEFAULT = ast.Constant(value=Ellipsis, lineno=0, col_offset=0, end_lineno=0, end_col_offset=0)
"""Stands for the value of a parameter that its caller must give."""

Value = ast.expr | ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | Imported


class Bound(Struct, frozen=True):
    """What one statement binds a name to, the line of the statement, and the scope in which the value is read."""

    value: Value
    line: int
    scope: Scope


class Scope(Struct, frozen=True, eq=False):
    """A body in which names are bound. `node` is None for a module's; `bindings` are in the order of the source."""

    path: str
    node: FunctionNode | ast.ClassDef | None
    parent: Scope | None
    bindings: dict[str, list[Bound]] = field(default_factory=dict)

    def bind(self, name: str, value: Value, line: int, scope: Scope | None = None) -> None:
        """Add a binding, after those already there."""
        self.bindings.setdefault(name, []).append(Bound(value, line, scope or self))

    @property
    def outward(self) -> Iterator[Scope]:
        """This scope and those around it, the module's last."""
        scope: Scope | None = self
        while scope is not None:
            yield scope
            scope = scope.parent

    @property
    def function(self) -> FunctionNode | None:
        """The innermost function around the statements of this scope."""
        return next((scope.node for scope in self.outward if isinstance(scope.node, FunctionNode)), None)

    @property
    def owner(self) -> Scope | None:
        """The scope of the innermost class around the statements of this scope."""
        return next((scope for scope in self.outward if isinstance(scope.node, ast.ClassDef)), None)

    def lookup(self, name: str) -> tuple[Scope, list[Bound]] | None:
        """The bindings that a use of `name` in this scope means. A class's names are not seen by its methods."""
        scope: Scope | None = self
        while scope is not None:
            bindings = scope.bindings.get(name)
            if bindings is not None and (scope is self or not isinstance(scope.node, ast.ClassDef)):
                return scope, bindings
            scope = scope.parent
        return None
