"""What the readers of expressions, classes and calls know of each other: a frame to stand in, and how to ask."""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping
from typing import Protocol

from msgspec import Struct, field

from packer.project.app.syntax import Imported
from packer.project.app.values import Function, Items, Value

__all__ = ["Frame", "Reader", "element_of"]


class Frame(Struct, frozen=True, kw_only=True):
    """Where an expression stands: its module, the local names around it, and how far the module has been read.

    `before` limits one module-level name to its bindings before a position, so that `app = wrap(app)` means the
    earlier `app` on its right-hand side.
    """

    path: str
    local: Mapping[str, Value] = field(default_factory=dict)
    before: tuple[str, int] | None = None


class Reader(Protocol):
    """The reader of expressions, as those who read a part of them see it."""

    def expression(self, node: ast.expr, frame: Frame) -> Value:
        """What an expression stands for."""
        ...

    def returned(self, function: Function, call: ast.Call | None = None, caller: Frame | None = None) -> Value:
        """What a call of a function of the project gives back."""
        ...

    def imported(self, path: str, imported: Imported) -> Value:
        """What an import in the module at `path` binds."""
        ...

    def once(self, key: object, question: Callable[[], Value]) -> Value:
        """The answer to a question, None while the same question is being answered already."""
        ...


def element_of(value: Value, position: int | None) -> Value:
    """One element of a tuple or list, the value itself without a position."""
    if position is None:
        return value
    if isinstance(value, Items) and -len(value.values) <= position < len(value.values):
        return value.values[position]
    return None
