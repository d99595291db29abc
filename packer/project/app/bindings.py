"""One module's own statements, read once: what it binds, imports, calls and runs, in the order Python would."""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Sequence
from typing import Literal

from msgspec import Struct

from packer.project.app.syntax import (
    Imported,
    assignments,
    calls_in,
    every_statement,
    imported_names,
    is_endless,
    is_for_typing,
    is_script_test,
    lazy_attributes,
)

__all__ = ["Binding", "Guard", "ImportStep", "ModuleFacts", "read_module"]

Guard = Literal["import", "main", "function", "typing"]
"""When a statement runs: as the module is imported, only as it is run as a script, as a function is called, never."""


class Binding(Struct, frozen=True, kw_only=True):
    """A name and what it is bound to; `element` counts where a tuple is unpacked."""

    name: str
    value: ast.expr | ast.FunctionDef | ast.ClassDef | Imported
    line: int
    guard: Guard
    element: int | None = None


class ImportStep(Struct, frozen=True, kw_only=True):
    """An import that runs when the module does. `names` is empty for `import x`; `tolerant` inside `try` or `if`."""

    module: str
    level: int
    names: tuple[str, ...]
    line: int
    tolerant: bool


class ModuleFacts(Struct, frozen=True, kw_only=True):
    """A module, read.

    Attributes:
        bindings: by name, in order.
        steps: imports, and names as they come to be bound, in the order of an import of the module.
        stars: the modules of `from x import *`.
        calls: the calls that happen when the module is imported.
        loops: lines of endless loops at module level.
        script_calls: the calls under `if __name__ == "__main__"`.
        script_line: the line of that block, 0 without one.
    """

    path: str
    bindings: dict[str, tuple[Binding, ...]]
    steps: tuple[ImportStep | str, ...]
    stars: tuple[Imported, ...]
    calls: tuple[ast.Call, ...]
    loops: tuple[int, ...]
    script_calls: tuple[ast.Call, ...]
    script_line: int

    def bound(self, name: str) -> tuple[Binding, ...]:
        """What an import of the module binds to `name`, in order."""
        return tuple(binding for binding in self.bindings.get(name, ()) if binding.guard == "import")

    @property
    def names(self) -> tuple[str, ...]:
        """The names that an import of the module binds, in order of first binding."""
        return tuple(name for name, bindings in self.bindings.items() if any(b.guard == "import" for b in bindings))


def read_module(path: str, module: ast.Module) -> ModuleFacts:
    """Read a module's statements; its functions' bodies are read only for the globals they set."""
    reader = _Reader()
    reader.block(module.body, "import", tolerant=False)
    return ModuleFacts(
        path=path,
        bindings={name: tuple(found) for name, found in reader.bindings.items()},
        steps=tuple(reader.steps),
        stars=tuple(reader.stars),
        calls=tuple(reader.calls["import"]),
        loops=tuple(reader.loops),
        script_calls=tuple(reader.calls["main"]),
        script_line=reader.script_line,
    )


