"""What a name or expression stands for, followed through assignments, imports, calls and classes without running any.

It answers one question well: is this an application, of which framework, and made where? Everything else may be None.
Loops of imports and recursive functions end, because nothing is looked up while it is being looked up, and the number
of steps is limited, because the project may be hostile.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable

from msgspec.structs import replace

from packer.project.app.bindings import Binding
from packer.project.app.calls import CallReader
from packer.project.app.classes import ClassReader
from packer.project.app.frameworks import FRAMEWORK_PACKAGES, constructor_named
from packer.project.app.functions import FunctionReader
from packer.project.app.modules import ModuleIndex
from packer.project.app.reading import Frame, element_of
from packer.project.app.syntax import Imported
from packer.project.app.values import App, Class, External, Function, Instance, Items, Module, Value

__all__ = ["Evaluator"]

_MAX_DEPTH = 60
_MAX_STEPS = 120_000


class Evaluator:
    """Evaluates names and expressions of a project's modules, remembering what it has found."""

    def __init__(self, index: ModuleIndex) -> None:
        self._index = index
        self._classes = ClassReader(self)
        self._functions = FunctionReader(self, self._classes)
        self._calls = CallReader(self, self._classes)
        self._names: dict[tuple[str, str], Value] = {}
        self._returns: dict[int, Value] = {}
        self._active: set[object] = set()
        self._depth = 0
        self._steps = 0

    def named(self, path: str, name: str) -> Value:
        """What a module's name stands for once the module has been imported."""
        key = (path, name)
        if key not in self._names:
            value = self._lookup(path, name, None)
            if value is None and self._active:
                return None  # perhaps only because of a loop: the next question may be answered
            self._names[key] = value
        return self._names[key]

    def script_value(self, path: str, binding: Binding) -> Value:
        """What a binding that an import does not run (under `__main__`, or a global) stands for."""
        facts = self._index.facts(path)
        own = [one for found in facts.bindings.values() for one in found] if facts else []
        names = {one.name: one.value for one in own if one.guard == "main" and isinstance(one.value, Imported)}
        local = {name: self.imported(path, imported) for name, imported in names.items()}
        if isinstance(binding.value, ast.expr):
            value = self.expression(binding.value, Frame(path=path, local=local))
            return element_of(value, binding.element)
        return self._bound(path, binding, None)

    def attribute(self, owner: Value, name: str) -> Value:
        """What an attribute of a value stands for."""
        return self._attribute(owner, name)

    def expression(self, node: ast.expr, frame: Frame) -> Value:
        """What an expression stands for."""
        if self._depth >= _MAX_DEPTH or self._steps >= _MAX_STEPS:
            return None
        self._depth += 1
        self._steps += 1
        try:
            return self._expression(node, frame)
        finally:
            self._depth -= 1

    def returned(self, function: Function, call: ast.Call | None = None, caller: Frame | None = None) -> Value:
        """What a call of a function of the project gives back."""
        given = self._functions.arguments(function, call, caller) if call and caller else {}
        key = id(function.node)
        plain = not given and function.bound is None
        if plain and key in self._returns:
            return self._returns[key]
        value = self.once(key, lambda: self._functions.result(function, given))
        if isinstance(value, App):
            value = replace(value, makers=((function.path, function.node.lineno), *value.makers))
        if plain and (value is not None or not self._active):
            self._returns[key] = value
        return value

    def once(self, key: object, question: Callable[[], Value]) -> Value:
        """The answer to a question, None while the same question is being answered already."""
        if key in self._active:
            return None
        self._active.add(key)
        try:
            return question()
        finally:
            self._active.discard(key)

    def imported(self, path: str, imported: Imported) -> Value:
        """What an import in the module at `path` binds."""
        if imported.level:
            module = self._index.relative(path, imported.level, imported.module)
        else:
            module = self._index.absolute(path, imported.module, imported.attribute)
            if module and self._is_framework(module, imported):
                module = None
        if module is not None:
            return module if imported.attribute is None else self._member(module, imported.attribute)
        name = imported.module if imported.attribute is None else f"{imported.module}.{imported.attribute}"
        return None if imported.level else External(name=name)

    def _lookup(self, path: str, name: str, limit: int | None) -> Value:
        facts = self._index.facts(path)
        if facts is None:
            return None
        bindings = facts.bound(name)[:limit]
        for position in reversed(range(len(bindings))):
            value = self._bound_once(path, bindings[position], position)
            if value is not None:
                return value
        return None if bindings else self._starred(path, facts.stars, name)

    def _bound_once(self, path: str, binding: Binding, position: int) -> Value:
        before = (binding.name, position)
        return self.once((path, binding.name, position), lambda: self._bound(path, binding, before))

    def _bound(self, path: str, binding: Binding, before: tuple[str, int] | None) -> Value:
        match binding.value:
            case Imported() as imported:
                return self.imported(path, imported)
            case ast.FunctionDef() as node:
                return Function(path=path, node=node)
            case ast.ClassDef() as node:
                return Class(path=path, node=node)
            case ast.expr() as node:
                return element_of(self.expression(node, Frame(path=path, before=before)), binding.element)

    def _starred(self, path: str, stars: Iterable[Imported], name: str) -> Value:
        for star in stars if not name.startswith("_") else ():
            value = self._through_star(path, star, name)
            if value is not None and (not isinstance(value, External) or constructor_named(value.name)):
                return value
        return None

    def _through_star(self, path: str, star: Imported, name: str) -> Value:
        return self.once((path, star, name), lambda: self.imported(path, Imported(star.module, star.level, name)))

    def _is_framework(self, module: Module, imported: Imported) -> bool:
        """A folder named `flask` does not hide Flask, unless it really holds what is imported."""
        if imported.module.partition(".")[0] not in FRAMEWORK_PACKAGES:
            return False
        return imported.attribute is None or not self._index.has_member(module, imported.attribute)

    def _member(self, module: Module, name: str) -> Value:
        value = self.named(module.path, name) if module.path is not None else None
        return value if value is not None else self._index.submodule(module, name)

    def _expression(self, node: ast.expr, frame: Frame) -> Value:
        value: Value = None
        match node:
            case ast.Name(id=name):
                value = self._name(name, frame)
            case ast.Attribute(value=owner, attr=attribute):
                value = self._attribute(self.expression(owner, frame), attribute)
            case ast.Call():
                value = self._calls.result(node, frame)
            case ast.NamedExpr(value=inner) | ast.Starred(value=inner):
                value = self.expression(inner, frame)
            case ast.IfExp(body=body, orelse=otherwise):
                value = self._first((body, otherwise), frame)
            case ast.BoolOp(values=values):
                value = self._first(values, frame)
            case ast.Tuple(elts=elements) | ast.List(elts=elements):
                value = Items(values=tuple(self.expression(element, frame) for element in elements[:8]))
            case ast.Subscript(value=owner, slice=ast.Constant(value=int() as position)):
                value = element_of(self.expression(owner, frame), position)
            case _:
                pass
        return value

    def _first(self, nodes: Iterable[ast.expr], frame: Frame) -> Value:
        values = [self.expression(node, frame) for node in nodes]
        apps = (value for value in values if isinstance(value, App))
        return next(apps, next((value for value in values if value is not None), None))

    def _name(self, name: str, frame: Frame) -> Value:
        if name in frame.local:
            return frame.local[name]
        if frame.before is not None and frame.before[0] == name:
            return self._lookup(frame.path, name, frame.before[1])
        return self.named(frame.path, name)

    def _attribute(self, owner: Value, attribute: str) -> Value:
        value: Value = None
        match owner:
            case Module():
                value = self._member(owner, attribute)
            case External(name=name):
                value = External(name=f"{name}.{attribute}")
            case App(suffix=suffix) if suffix and suffix == f".{attribute}":
                value = replace(owner, suffix="")
            case App(package="connexion") if attribute == "app":
                value = replace(owner, package="flask")
            case Instance() | Class():
                value = self._classes.attribute(owner, attribute)
            case _:
                pass
        return value
