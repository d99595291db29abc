"""What a name or expression stands for, followed through assignments, imports, calls and classes without running any.

It answers one question well: is this an application, of which framework, and made where? Everything else may be None.
Loops of imports and recursive functions end, because nothing is looked up while it is being looked up.
"""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace

from packer.project.app.bindings import Binding, Imported, every_statement, imported_names
from packer.project.app.frameworks import (
    FRAMEWORK_PACKAGES,
    Constructor,
    constructor_named,
    is_factory_name,
    wrapper_interface,
)
from packer.project.app.modules import ModuleIndex
from packer.project.app.values import App, Class, External, Function, Instance, Items, Module, Value

__all__ = ["Evaluator", "Frame"]

_MAX_DEPTH = 60
_APP_KEYWORDS = ("app", "application", "wsgi_app", "wsgi_application", "other_asgi_app", "server")


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """Where an expression stands: its module, the local names around it, and how far the module has been read.

    `before` limits one module-level name to its bindings before a position, so that `app = wrap(app)` means the
    earlier `app` on its right-hand side.
    """

    path: str
    local: Mapping[str, Value] = field(default_factory=dict)
    before: tuple[str, int] | None = None


class Evaluator:
    """Evaluates names of a project's modules, remembering what it has found."""

    def __init__(self, index: ModuleIndex) -> None:
        self._index = index
        self._names: dict[tuple[str, str], Value] = {}
        self._returns: dict[int, Value] = {}
        self._attributes: dict[int, dict[str, list[ast.expr]]] = {}
        self._active: set[object] = set()
        self._depth = 0

    def named(self, path: str, name: str) -> Value:
        """What a module's name stands for once the module has been imported."""
        key = (path, name)
        if key not in self._names:
            value = self._lookup(path, name, None)
            if value is None and self._active:
                return None  # perhaps only because of a loop: the next question may be answered
            self._names[key] = value
        return self._names[key]

    def expression(self, node: ast.expr, frame: Frame) -> Value:
        """What an expression stands for."""
        if self._depth >= _MAX_DEPTH:
            return None
        self._depth += 1
        try:
            return self._expression(node, frame)
        finally:
            self._depth -= 1

    def returned(self, function: Function, call: ast.Call | None = None, caller: Frame | None = None) -> Value:
        """What a call of a function of the project gives back."""
        local = self._arguments(function, call, caller) if call and caller else {}
        key = id(function.node)
        plain = not local and function.bound is None
        if plain and key in self._returns:
            return self._returns[key]
        if key in self._active:
            return None
        self._active.add(key)
        try:
            value = self._body_value(function, local)
        finally:
            self._active.discard(key)
        if isinstance(value, App):
            maker = (function.path, function.node.lineno)
            value = replace(value, makers=(maker, *value.makers))
        if plain and (value is not None or not self._active):
            self._returns[key] = value
        return value

    def script_value(self, path: str, binding: Binding) -> Value:
        """What a binding that an import does not run (under `__main__`, or a global) stands for."""
        return self._bound(path, binding, None)

    def locals_of(self, function: Function) -> dict[str, Value]:
        """What the local names of a function come to stand for when it is called without known arguments."""
        return self._run(function, {})

    # names

    def _lookup(self, path: str, name: str, limit: int | None) -> Value:
        facts = self._index.facts(path)
        if facts is None:
            return None
        bindings = facts.bound(name)[:limit]
        for position in reversed(range(len(bindings))):
            value = self._guarded((path, name, position), bindings[position], path, (name, position))
            if value is not None:
                return value
        if not bindings:
            return self._starred(path, facts.stars, name)
        return None

    def _guarded(self, key: object, binding: Binding, path: str, before: tuple[str, int]) -> Value:
        if key in self._active:
            return None
        self._active.add(key)
        try:
            return self._bound(path, binding, before)
        finally:
            self._active.discard(key)

    def _bound(self, path: str, binding: Binding, before: tuple[str, int] | None) -> Value:
        match binding.value:
            case Imported() as imported:
                return self._imported(path, imported)
            case ast.FunctionDef() as node:
                return Function(path=path, node=node)
            case ast.ClassDef() as node:
                return Class(path=path, node=node)
            case ast.expr() as node:
                value = self.expression(node, Frame(path=path, before=before))
                return _element(value, binding.element)

    def _starred(self, path: str, stars: Iterable[Imported], name: str) -> Value:
        for star in stars:
            key = (path, star, name)
            if key in self._active or name.startswith("_"):
                continue
            self._active.add(key)
            try:
                value = self._imported(path, Imported(star.module, star.level, name))
            finally:
                self._active.discard(key)
            if value is not None and (not isinstance(value, External) or constructor_named(value.name)):
                return value
        return None

    def _imported(self, path: str, imported: Imported) -> Value:
        if imported.level:
            module = self._index.relative(path, imported.level, imported.module)
        else:
            module = self._index.absolute(path, imported.module, imported.attribute)
            if module and self._is_framework(module, imported):
                module = None
        if module is None:
            name = imported.module if imported.attribute is None else f"{imported.module}.{imported.attribute}"
            return None if imported.level else External(name=name)
        return module if imported.attribute is None else self._member(module, imported.attribute)

    def _is_framework(self, module: Module, imported: Imported) -> bool:
        """A folder named `flask` does not hide Flask, unless it really holds what is imported."""
        if imported.module.partition(".")[0] not in FRAMEWORK_PACKAGES:
            return False
        return imported.attribute is None or not self._index.has_member(module, imported.attribute)

    def _member(self, module: Module, name: str) -> Value:
        if module.path is not None:
            value = self.named(module.path, name)
            if value is not None:
                return value
        return self._index.submodule(module, name)

    # expressions

    def _expression(self, node: ast.expr, frame: Frame) -> Value:
        match node:
            case ast.Name(id=name):
                return self._name(name, frame)
            case ast.Attribute(value=value, attr=attribute):
                return self._attribute(self.expression(value, frame), attribute)
            case ast.Call():
                return self._call(node, frame)
            case ast.NamedExpr(value=value) | ast.Starred(value=value):
                return self.expression(value, frame)
            case ast.IfExp(body=body, orelse=otherwise):
                return self._first((body, otherwise), frame)
            case ast.BoolOp(values=values):
                return self._first(values, frame)
            case ast.Tuple(elts=elements) | ast.List(elts=elements):
                return Items(values=tuple(self.expression(element, frame) for element in elements[:8]))
            case ast.Subscript(value=value, slice=ast.Constant(value=int() as position)):
                return _element(self.expression(value, frame), position)
            case _:
                return None

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

    def _attribute(self, value: Value, attribute: str) -> Value:
        match value:
            case Module():
                return self._member(value, attribute)
            case External(name=name):
                return External(name=f"{name}.{attribute}")
            case App(suffix=suffix) if suffix and suffix == f".{attribute}":
                return replace(value, suffix="")
            case App(package="connexion") if attribute == "app":
                return replace(value, package="")
            case Instance(of=of):
                return self._instance_attribute(value, of, attribute)
            case Class():
                return self._class_attribute(value, attribute, None)
            case _:
                return None

    # classes

    def _instance_attribute(self, instance: Instance, of: Class, attribute: str) -> Value:
        key = ("attribute", id(of.node), attribute)
        if key in self._active:
            return None
        self._active.add(key)
        try:
            assigned = self._assigned_to_self(instance, of, attribute)
            return assigned if assigned is not None else self._class_attribute(of, attribute, instance)
        finally:
            self._active.discard(key)

    def _assigned_to_self(self, instance: Instance, of: Class, attribute: str) -> Value:
        key = id(of.node)
        if key not in self._attributes:
            self._attributes[key] = _self_assignments(of.node)
        for value in self._attributes[key].get(attribute, ()):
            result = self.expression(value, Frame(path=of.path, local={"self": instance}))
            if result is not None:
                return result
        return None

    def _class_attribute(self, of: Class, attribute: str, instance: Instance | None) -> Value:
        for statement in of.node.body:
            match statement:
                case ast.FunctionDef(name=name) if name == attribute:
                    function = Function(path=of.path, node=statement, bound=instance or of)
                    return self.returned(function) if _is_property(statement) else function
                case ast.Assign(targets=[ast.Name(id=name)], value=value) if name == attribute:
                    return self.expression(value, Frame(path=of.path))
                case _:
                    continue
        for base in of.node.bases:
            parent = self.expression(base, Frame(path=of.path))
            if isinstance(parent, Class) and parent.node is not of.node:
                return self._class_attribute(parent, attribute, instance)
        return None

    def _constructor_of(self, of: Class) -> Constructor | None:
        """The framework's constructor that a class inherits from."""
        key = ("bases", id(of.node))
        if key in self._active:
            return None
        self._active.add(key)
        try:
            for base in of.node.bases:
                match self.expression(base, Frame(path=of.path)):
                    case External(name=name):
                        found = constructor_named(name)
                    case Class() as parent:
                        found = self._constructor_of(parent)
                    case _:
                        found = None
                if found and found.certain:
                    return found
            return None
        finally:
            self._active.discard(key)

    # calls

    def _call(self, node: ast.Call, frame: Frame) -> Value:
        match self.expression(node.func, frame):
            case External(name=name):
                return self._external_call(name, node, frame)
            case Class() as of:
                return self._constructed(of, node, frame)
            case Function() as function:
                value = self.returned(function, node, frame)
                return value if value is not None else self._passed_through(function, node, frame)
            case _:
                return None

    def _external_call(self, name: str, node: ast.Call, frame: Frame) -> Value:
        constructor = constructor_named(name)
        if constructor is not None:
            return self._made(constructor, name, node, frame)
        interface = wrapper_interface(name)
        if interface is not None:
            inner = next(self._apps_given(node, frame), None)
            if inner is not None:
                return replace(inner, interface=interface, suffix="", wraps=inner.wraps + 1)
            if name.startswith("socketio."):
                return App(framework="other", interface=interface, path=frame.path, line=node.lineno)
        return None

    def _made(self, constructor: Constructor, name: str, node: ast.Call, frame: Frame) -> App:
        host = None
        if constructor.host:
            given = [keyword.value for keyword in node.keywords if keyword.arg == constructor.host]
            host = self._first(given, frame)
        return App(
            framework=constructor.framework,
            interface=constructor.interface,
            path=host.path if isinstance(host, App) else frame.path,
            line=host.line if isinstance(host, App) else node.lineno,
            suffix=constructor.suffix,
            package=name.partition(".")[0],
            makers=host.makers if isinstance(host, App) else (),
            certain=constructor.certain,
        )

    def _constructed(self, of: Class, node: ast.Call, frame: Frame) -> Value:
        constructor = self._constructor_of(of)
        if constructor is not None:
            return self._made(constructor, constructor.framework, node, frame)
        if any(method.name == "__call__" and len(method.args.args) == 3 for method in _methods(of.node)):
            inner = next(self._apps_given(node, frame), None)
            if inner is not None:
                return replace(inner, interface="wsgi", suffix="", wraps=inner.wraps + 1)
        return Instance(of=of)

    def _apps_given(self, node: ast.Call, frame: Frame) -> Iterator[App]:
        keywords = [keyword.value for keyword in node.keywords if keyword.arg in _APP_KEYWORDS]
        for argument in (*node.args, *keywords):
            value = self.expression(argument, frame)
            if isinstance(value, App):
                yield value
            if isinstance(argument, ast.Dict):  # DispatcherMiddleware's mounts
                for mounted in argument.values:
                    inner = self.expression(mounted, frame)
                    if isinstance(inner, App):
                        yield inner

    def _passed_through(self, function: Function, node: ast.Call, frame: Frame) -> Value:
        """What a function that cannot be read to its end makes: an app where its return annotation says so."""
        del node, frame
        annotation = function.node.returns
        if annotation is None:
            return None
        if isinstance(annotation, ast.Constant) and isinstance(annotation.value, str):
            try:
                annotation = ast.parse(annotation.value, mode="eval").body
            except (SyntaxError, ValueError):
                return None
        match self.expression(annotation, Frame(path=function.path)):
            case External(name=name):
                constructor = constructor_named(name)
            case Class() as of:
                constructor = self._constructor_of(of)
            case _:
                constructor = None
        if constructor is None or not constructor.certain or not is_factory_name(function.node.name):
            return None
        return App(
            framework=constructor.framework,
            interface=constructor.interface,
            path=function.path,
            line=function.node.lineno,
            suffix=constructor.suffix,
        )

    # functions

    def _arguments(self, function: Function, call: ast.Call, caller: Frame) -> dict[str, Value]:
        """The parameters that are given something known."""
        names = [argument.arg for argument in (*function.node.args.posonlyargs, *function.node.args.args)]
        if function.bound is not None and not _is_static(function.node):
            names = names[1:]
        pairs = [*zip(names, call.args, strict=False)]
        pairs += [(keyword.arg, keyword.value) for keyword in call.keywords if keyword.arg]
        values = {name: self.expression(node, caller) for name, node in pairs}
        return {name: value for name, value in values.items() if isinstance(value, App | Class | Function)}

    def _body_value(self, function: Function, arguments: Mapping[str, Value]) -> Value:
        returns = [node.value for node in _own_statements(function.node) if isinstance(node, ast.Return)]
        if not any(returns):
            return None
        frame = Frame(path=function.path, local=self._run(function, arguments))
        values = [self.expression(node, frame) for node in returns if node is not None]
        apps = [value for value in values if isinstance(value, App)]
        if apps and not _is_generator(function.node):
            return apps[0]
        return next((value for value in values if value is not None and not isinstance(value, App)), None)

    def _run(self, function: Function, arguments: Mapping[str, Value]) -> dict[str, Value]:
        """The local names of a function after its body, read from top to bottom."""
        local: dict[str, Value] = {argument.arg: None for argument in _parameters(function.node)}
        local |= arguments
        if function.bound is not None and function.node.args.args and not _is_static(function.node):
            local[function.node.args.args[0].arg] = function.bound
        shared = {
            name for node in _own_statements(function.node) if isinstance(node, ast.Global) for name in node.names
        }
        for node in _own_statements(function.node):
            for name, value in self._local_values(node, Frame(path=function.path, local=local)):
                if value is not None or (name not in local and name not in shared):
                    local[name] = value
        return local

    def _local_values(self, node: ast.stmt, frame: Frame) -> Iterator[tuple[str, Value]]:
        match node:
            case ast.Assign(targets=targets, value=value):
                result = self.expression(value, frame)
                for target in targets:
                    yield from _assigned(target, result)
            case ast.AnnAssign(target=ast.Name(id=name), value=ast.expr() as value):
                yield name, self.expression(value, frame)
            case ast.With(items=items):
                for item in items:
                    if isinstance(item.optional_vars, ast.Name):
                        yield item.optional_vars.id, self.expression(item.context_expr, frame)
            case ast.FunctionDef(name=name):
                yield name, Function(path=frame.path, node=node)
            case ast.ClassDef(name=name):
                yield name, Class(path=frame.path, node=node)
            case ast.Import() | ast.ImportFrom():
                for name, imported in imported_names(node):
                    yield name, self._imported(frame.path, imported)
            case _:
                return


