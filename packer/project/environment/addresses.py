"""Addresses of databases that the code puts together: without one of their parts they read `None` in its place."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from packer.project.code.configuration import Configuration
from packer.project.code.program import Program
from packer.project.code.scope import Scope

__all__ = ["address_parts", "whole"]

_KEYS = ("SQLALCHEMY_DATABASE_URI", "MONGO_URI")


def address_parts(program: Program, configuration: Configuration) -> frozenset[int]:
    """The expressions whose values stand in the text of an address, by the identity of their nodes."""
    return frozenset(
        id(part)
        for key in _KEYS
        for setting in configuration.settings(key)
        for node in _formatted(setting.value)
        for part in _meant(program, node, setting.scope)
    )


def whole(value: ast.expr) -> Iterator[ast.AST]:
    """The nodes of a setting's value but those that only make a part of a text."""
    parts = {id(inner) for node in _formatted(value) for inner in ast.walk(node)}
    return (node for node in ast.walk(value) if id(node) not in parts)


def _formatted(value: ast.expr) -> Iterator[ast.expr]:
    for text in ast.walk(value):
        yield from _of_text(text)


def _of_text(text: ast.AST) -> Iterator[ast.expr]:
    match text:
        case ast.FormattedValue(value=value):
            yield value
        case ast.BinOp(left=ast.Constant(value=str()), op=ast.Mod(), right=ast.Tuple(elts=values)):
            yield from values
        case ast.Call(func=ast.Attribute(value=ast.Constant(value=str()), attr="format")) as call:
            yield from call.args
            yield from (one.value for one in call.keywords)
        case _:
            return


def _meant(program: Program, node: ast.expr, scope: Scope) -> Iterator[ast.expr]:
    """The expression itself, and what a name or an attribute of a class is bound to, if only once."""
    yield node
    if isinstance(node, ast.Name):
        found = scope.lookup(node.id)
        if found is not None and len(found[1]) == 1 and isinstance(found[1][0].value, ast.expr):
            yield found[1][0].value
    elif isinstance(node, ast.Attribute):
        meaning = getattr(program.meaning(node, scope), "node", None)
        if isinstance(meaning, ast.Call):
            yield meaning
