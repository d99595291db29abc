"""Limits that the application sets: for requests, and for its connections to a database."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from packer.project.code.configuration import Configuration
from packer.project.code.constants import Constants
from packer.project.code.program import Program
from packer.project.code.scope import Scope
from packer.project.model import ConnectionPool, Evidence

__all__ = ["connection_pool", "max_content_length", "max_form_memory_size"]

_MAX_BYTES = 1 << 40
_MAX_CONNECTIONS = 100_000
_MOST_EVIDENCE = 2


def max_content_length(configuration: Configuration, constants: Constants) -> int | None:
    """The largest request body that any of the application's configurations accepts, in bytes."""
    return _largest("MAX_CONTENT_LENGTH", configuration, constants)


def max_form_memory_size(configuration: Configuration, constants: Constants) -> int | None:
    """The most memory that any of the application's configurations gives to a form's fields, in bytes."""
    return _largest("MAX_FORM_MEMORY_SIZE", configuration, constants)


def connection_pool(program: Program, configuration: Configuration, constants: Constants) -> ConnectionPool:
    """What the code says of SQLAlchemy's pool.

    `pool_size` and `max_overflow` are names of that pool alone, so they count wherever they are given a number: in a
    call that makes an engine, or in a mapping of options. Flask-SQLAlchemy 2 had keys of its own for them.
    """
    sizes: dict[int, Evidence] = {}
    overflows: dict[int, Evidence] = {}
    for name, value, scope in _options(program, configuration):
        number = constants.value(value, scope)
        if isinstance(number, int) and not isinstance(number, bool) and 0 <= number <= _MAX_CONNECTIONS:
            found = sizes if name == "pool_size" else overflows
            found[number] = program.evidence(scope, value)
    return ConnectionPool(
        size=max(sizes, default=None), overflow=max(overflows, default=None), evidence=_best(sizes, overflows)
    )


def _best(*found: dict[int, Evidence]) -> tuple[Evidence, ...]:
    lines = (numbers[max(numbers)] for numbers in found if numbers)
    return tuple(dict.fromkeys(lines))[:_MOST_EVIDENCE]


def _options(program: Program, configuration: Configuration) -> Iterator[tuple[str, ast.expr, Scope]]:
    for key, name in (("SQLALCHEMY_POOL_SIZE", "pool_size"), ("SQLALCHEMY_MAX_OVERFLOW", "max_overflow")):
        for setting in configuration.settings(key):
            yield name, setting.value, setting.scope
    for module in program.modules:
        for call in module.calls:
            for keyword in call.node.keywords:
                if keyword.arg in ("pool_size", "max_overflow"):
                    yield keyword.arg, keyword.value, call.scope
        for mapping in module.mappings:
            for option, value in zip(mapping.node.keys, mapping.node.values, strict=True):
                if isinstance(option, ast.Constant) and option.value in ("pool_size", "max_overflow"):
                    yield str(option.value), value, mapping.scope


def _largest(key: str, configuration: Configuration, constants: Constants) -> int | None:
    values = [constants.value(setting.value, setting.scope) for setting in configuration.settings(key)]
    sizes = [int(value) for value in values if isinstance(value, int | float) and not isinstance(value, bool)]
    return max((size for size in sizes if 0 < size <= _MAX_BYTES), default=None)
