"""Variables that choose a configuration: the class that `from_object` is to load, or its name in a table."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator

from msgspec import Struct

from packer.project.app.places import folder_of
from packer.project.code.module import CodeModule, Site
from packer.project.code.program import Definition, Program
from packer.project.code.scope import NO_DEFAULT, FunctionNode, Scope
from packer.project.routing.application import keyword
from packer.regex import regex

__all__ = ["chosen_configurations"]

_MAX_STEPS = 6
_LOADERS = frozenset({"werkzeug.utils.import_string", "werkzeug.import_string"})
_CONFIGURATION = regex(r"(\w*_)?(config\w*|settings|conf)", re.IGNORECASE)
_RANKS = tuple(
    regex(pattern, re.IGNORECASE)
    for pattern in (
        r"prod|\blive",
        r"stag",
        r"^(default|base)?_?(config|configuration|settings)?$|^default",
        r"heroku|docker",
    )
)
_LAST = regex(r"dev|local|debug", re.IGNORECASE)
_NEVER = regex(r"test|\bci\b", re.IGNORECASE)


class _Use(Struct, frozen=True):
    """An expression whose value chooses a configuration, between two texts; or a key of `table`."""

    node: ast.expr
    scope: Scope
    prefix: str = ""
    suffix: str = ""
    table: tuple[str, ...] | None = None


def chosen_configurations(program: Program) -> dict[int, str | None]:
    """The expressions that alone decide which configuration is loaded, by the identity of their nodes.

    Each has a value that the code understands, one for production if there is any; None where none is known.
    """
    names = _Names(program)
    found: dict[int, str | None] = {}
    for module in program.modules:
        for call in module.calls:
            if call.node.args and _loads(program, call):
                for use in _sources(program, _Use(call.node.args[0], call.scope), _MAX_STEPS):
                    found.setdefault(id(use.node), names.fitting(use))
    return found


def _loads(program: Program, call: Site[ast.Call]) -> bool:
    function = call.node.func
    if isinstance(function, ast.Attribute) and function.attr == "from_object":
        return True
    return program.name_of(function, call.scope) in _LOADERS


def _sources(program: Program, use: _Use, steps: int) -> Iterator[_Use]:
    """The calls and items that a value comes from, through names, parameters, texts around it and tables."""
    if steps <= 0:
        return
    match use.node:
        case ast.Name(id=name):
            for node, scope in _bound(program, name, use.scope):
                yield from _sources(program, _Use(node, scope, use.prefix, use.suffix, use.table), steps - 1)
        case ast.JoinedStr(values=parts) if use.table is None:
            yield from _inside_text(program, use, parts, steps)
        case ast.BinOp(left=ast.Constant(value=str(text)), op=ast.Mod(), right=inner) if text.count("%s") == 1:
            prefix, _, suffix = text.partition("%s")
            yield from _sources(program, _Use(inner, use.scope, use.prefix + prefix, suffix + use.suffix), steps - 1)
        case ast.BinOp(left=ast.Constant(value=str(text)), op=ast.Add(), right=inner):
            yield from _sources(program, _Use(inner, use.scope, use.prefix + text, use.suffix), steps - 1)
        case ast.Subscript(value=table, slice=key) if (keys := _keys(program, table, use.scope)) is not None:
            yield from _sources(program, _Use(key, use.scope, table=keys), steps - 1)
        case ast.Call() | ast.Subscript():
            yield use
        case _:
            return


def _inside_text(program: Program, use: _Use, parts: list[ast.expr], steps: int) -> Iterator[_Use]:
    inner = [part for part in parts if isinstance(part, ast.FormattedValue)]
    if len(inner) != 1:
        return
    position = parts.index(inner[0])
    prefix, suffix = _text(parts[:position]), _text(parts[position + 1 :])
    yield from _sources(program, _Use(inner[0].value, use.scope, use.prefix + prefix, suffix + use.suffix), steps - 1)


def _text(parts: Iterable[ast.expr]) -> str:
    return "".join(str(part.value) for part in parts if isinstance(part, ast.Constant))


def _bound(program: Program, name: str, scope: Scope) -> Iterator[tuple[ast.expr, Scope]]:
    """The expressions that a name is bound to; for a parameter, what the function's calls give, and its default."""
    found = scope.lookup(name)
    if found is None or len(found[1]) != 1:
        return
    owner, (bound,) = found
    if isinstance(bound.value, ast.expr) and bound.value is not NO_DEFAULT:
        yield bound.value, bound.scope
    if isinstance(owner.node, FunctionNode) and _is_parameter(owner.node, name):
        for call in _calls_of(program, owner.node):
            given = keyword(call.node, name, [one.arg for one in owner.node.args.args].index(name))
            if given is not None:
                yield given, call.scope


