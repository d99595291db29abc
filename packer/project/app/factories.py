"""How to call an application factory with nothing but literals, which is all that a server's command line can give."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator

from msgspec import Struct

from packer.project.app.evaluate import Evaluator
from packer.project.app.modules import ModuleIndex
from packer.project.app.reading import Frame
from packer.project.app.syntax import every_statement
from packer.project.app.values import Class, Function

__all__ = ["FactoryCall", "factory_call", "is_callable_factory", "required_parameters"]

_PREFERRED_NAMES = ("production", "prod", "Production", "PRODUCTION", "default", "Default", "development", "dev")
_PREFERRED_CLASSES = (
    "ProductionConfig",
    "ProdConfig",
    "Production",
    "Config",
    "BaseConfig",
    "DefaultConfig",
    "DevelopmentConfig",
)
_NOT_FACTORIES = (
    "route",
    "command",
    "fixture",
    "get",
    "post",
    "task",
    "group",
    "callback",
    "errorhandler",
    "before_request",
)


class FactoryCall(Struct, frozen=True, kw_only=True):
    """The arguments, as text between the brackets, and why they are these (empty where none are needed)."""

    arguments: str
    reason: str = ""


def required_parameters(node: ast.FunctionDef) -> tuple[str, ...]:
    """The parameters without a default."""
    positional = [*node.args.posonlyargs, *node.args.args]
    required = positional[: len(positional) - len(node.args.defaults)]
    keyword = [
        argument
        for argument, default in zip(node.args.kwonlyargs, node.args.kw_defaults, strict=True)
        if default is None
    ]
    return tuple(argument.arg for argument in (*required, *keyword))


def is_callable_factory(node: ast.FunctionDef) -> bool:
    """Whether a function may be called by a server: not a view, a command or a test fixture."""
    return not any(_last_name(decorator) in _NOT_FACTORIES for decorator in node.decorator_list)


def factory_call(
    function: Function, index: ModuleIndex, evaluator: Evaluator, callers: Iterable[str]
) -> FactoryCall | None:
    """How to call a factory, None where it wants something that reading does not show.

    Args:
        function: the factory.
        index: the project's modules.
        evaluator: resolves names.
        callers: files that may show how the project itself calls it.
    """
    required = required_parameters(function.node)
    if not required:
        return FactoryCall(arguments="")
    if len(required) > 1:
        return None
    search = _ArgumentSearch(function, required[0], index, evaluator)
    found = search.from_calls(callers) or search.from_body()
    if found is None:
        return None
    keyword_only = required[0] in {argument.arg for argument in function.node.args.kwonlyargs}
    text = f"{required[0]}={found.arguments}" if keyword_only else found.arguments
    return FactoryCall(arguments=text, reason=found.reason)


class _ArgumentSearch:
    """Looks for a literal that one required parameter takes."""

    def __init__(self, function: Function, parameter: str, index: ModuleIndex, evaluator: Evaluator) -> None:
        self._function = function
        self._parameter = parameter
        self._index = index
        self._evaluator = evaluator
        self._names = self._configuration_names()
        self._by_import = any(
            _last_name(call.func) == "from_object" and self._is_parameter(call) for call in _calls(function.node)
        )

    def from_calls(self, callers: Iterable[str]) -> FactoryCall | None:
        """What the project's own entry files give, where that is a literal or the default of a variable."""
        for path in callers:
            facts = self._index.facts(path)
            for call in (*facts.calls, *facts.script_calls) if facts else ():
                if not self._is_this(call, path) or not (call.args or call.keywords):
                    continue
                given = call.args[0] if call.args else call.keywords[0].value
                literal = self._literal(given, path)
                if literal is not None:
                    return FactoryCall(arguments=repr(literal), reason=f"{path} line {call.lineno} calls it so")
        return None

    def from_body(self) -> FactoryCall | None:
        """A name that the factory looks up in a table of configurations, or a configuration class to import."""
        for name in _PREFERRED_NAMES:
            if name in self._names:
                return FactoryCall(arguments=repr(name), reason=f"{name!r} is one of its configurations")
        dotted = self._configuration_class() if self._by_import else None
        return FactoryCall(arguments=repr(dotted), reason=f"it imports its configuration, {dotted}") if dotted else None

    def _is_this(self, call: ast.Call, path: str) -> bool:
        if _last_name(call.func) == "":
            return False
        value = self._evaluator.expression(call.func, Frame(path=path))
        return isinstance(value, Function) and value.node is self._function.node

    def _literal(self, node: ast.expr, path: str) -> str | None:
        match node:
            case ast.Constant(value=str() as text):
                return self._production_name(text)
            case ast.BoolOp(op=ast.Or(), values=[*_, ast.Constant(value=str() as text)]):
                return self._production_name(text)
            case ast.Call(func=function, args=[_, ast.Constant(value=str() as text)]) if _last_name(function) in {
                "get",
                "getenv",
            }:
                return self._production_name(text)
            case ast.Name() | ast.Attribute():
                return self._named_literal(node, path)
            case _:
                return None

    def _named_literal(self, node: ast.Name | ast.Attribute, path: str) -> str | None:
        value = self._evaluator.expression(node, Frame(path=path))
        if isinstance(value, Class) and self._by_import:
            return self._dotted(value)
        facts = self._index.facts(path)
        if facts is None or not isinstance(node, ast.Name):
            return None
        for binding in reversed(facts.bindings.get(node.id, ())):
            if isinstance(binding.value, ast.expr) and not isinstance(binding.value, ast.Name):
                return self._literal(binding.value, path)
        return None

    def _production_name(self, text: str) -> str:
        """What the project says, but not its name for development where it has one for production."""
        if text.lower() in {"development", "dev", "testing", "test", "local"}:
            return next((name for name in _PREFERRED_NAMES[:4] if name in self._names), text)
        return text

    def _configuration_names(self) -> frozenset[str]:
        names: set[str] = set()
        for node in ast.walk(self._function.node):
            match node:
                case ast.Subscript(value=table, slice=ast.Name(id=key)) if key == self._parameter:
                    names.update(self._keys(table))
                case ast.Call(func=ast.Attribute(value=table, attr="get"), args=[ast.Name(id=key), *_]) if (
                    key == self._parameter
                ):
                    names.update(self._keys(table))
                case _:
                    continue
        return frozenset(names)

    def _keys(self, table: ast.expr) -> Iterator[str]:
        """The keys of a dictionary that the project binds to a name, wherever it was imported from."""
        if not isinstance(table, ast.Name | ast.Attribute):
            return
        for path, name in self._tables(table.id if isinstance(table, ast.Name) else table.attr):
            facts = self._index.facts(path)
            for binding in facts.bound(name) if facts else ():
                if isinstance(binding.value, ast.Dict):
                    yield from (
                        key.value
                        for key in binding.value.keys
                        if isinstance(key, ast.Constant) and isinstance(key.value, str)
                    )

    def _tables(self, name: str) -> Iterator[tuple[str, str]]:
        """The modules that may bind a table, each with the name it has there."""
        path = self._function.path
        yield path, name
        module = self._index.tree.module(path)
        for node in every_statement(module.body) if module else ():
            for alias in node.names if isinstance(node, ast.ImportFrom) else ():
                if isinstance(node, ast.ImportFrom) and name in {alias.asname, alias.name}:
                    found = self._imported_module(path, node, alias.name)
                    if found is not None:
                        yield found, alias.name

    def _imported_module(self, path: str, node: ast.ImportFrom, member: str) -> str | None:
        if node.level:
            found = self._index.relative(path, node.level, node.module or "")
        else:
            found = self._index.absolute(path, node.module or "", member)
        return found.path if found else None

    def _configuration_class(self) -> str | None:
        """A configuration class beside the factory or in a module that it may import."""
        for path in self._index.python_paths:
            if path.rpartition("/")[2] not in {"config.py", "settings.py", "configuration.py"}:
                continue
            facts = self._index.facts(path)
            for name in _PREFERRED_CLASSES:
                if facts and any(isinstance(binding.value, ast.ClassDef) for binding in facts.bound(name)):
                    return f"{_dotted_from(self._index, self._function.path, path)}.{name}"
        return None

    def _dotted(self, value: Class) -> str:
        return f"{_dotted_from(self._index, self._function.path, value.path)}.{value.node.name}"

    def _is_parameter(self, call: ast.Call) -> bool:
        return bool(call.args) and isinstance(call.args[0], ast.Name) and call.args[0].id == self._parameter


def _dotted_from(index: ModuleIndex, importer: str, path: str) -> str:
    """The name under which a file's module is imported from beside or above the importer."""
    stem = path.removesuffix(".py").removesuffix("/__init__")
    for root in index.roots_of(importer):
        inside = stem if root == "." else stem.removeprefix(root + "/")
        if (root == "." or inside != stem) and not index.is_package(root):
            return inside.replace("/", ".")
    return stem.replace("/", ".")


def _calls(node: ast.AST) -> Iterator[ast.Call]:
    return (found for found in ast.walk(node) if isinstance(found, ast.Call))


def _last_name(node: ast.AST) -> str:
    match node:
        case ast.Call(func=function):
            return _last_name(function)
        case ast.Attribute(attr=name) | ast.Name(id=name):
            return name
        case _:
            return ""