class _Reader:
    """Walks statements in order, knowing under which guard they stand."""

    def __init__(self) -> None:
        self.bindings: dict[str, list[Binding]] = defaultdict(list)
        self.steps: list[ImportStep | str] = []
        self.stars: list[Imported] = []
        self.calls: dict[Guard, list[ast.Call]] = defaultdict(list)
        self.loops: list[int] = []
        self.script_line = 0

    def block(self, statements: Sequence[ast.stmt], guard: Guard, *, tolerant: bool) -> None:
        for statement in statements:
            self._statement(statement, guard, tolerant=tolerant)

    def _statement(self, statement: ast.stmt, guard: Guard, *, tolerant: bool) -> None:
        match statement:
            case ast.Import() | ast.ImportFrom():
                self._import(statement, guard, tolerant=tolerant)
            case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
                self._definition(statement, guard)
            case ast.If():
                self._if(statement, guard, tolerant=tolerant)
            case ast.Try():
                self.block(statement.body, guard, tolerant=True)
                for handler in statement.handlers:
                    self.block(handler.body, guard, tolerant=True)
                self.block([*statement.orelse, *statement.finalbody], guard, tolerant=tolerant)
            case ast.With() | ast.For() | ast.While() | ast.Match():
                self._compound(statement, guard, tolerant=tolerant)
            case _:
                self._simple(statement, guard)

    def _compound(self, statement: ast.With | ast.For | ast.While | ast.Match, guard: Guard, *, tolerant: bool) -> None:
        if isinstance(statement, ast.Match):
            self._match(statement, guard, tolerant=tolerant)
            return
        if isinstance(statement, ast.While) and guard == "import" and is_endless(statement):
            self.loops.append(statement.lineno)
        if isinstance(statement, ast.With):
            for item in statement.items:
                self._note_calls(item.context_expr, guard)
        self.block(statement.body, guard, tolerant=tolerant)
        if not isinstance(statement, ast.With):
            self.block(statement.orelse, guard, tolerant=tolerant)

    def _match(self, statement: ast.Match, guard: Guard, *, tolerant: bool) -> None:
        by_name = isinstance(statement.subject, ast.Name) and statement.subject.id == "__name__"
        for case in statement.cases:
            value = case.pattern.value if isinstance(case.pattern, ast.MatchValue) else None
            script = by_name and isinstance(value, ast.Constant) and value.value == "__main__"
            if script:
                self.script_line = self.script_line or statement.lineno
            self.block(case.body, "main" if script else guard, tolerant=tolerant)

    def _if(self, statement: ast.If, guard: Guard, *, tolerant: bool) -> None:
        script = is_script_test(statement.test)
        if is_for_typing(statement.test):
            self.block(statement.body, "typing", tolerant=True)
            self.block(statement.orelse, guard, tolerant=tolerant)
        elif script is None:
            self._note_calls(statement.test, guard)
            self.block(statement.body, guard, tolerant=True)
            self.block(statement.orelse, guard, tolerant=True)
        else:
            self._script_block(statement, guard, tolerant=tolerant, script=script)

    def _script_block(self, statement: ast.If, guard: Guard, *, tolerant: bool, script: bool) -> None:
        self.script_line = self.script_line or statement.lineno
        self.block(statement.body, "main" if script else guard, tolerant=tolerant)
        self.block(statement.orelse, guard if script else "main", tolerant=tolerant)

    def _import(self, statement: ast.Import | ast.ImportFrom, guard: Guard, *, tolerant: bool) -> None:
        line = statement.lineno
        if isinstance(statement, ast.Import):
            for alias in statement.names:
                self._step(ImportStep(module=alias.name, level=0, names=(), line=line, tolerant=tolerant), guard)
        else:
            module, names = statement.module or "", tuple(alias.name for alias in statement.names)
            self._step(
                ImportStep(module=module, level=statement.level, names=names, line=line, tolerant=tolerant), guard
            )
            if "*" in names:
                self.stars.append(Imported(module, statement.level, "*"))
        for name, imported in imported_names(statement):
            self._bind(name, imported, line, guard)

    def _step(self, step: ImportStep, guard: Guard) -> None:
        if guard == "import":
            self.steps.append(step)

    def _definition(self, node: ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef, guard: Guard) -> None:
        for decorator in node.decorator_list:
            self._note_calls(decorator, guard)
        if isinstance(node, ast.AsyncFunctionDef):
            if guard == "import":
                self.steps.append(node.name)
            return
        self._bind(node.name, node, node.lineno, guard)
        if isinstance(node, ast.FunctionDef):
            self._globals_of(node)
            for name, value in lazy_attributes(node) if guard == "import" else ():
                self._bind(name, value, value.lineno, guard)

    def _globals_of(self, function: ast.FunctionDef) -> None:
        inner = tuple(every_statement(function.body))
        shared = {name for node in inner if isinstance(node, ast.Global) for name in node.names}
        for node in inner if shared else ():
            for name, value, element in assignments(node):
                if name in shared:
                    self._bind(name, value, node.lineno, "function", element)

    def _simple(self, statement: ast.stmt, guard: Guard) -> None:
        self._note_calls(statement, guard)
        for name, value, element in assignments(statement):
            self._bind(name, value, statement.lineno, guard, element)

    def _bind(
        self,
        name: str,
        value: ast.expr | ast.FunctionDef | ast.ClassDef | Imported,
        line: int,
        guard: Guard,
        element: int | None = None,
    ) -> None:
        self.bindings[name].append(Binding(name=name, value=value, line=line, guard=guard, element=element))
        if guard == "import":
            self.steps.append(name)

    def _note_calls(self, node: ast.AST, guard: Guard) -> None:
        self.calls[guard].extend(calls_in(node))