def _is_parameter(function: FunctionNode, name: str) -> bool:
    return any(argument.arg == name for argument in function.args.args)


def _calls_of(program: Program, function: FunctionNode) -> Iterator[Site[ast.Call]]:
    for module in program.modules:
        for call in module.calls:
            meaning = program.meaning(call.node.func, call.scope)
            if isinstance(meaning, Definition) and meaning.node is function:
                yield call


def _keys(program: Program, table: ast.expr, scope: Scope) -> tuple[str, ...] | None:
    """The texts that are keys of a table that the code spells out; None for anything else."""
    meaning = program.meaning(table, scope)
    match meaning:
        case Definition(node=ast.Dict(keys=keys)):
            return tuple(key.value for key in keys if isinstance(key, ast.Constant) and isinstance(key.value, str))
        case Definition(node=ast.Call(func=ast.Name(id="dict"), args=[], keywords=keywords)):
            return tuple(one.arg for one in keywords if one.arg is not None)
        case _:
            return None


class _Names:
    """What may stand in a variable that chooses a configuration."""

    def __init__(self, program: Program) -> None:
        self._program = program

    def fitting(self, use: _Use) -> str | None:
        """The best value: for production before any other, never for tests."""
        if use.table is not None:
            return _best((name, name) for name in use.table)
        inside = (
            (name.removeprefix(use.prefix).removesuffix(use.suffix), label)
            for name, label in self._importable()
            if name.startswith(use.prefix) and name.endswith(use.suffix) and len(name) > len(use.prefix + use.suffix)
        )
        return _best((value, label) for value, label in inside if value)

    def _importable(self) -> Iterator[tuple[str, str]]:
        """Dotted names of configurations, and what their rank goes by."""
        for module in self._program.modules:
            parts = self._dotted(module.path).split(".")
            if not any(_CONFIGURATION.fullmatch(part) for part in parts):
                continue
            dotted = ".".join(parts)
            for site in module.classes:
                if site.scope.node is None and self._is_configuration(module, site.node):
                    yield f"{dotted}.{site.node.name}", site.node.name
            if any(name.isupper() for name in module.scope.bindings):
                yield dotted, parts[-1]

    def _dotted(self, path: str) -> str:
        """The name that a module is imported by: from the folder in which its outermost package stands."""
        folder = folder_of(path)
        while folder != "." and self._program.index.is_package(folder):
            folder = folder_of(folder)
        if folder.startswith(f"{self._program.working_directory}/"):
            folder = self._program.working_directory  # a namespace folder below the one that the process starts in
        inner = path if folder == "." else path.removeprefix(f"{folder}/")
        return inner.removesuffix(".py").removesuffix("/__init__").replace("/", ".")

    def _is_configuration(self, module: CodeModule, node: ast.ClassDef) -> bool:
        return any(name.isupper() for name in module.bodies[node].bindings) or bool(node.bases)


def _best(found: Iterable[tuple[str, str]]) -> str | None:
    """The value whose label ranks highest; the first of equals."""
    ranked = [(_rank(label), value) for value, label in found if not _NEVER.search(label)]
    return min(ranked, key=lambda one: one[0])[1] if ranked else None


def _rank(label: str) -> int:
    if _LAST.search(label):
        return len(_RANKS) + 1
    return next((rank for rank, pattern in enumerate(_RANKS) if pattern.search(label)), len(_RANKS))