def _is_generator(function: ast.FunctionDef) -> bool:
    """Whether the function itself yields; views inside a factory may."""
    waiting: list[ast.AST] = list(function.body)
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.Yield | ast.YieldFrom):
            return True
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.Lambda):
            waiting.extend(ast.iter_child_nodes(node))
    return False


def _own_statements(function: ast.FunctionDef) -> Iterator[ast.stmt]:
    """A function's statements in order, without those of functions and classes inside it."""
    return every_statement(function.body, into_definitions=False)


def _self_assignments(node: ast.ClassDef) -> dict[str, list[ast.expr]]:
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


def _assigned(target: ast.expr, value: Value) -> Iterator[tuple[str, Value]]:
    match target:
        case ast.Name(id=name):
            yield name, value
        case ast.Tuple(elts=elements):
            for position, element in enumerate(elements):
                if isinstance(element, ast.Name):
                    yield element.id, _element(value, position)
        case _:
            return


def _element(value: Value, position: int | None) -> Value:
    if position is None:
        return value
    if isinstance(value, Items) and -len(value.values) <= position < len(value.values):
        return value.values[position]
    return None


def _methods(node: ast.ClassDef) -> Iterator[ast.FunctionDef]:
    return (statement for statement in node.body if isinstance(statement, ast.FunctionDef))


def _parameters(node: ast.FunctionDef) -> tuple[ast.arg, ...]:
    return (*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs)


def _is_property(node: ast.FunctionDef) -> bool:
    return any(isinstance(item, ast.Name) and item.id.endswith("property") for item in node.decorator_list)


def _is_static(node: ast.FunctionDef) -> bool:
    return any(isinstance(item, ast.Name) and item.id == "staticmethod" for item in node.decorator_list)
