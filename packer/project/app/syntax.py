"""Questions about Python's syntax that need no knowledge of the project: statements, assignments, imports, guards."""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Iterator, Sequence

from msgspec import Struct

__all__ = [
    "Imported",
    "assignments",
    "calls_in",
    "every_statement",
    "imported_names",
    "is_endless",
    "is_for_typing",
    "is_generator",
    "is_property",
    "is_script_test",
    "is_static",
    "lazy_attributes",
    "methods",
    "own_statements",
    "parameters",
    "self_assignments",
]


class Imported(Struct, frozen=True):
    """What an import statement binds to a name; `attribute` is None when it is the module itself."""

    module: str
    level: int
    attribute: str | None


def every_statement(statements: Sequence[ast.stmt], *, into_definitions: bool = True) -> Iterator[ast.stmt]:
    """Statements and those inside them in order, no expressions; with functions' and classes' own, or without."""
    waiting = list(reversed(statements))
    while waiting:
        statement = waiting.pop()
        yield statement
        if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) and not into_definitions:
            continue
        inner: list[ast.stmt] = []
        for name in ("body", "orelse", "finalbody"):
            inner += getattr(statement, name, ())
        for part in (*getattr(statement, "handlers", ()), *getattr(statement, "cases", ())):
            inner += part.body
        waiting.extend(reversed(inner))


def imported_names(statement: ast.Import | ast.ImportFrom) -> Iterator[tuple[str, Imported]]:
    """The names that an import statement binds, and to what; `*` binds none that can be read here."""
    for alias in statement.names:
        if isinstance(statement, ast.Import):
            module = alias.name if alias.asname else alias.name.partition(".")[0]
            yield alias.asname or module, Imported(module, 0, None)
        elif alias.name != "*":
            yield alias.asname or alias.name, Imported(statement.module or "", statement.level, alias.name)


def calls_in(node: ast.AST) -> Iterator[ast.Call]:
    """The calls that evaluating a node makes: not those inside a lambda, which waits to be called."""
    waiting = [node]  # not recursion: an expression of generated code may be thousands deep
    while waiting:
        current = waiting.pop()
        if isinstance(current, ast.Call):
            yield current
        if not isinstance(current, ast.Lambda):
            waiting.extend(ast.iter_child_nodes(current))


def assignments(statement: ast.stmt) -> Iterator[tuple[str, ast.expr, int | None]]:
    """The plain names that a statement assigns, with the value, and the place in it where it is unpacked."""
    match statement:
        case ast.Assign():
            for target in statement.targets:
                yield from _targets(target, statement.value)
        case ast.AnnAssign(target=ast.Name(id=name), value=ast.expr() as value):
            yield name, value, None
        case ast.Expr(value=ast.NamedExpr(target=ast.Name(id=name), value=value)):
            yield name, value, None
        case _:
            return


def _targets(target: ast.expr, value: ast.expr) -> Iterator[tuple[str, ast.expr, int | None]]:
    match target:
        case ast.Name(id=name):
            yield name, value, None
        case ast.Tuple(elts=elements) | ast.List(elts=elements):
            for position, element in enumerate(elements):
                if isinstance(element, ast.Name):
                    yield element.id, value, position
        case _:
            return


def is_script_test(test: ast.expr) -> bool | None:
    """True for `__name__ == "__main__"`, False for its negation, None for any other test."""
    match test:
        case ast.Compare(left=left, ops=[ast.Eq() | ast.NotEq() as operator], comparators=[right]):
            names = {part.id for part in (left, right) if isinstance(part, ast.Name)}
            texts = {part.value for part in (left, right) if isinstance(part, ast.Constant)}
            if names == {"__name__"} and texts == {"__main__"}:
                return isinstance(operator, ast.Eq)
            return None
        case ast.BoolOp(op=ast.And(), values=values):
            return next((True for value in values if is_script_test(value)), None)
        case _:
            return None


def is_for_typing(test: ast.expr) -> bool:
    """Whether a test is TYPE_CHECKING, which never holds at run time."""
    name = test.attr if isinstance(test, ast.Attribute) else getattr(test, "id", "")
    return bool(name == "TYPE_CHECKING")


def is_endless(loop: ast.While) -> bool:
    """Whether a loop has no end that can be seen."""
    endless = isinstance(loop.test, ast.Constant) and bool(loop.test.value)
    return endless and not any(isinstance(node, ast.Break | ast.Return) for node in ast.walk(loop))


def lazy_attributes(function: ast.FunctionDef) -> Iterator[tuple[str, ast.expr]]:
    """The names that a module's `__getattr__` makes when they are first asked for (PEP 562), and what they become."""
    arguments = function.args.args
    if function.name != "__getattr__" or len(arguments) != 1:
        return
    for statement in function.body:
        match statement:
            case ast.If(
                test=ast.Compare(
                    left=ast.Name(id=asked), ops=[ast.Eq()], comparators=[ast.Constant(value=str() as name)]
                ),
                body=[*_, ast.Return(value=ast.expr() as value)],
            ) if asked == arguments[0].arg:
                yield name, value


def is_generator(function: ast.FunctionDef) -> bool:
    """Whether the function itself yields; views inside a factory may."""
    waiting: list[ast.AST] = list(function.body)
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.Yield | ast.YieldFrom):
            return True
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.Lambda):
            waiting.extend(ast.iter_child_nodes(node))
    return False


def own_statements(function: ast.FunctionDef) -> Iterator[ast.stmt]:
    """A function's statements in order, without those of functions and classes inside it."""
    return every_statement(function.body, into_definitions=False)


def self_assignments(node: ast.ClassDef) -> dict[str, list[ast.expr]]:
    """What the methods of a class assign to attributes of `self`."""
    found: dict[str, list[ast.expr]] = defaultdict(list)
    for statement in every_statement(node.body):
        match statement:
            case (
                ast.Assign(targets=[ast.Attribute(value=ast.Name(id="self"), attr=name)], value=ast.expr() as value)
                | ast.AnnAssign(target=ast.Attribute(value=ast.Name(id="self"), attr=name), value=ast.expr() as value)
            ):
                found[name].append(value)
            case _:
                continue
    return found


def methods(node: ast.ClassDef) -> Iterator[ast.FunctionDef]:
    """The methods of a class, in order."""
    return (statement for statement in node.body if isinstance(statement, ast.FunctionDef))


def parameters(node: ast.FunctionDef) -> tuple[ast.arg, ...]:
    """The named parameters of a function."""
    return (*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs)


def is_property(node: ast.FunctionDef) -> bool:
    """Whether a method is read like an attribute."""
    return any(isinstance(item, ast.Name) and item.id.endswith("property") for item in node.decorator_list)


def is_static(node: ast.FunctionDef) -> bool:
    """Whether a method takes no object."""
    return any(isinstance(item, ast.Name) and item.id == "staticmethod" for item in node.decorator_list)
