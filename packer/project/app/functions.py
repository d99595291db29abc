"""What the project's functions give back, by their bodies and, where those lead nowhere, by their annotations."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping

from packer.project.app.classes import ClassReader
from packer.project.app.frameworks import is_factory_name
from packer.project.app.reading import Frame, Reader, element_of
from packer.project.app.syntax import imported_names, is_generator, is_static, own_statements, parameters
from packer.project.app.values import App, Class, Function, Value

__all__ = ["FunctionReader"]


class FunctionReader:
    """Reads what functions give back, without running them."""

    def __init__(self, reader: Reader, classes: ClassReader) -> None:
        self._reader = reader
        self._classes = classes

    def arguments(self, function: Function, call: ast.Call, caller: Frame) -> dict[str, Value]:
        """The parameters that a call gives something known to."""
        names = [argument.arg for argument in (*function.node.args.posonlyargs, *function.node.args.args)]
        if function.bound is not None and not is_static(function.node):
            names = names[1:]
        pairs = [*zip(names, call.args, strict=False)]
        pairs += [(keyword.arg, keyword.value) for keyword in call.keywords if keyword.arg]
        values = {name: self._reader.expression(node, caller) for name, node in pairs}
        return {name: value for name, value in values.items() if isinstance(value, App | Class | Function)}

    def result(self, function: Function, given: Mapping[str, Value]) -> Value:
        """What a function gives back when its parameters are given some known values."""
        returns = [node.value for node in own_statements(function.node) if isinstance(node, ast.Return)]
        if not any(returns):
            return None
        frame = Frame(path=function.path, local=self._locals(function, given))
        values = [self._reader.expression(node, frame) for node in returns if node is not None]
        apps = [value for value in values if isinstance(value, App)]
        if apps:
            return None if is_generator(function.node) else apps[0]
        annotated = self._annotated(function)
        return annotated if annotated is not None else next((value for value in values if value is not None), None)

    def _annotated(self, function: Function) -> Value:
        if not is_factory_name(function.node.name):
            return None
        constructor = self._classes.annotated(function.node.returns, function.path)
        if constructor is None or not constructor.certain:
            return None
        return self._classes.made_by(constructor, (function.path, function.node.lineno))

    def _locals(self, function: Function, given: Mapping[str, Value]) -> dict[str, Value]:
        """The local names of a function after its body, read from top to bottom."""
        node = function.node
        local: dict[str, Value] = {argument.arg: None for argument in parameters(node)}
        local |= given
        if function.bound is not None and node.args.args and not is_static(node):
            local[node.args.args[0].arg] = function.bound
        shared = {name for inner in own_statements(node) if isinstance(inner, ast.Global) for name in inner.names}
        for statement in own_statements(node):
            for name, value in self._bound_by(statement, Frame(path=function.path, local=local)):
                if value is not None or (name not in local and name not in shared):
                    local[name] = value
        return local

    def _bound_by(self, statement: ast.stmt, frame: Frame) -> Iterator[tuple[str, Value]]:
        match statement:
            case ast.Assign(targets=targets, value=node):
                value = self._reader.expression(node, frame)
                for target in targets:
                    yield from _assigned(target, value)
            case ast.AnnAssign(target=ast.Name(id=name), value=ast.expr() as node):
                yield name, self._reader.expression(node, frame)
            case ast.With(items=items):
                yield from self._entered(items, frame)
            case ast.FunctionDef(name=name):
                yield name, Function(path=frame.path, node=statement)
            case ast.ClassDef(name=name):
                yield name, Class(path=frame.path, node=statement)
            case ast.Import() | ast.ImportFrom():
                for name, imported in imported_names(statement):
                    yield name, self._reader.imported(frame.path, imported)
            case _:
                return

    def _entered(self, items: list[ast.withitem], frame: Frame) -> Iterator[tuple[str, Value]]:
        for item in items:
            if isinstance(item.optional_vars, ast.Name):
                yield item.optional_vars.id, self._reader.expression(item.context_expr, frame)


def _assigned(target: ast.expr, value: Value) -> Iterator[tuple[str, Value]]:
    match target:
        case ast.Name(id=name):
            yield name, value
        case ast.Tuple(elts=elements):
            for position, element in enumerate(elements):
                if isinstance(element, ast.Name):
                    yield element.id, element_of(value, position)
        case _:
            return
