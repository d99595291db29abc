"""Values that the constructor of a foreign class is given as the application starts: most refuse a missing token."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator

from packer.project.code.module import Site
from packer.project.code.program import Definition, Program
from packer.project.code.startup import Startup
from packer.project.environment.roles import role_of

__all__ = ["handed_to_clients"]


def handed_to_clients(program: Program, startup: Startup) -> Iterator[ast.expr]:
    """What foreign classes are made with, in place or by its name, where nothing asks for it first.

    A class is known by its capital letter: `telegram.Bot(TOKEN)`, `OpenAI(api_key=os.getenv("KEY"))`; a builder of
    one is given a token by a method of that name: `Application.builder().token(TOKEN)`.
    """
    for module in program.modules:
        for call in module.calls:
            if call.tried or not startup.runs(call.scope) or not _makes_a_foreign_object(program, call):
                continue
            for argument in (*call.node.args, *(one.value for one in call.node.keywords)):
                if _is_asked_for(argument, call.tests):
                    continue
                meaning = program.meaning(argument, call.scope) if _is_a_name(argument) else None
                yield (
                    meaning.node if isinstance(meaning, Definition) and isinstance(meaning.node, ast.expr) else argument
                )


def _makes_a_foreign_object(program: Program, call: Site[ast.Call]) -> bool:
    first = _first_call(call.node)
    name = program.name_of(first.func, call.scope)
    if name is None or "." not in name:
        return False
    package, *parts = name.split(".")
    classes = parts[-1:] if first is call.node else parts
    return any(part[:1].isupper() for part in classes) and package not in sys.stdlib_module_names


def _first_call(call: ast.Call) -> ast.Call:
    """The call that a chain begins with which gives a builder its token; any other call itself."""
    first = call
    match call.func:
        case ast.Attribute(attr=attr) if role_of(attr.upper()) == "token":
            while isinstance(first.func, ast.Attribute) and isinstance(first.func.value, ast.Call):
                first = first.func.value
    return first


def _is_a_name(argument: ast.expr) -> bool:
    return isinstance(argument, ast.Name | ast.Attribute)


def _is_asked_for(argument: ast.expr, tests: tuple[ast.expr, ...]) -> bool:
    """Whether a condition around the call speaks of what is handed over."""
    asked = ast.dump(argument)
    return _is_a_name(argument) and any(ast.dump(inner) == asked for test in tests for inner in ast.walk(test))
