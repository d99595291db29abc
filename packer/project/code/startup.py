"""Which functions run while the server imports the application: those that modules, classes and the factory call."""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Iterator

from packer.project.code.module import Site
from packer.project.code.program import Definition, Program
from packer.project.code.scope import FunctionNode, Scope

__all__ = ["Startup"]


class Startup:
    """What runs at start-up. Calls of methods are followed only where the class is named.

    Args:
        factory: the name of the function in the entry module that the server calls, if the target has one.
    """

    def __init__(self, program: Program, factory: str | None = None) -> None:
        self._program = program
        self._functions: set[FunctionNode] = set()
        self._calls: dict[FunctionNode | None, list[Site[ast.Call]]] = defaultdict(list)
        for module in program.modules:
            for site in module.calls:
                self._calls[site.scope.function].append(site)
        self._follow(factory)

    def runs(self, scope: Scope) -> bool:
        """Whether the statements of a scope run at start-up."""
        function = scope.function
        return function is None or function in self._functions

    def _follow(self, factory: str | None) -> None:
        waiting = list(self._called(None))
        entry = self._program.module(self._program.entry) if self._program.entry else None
        if factory and entry is not None:
            waiting += self._meant(ast.Name(id=factory, ctx=ast.Load(), lineno=0, col_offset=0), entry.scope)
        while waiting:
            function = waiting.pop()
            if function not in self._functions:
                self._functions.add(function)
                waiting += self._called(function)

    def _called(self, caller: FunctionNode | None) -> Iterator[FunctionNode]:
        for site in self._calls[caller]:
            yield from self._meant(site.node.func, site.scope)

    def _meant(self, function: ast.expr, scope: Scope) -> Iterator[FunctionNode]:
        match self._program.meaning(function, scope):
            case Definition(node=ast.FunctionDef() | ast.AsyncFunctionDef() as node):
                yield node
            case Definition(node=ast.ClassDef() as node):
                for statement in node.body:
                    if isinstance(statement, FunctionNode) and statement.name in {
                        "__init__",
                        "__new__",
                        "__post_init__",
                    }:
                        yield statement
            case _:
                return
