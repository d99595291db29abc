"""The numbers in a gunicorn.conf.py, read without running it."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator, Mapping

__all__ = ["gunicorn_numbers"]

_DEPTH = 12


def gunicorn_numbers(text: str, environment: Mapping[str, str]) -> dict[str, float]:
    """The settings that are numbers, with the environment that the container has; others are left out.

    A number may be a default for a variable, in any function that takes both: `number_from("PORT", 8000, …)`,
    `int(os.environ.get("THREADS", "4"))`.
    """
    try:
        tree = ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return {}
    found: dict[str, float] = {}
    for name, value in _assignments(tree):
        number = _number(value, environment, found)
        if number is not None:
            found[name] = number
    return found


def _assignments(tree: ast.Module) -> Iterator[tuple[str, ast.expr]]:
    for statement in tree.body:
        match statement:
            case ast.Assign(targets=[ast.Name(id=name)], value=value):
                yield name, value
            case ast.AnnAssign(target=ast.Name(id=name), value=ast.expr() as value):
                yield name, value
            case _:
                continue


def _number(node: ast.expr, environment: Mapping[str, str], known: Mapping[str, float], depth: int = 0) -> float | None:
    """The value of an expression, None where reading cannot tell. A count of 0 stands for "not set"."""

    def inner(one: ast.expr) -> float | None:
        return _number(one, environment, known, depth + 1) if depth < _DEPTH else None

    match node:
        case ast.Constant(value=value):
            return _parsed(value)
        case ast.Name(id=name):
            return known.get(name)
        case ast.BoolOp(op=ast.Or(), values=values):
            return next((number for one in values if (number := inner(one))), None)
        case ast.BinOp(left=left, op=operator, right=right):
            return _combined(operator, inner(left), inner(right))
        case ast.Call():
            return _called(node, environment, inner)
        case _:
            return None


def _called(node: ast.Call, environment: Mapping[str, str], inner: Callable[[ast.expr], float | None]) -> float | None:
    """What a function gives that reads a variable, or makes a number of its argument."""
    match node:
        case ast.Call(args=[ast.Constant(value=str(variable)), *defaults]):
            stated = _parsed(environment.get(variable))
            return inner(defaults[0]) if stated is None and defaults else stated
        case ast.Call(func=ast.Name(id="int" | "float"), args=[argument]):
            return inner(argument)
        case _:
            return None


def _combined(operator: ast.operator, left: float | None, right: float | None) -> float | None:
    if left is None or right is None:
        return None
    match operator:
        case ast.Add():
            return left + right
        case ast.Sub():
            return left - right
        case ast.Mult():
            return left * right
        case _:
            return None


def _parsed(value: object) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        return float(value)
    except (ValueError, OverflowError):
        return None
