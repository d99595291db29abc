"""The application's configuration: which expression is given to which key, wherever the code does it.

Flask takes keys in upper case from config classes and modules, mappings, keyword arguments and item assignments; all
of them are read, in the order of the program's modules.
"""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Iterator
from functools import cached_property

from msgspec import Struct

from packer.project.code.module import CodeModule
from packer.project.code.program import Program
from packer.project.code.scope import Scope

__all__ = ["Configuration", "Setting", "config_key"]


class Setting(Struct, frozen=True):
    """A key's value, as it is written, and where."""

    key: str
    value: ast.expr
    scope: Scope


class Configuration:
    """What the modules of a program give to configuration keys."""

    def __init__(self, program: Program) -> None:
        self._program = program

    def settings(self, *keys: str) -> tuple[Setting, ...]:
        """What is given to the first of `keys` that is given anything."""
        return next((tuple(self._settings[key]) for key in keys if key in self._settings), ())

    @property
    def keys(self) -> frozenset[str]:
        """The keys that are given anything."""
        return frozenset(self._settings)

    @cached_property
    def _settings(self) -> dict[str, list[Setting]]:
        found: dict[str, list[Setting]] = defaultdict(list)
        for module in self._program.modules:
            for setting in _settings_of(module):
                if _is_key(setting.key):
                    found[setting.key].append(setting)
        return dict(found)


def config_key(owner: ast.expr, index: ast.expr) -> str | None:
    """The key in `app.config["KEY"]`, `current_app.config[…]` or `config[…]`; None for any other item."""
    is_config = (isinstance(owner, ast.Attribute) and owner.attr == "config") or (
        isinstance(owner, ast.Name) and owner.id in {"config", "app_config", "settings"}
    )
    if is_config and isinstance(index, ast.Constant) and isinstance(index.value, str) and _is_key(index.value):
        return index.value
    return None


def _settings_of(module: CodeModule) -> Iterator[Setting]:
    for assignment in module.assignments:
        match assignment.target:
            case ast.Name(id=key) if assignment.scope.function is None:
                yield Setting(key, assignment.value, assignment.scope)
            case ast.Subscript(value=owner, slice=index):
                key = config_key(owner, index) or ""
                yield Setting(key, assignment.value, assignment.scope)
            case _:
                continue
    yield from _called_settings(module)
    for mapping in module.mappings:
        for name, value in zip(mapping.node.keys, mapping.node.values, strict=True):
            if isinstance(name, ast.Constant) and isinstance(name.value, str):
                yield Setting(name.value, value, mapping.scope)


def _called_settings(module: CodeModule) -> Iterator[Setting]:
    """`config.update(KEY=…)`, `from_mapping(KEY=…)`, `config.setdefault("KEY", …)`."""
    for call in module.calls:
        if isinstance(call.node.func, ast.Attribute) and call.node.func.attr in {"update", "from_mapping"}:
            for keyword in call.node.keywords:
                yield Setting(keyword.arg or "", keyword.value, call.scope)
        elif (
            isinstance(call.node.func, ast.Attribute)
            and call.node.func.attr == "setdefault"
            and len(call.node.args) > 1
        ):
            key = config_key(call.node.func.value, call.node.args[0]) or ""
            yield Setting(key, call.node.args[1], call.scope)


def _is_key(key: str) -> bool:
    return len(key) > 1 and key.isupper() and key.isidentifier()
