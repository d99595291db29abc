"""What expressions evaluate to when no environment variable is set: constants, arithmetic, texts and file paths.

The project's root has no place on a disk here. `ROOT` stands for it, so that `os.path` and `pathlib` arithmetic on
`__file__` works as it does for Python, and a result under `ROOT` is a place in the project.
"""

from __future__ import annotations

import ast
import posixpath
from collections.abc import Iterator, Mapping
from pathlib import PurePosixPath

from packer.project.code.arithmetic import called, combined, method_called
from packer.project.code.configuration import Configuration, config_key
from packer.project.code.program import Definition, Outside, Program
from packer.project.code.scope import FunctionNode, Scope
from packer.project.code.values import ROOT, UNKNOWN, Constant, is_known

__all__ = ["Constants"]

_MAX_DEPTH = 40
_READERS = frozenset({"os.getenv", "os.environ.get", "os.environ.setdefault"})
_PATHS = frozenset({"pathlib.Path", "pathlib.PurePath", "pathlib.PosixPath", "pathlib.PurePosixPath", "anyio.Path"})


class Constants:
    """Evaluates expressions of a program.

    Args:
        root_path, instance_path: Flask's folders of the application, relative to the project's root.
    """

    def __init__(
        self,
        program: Program,
        configuration: Configuration,
        *,
        root_path: str | None = None,
        instance_path: str | None = None,
    ) -> None:
        self._program = program
        self._configuration = configuration
        self._folders = {"root_path": root_path, "instance_path": instance_path}
        self._known: dict[tuple[ast.expr, Scope], Constant] = {}
        self._depth = 0

    def value(self, node: ast.expr, scope: Scope) -> Constant:
        """The value of an expression, `UNKNOWN` where reading cannot tell."""
        key = (node, scope)
        if key not in self._known:
            if self._depth >= _MAX_DEPTH:
                return UNKNOWN
            self._known[key] = UNKNOWN  # what an expression that leads back to itself finds
            self._depth += 1
            try:
                self._known[key] = self._value(node, scope)
            finally:
                self._depth -= 1
        return self._known[key]

    def text(self, node: ast.expr, scope: Scope) -> str | None:
        """The value of an expression that is a text or a path."""
        value = self.value(node, scope)
        return str(value) if isinstance(value, str | PurePosixPath) else None

    def configured(self, key: str) -> Constant:
        """The value of a key of the application's configuration: the first that is known and not None."""
        values = [self.value(setting.value, setting.scope) for setting in self._configuration.settings(key)]
        known = [value for value in values if is_known(value)]
        return next((value for value in known if value is not None), known[0] if known else UNKNOWN)

    def _value(self, node: ast.expr, scope: Scope) -> Constant:  # noqa: PLR0911 - one a form of expression
        match node:
            case ast.Constant(value=value):
                return value if value is None or isinstance(value, bool | int | float | str) else UNKNOWN
            case ast.Name() | ast.Attribute():
                return self._named(node, scope)
            case ast.BinOp(left=left, op=sign, right=right):
                return combined(self.value(left, scope), sign, self.value(right, scope))
            case ast.UnaryOp(op=ast.USub(), operand=operand):
                number = self.value(operand, scope)
                return -number if isinstance(number, int | float) else UNKNOWN
            case ast.JoinedStr(values=parts):
                return self._joined(parts, scope)
            case ast.Call():
                return self._call(node, scope)
            case ast.Subscript(value=owner, slice=index):
                return self._item(owner, index, scope)
            case _:
                return self._composed(node, scope)

    def _composed(self, node: ast.expr, scope: Scope) -> Constant:
        match node:
            case ast.BoolOp(op=sign, values=operands):
                return self._chosen(isinstance(sign, ast.Or), [self.value(operand, scope) for operand in operands])
            case ast.IfExp(body=body, orelse=otherwise):
                return next(filter(is_known, (self.value(body, scope), self.value(otherwise, scope))), UNKNOWN)
            case ast.Tuple(elts=elements) | ast.List(elts=elements):
                return tuple(self.value(element, scope) for element in elements)
            case ast.Dict(keys=keys, values=values):
                pairs = zip(keys, values, strict=True)
                return {
                    key.value: self.value(value, scope)
                    for key, value in pairs
                    if isinstance(key, ast.Constant) and isinstance(key.value, str)
                }
            case ast.NamedExpr(value=value):
                return self.value(value, scope)
            case _:
                return UNKNOWN

    def _chosen(self, either: bool, values: list[Constant]) -> Constant:  # noqa: FBT001 - `or`, else `and`
        """What `or` or `and` gives; operands that are unknown are passed over, because a default stands last."""
        known = [value for value in values if is_known(value)]
        if not known:
            return UNKNOWN
        return next((value for value in known if bool(value) is either), known[-1])

    def _joined(self, parts: list[ast.expr], scope: Scope) -> Constant:
        texts: list[str] = []
        for part in parts:
            inner = part.value if isinstance(part, ast.FormattedValue) else part
            value = self.value(inner, scope)
            if not isinstance(value, str | int | PurePosixPath):
                return UNKNOWN
            texts.append(str(value))
        return "".join(texts)

    # names

    def _named(self, node: ast.Name | ast.Attribute, scope: Scope) -> Constant:
        if isinstance(node, ast.Attribute):
            special = self._attribute(node, scope)
            if is_known(special):
                return special
        meaning = self._program.meaning(node, scope)
        match meaning:
            case Outside(name=name):
                return self._outside(name, scope)
            case Definition(node=ast.expr() as found) if found is not node:
                return self.value(found, meaning.scope)
            case _:
                return UNKNOWN

    def _attribute(self, node: ast.Attribute, scope: Scope) -> Constant:
        folder = self._folders.get(node.attr)
        if folder is not None:
            return posixpath.join(ROOT, folder) if folder != "." else ROOT
        if isinstance(node.value, ast.Name) and node.value.id in {"self", "cls"}:
            return self._own_attribute(node.attr, scope)
        value = self.value(node.value, scope)
        if isinstance(value, PurePosixPath) and node.attr in {"parent", "name", "stem", "suffix"}:
            found: Constant = getattr(value, node.attr)
            return found
        return UNKNOWN

    def _own_attribute(self, name: str, scope: Scope) -> Constant:
        """The value that a class gives to `self.name`, anywhere in its body."""
        owner = scope.owner
        module = self._program.module(scope.path)
        if owner is None or module is None:
            return UNKNOWN
        inside = (one for one in module.assignments if one.scope is owner or one.scope.parent is owner)
        for one in inside:
            match one.target:
                case ast.Name(id=found) | ast.Attribute(value=ast.Name(id="self" | "cls"), attr=found) if found == name:
                    value = self.value(one.value, one.scope)
                    if is_known(value):
                        return value
                case _:
                    continue
        return UNKNOWN

    def _outside(self, name: str, scope: Scope) -> Constant:
        match name:
            case "__file__":
                return posixpath.join(ROOT, scope.path)
            case "__name__":
                return scope.path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")
            case "os.sep" | "os.path.sep":
                return "/"
            case "os.curdir" | "os.path.curdir":
                return "."
            case "os.pardir" | "os.path.pardir":
                return ".."
            case _:
                return UNKNOWN

    # items and calls

    def _item(self, owner: ast.expr, index: ast.expr, scope: Scope) -> Constant:
        key = config_key(owner, index)
        if key is not None:
            return self.configured(key)
        position = self.value(index, scope)
        match owner:
            case ast.Attribute(value=inner, attr="parents") if isinstance(position, int):
                path = self.value(inner, scope)
                fits = isinstance(path, PurePosixPath) and 0 <= position < len(path.parents)
                return path.parents[position] if fits and isinstance(path, PurePosixPath) else UNKNOWN
            case _:
                return _element(self.value(owner, scope), position)

    def _call(self, node: ast.Call, scope: Scope) -> Constant:
        given = [keyword.value for keyword in node.keywords if keyword.arg == "default"]
        if given:
            return self.value(given[0], scope)
        if isinstance(node.func, ast.Attribute) and node.func.attr == "get" and node.args:
            key = config_key(node.func.value, node.args[0])
            if key is not None:
                return self._or_default(self.configured(key), node, scope)
        meaning = self._program.meaning(node.func, scope)
        if isinstance(meaning, Outside):
            return self._called_outside(meaning.name, node, scope)
        if isinstance(meaning, Definition) and isinstance(meaning.node, FunctionNode):
            return self._returned(meaning)
        if isinstance(node.func, ast.Attribute):
            return method_called(self.value(node.func.value, scope), node.func.attr, self._arguments(node, scope))
        return UNKNOWN

    def _called_outside(self, name: str, node: ast.Call, scope: Scope) -> Constant:
        if name in _READERS:
            return self._or_default(None, node, scope)
        if name in _PATHS:
            name = "pathlib.Path"
        return called(name, self._arguments(node, scope), posixpath.join(ROOT, self._program.working_directory))

    def _arguments(self, node: ast.Call, scope: Scope) -> tuple[Constant, ...]:
        plain = []
        for argument in node.args:
            if isinstance(argument, ast.Starred):
                return (UNKNOWN,)
            plain.append(self.value(argument, scope))
        return tuple(plain)

    def _or_default(self, value: Constant, node: ast.Call, scope: Scope) -> Constant:
        if is_known(value) and value is not None:
            return value
        return self.value(node.args[1], scope) if len(node.args) > 1 else value

    def _returned(self, function: Definition) -> Constant:
        """What a function of the project returns, its parameters having their defaults: the first that is known."""
        body = self._program.body(function)
        if body is None or not isinstance(function.node, FunctionNode):
            return UNKNOWN
        for statement in _returns(function.node):
            value = self.value(statement, body)
            if is_known(value) and value is not None:
                return value
        return UNKNOWN


def _returns(function: FunctionNode) -> Iterator[ast.expr]:
    waiting: list[ast.AST] = list(reversed(function.body))
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.Return) and node.value is not None:
            yield node.value
        elif isinstance(node, ast.stmt) and not isinstance(node, FunctionNode | ast.ClassDef):
            waiting.extend(reversed(list(ast.iter_child_nodes(node))))
        elif isinstance(node, ast.ExceptHandler | ast.match_case):
            waiting.extend(reversed(node.body))


def _element(container: Constant, position: Constant) -> Constant:
    if isinstance(container, tuple) and isinstance(position, int) and -len(container) <= position < len(container):
        return container[position]
    if isinstance(container, Mapping) and isinstance(position, str):
        return container.get(position, UNKNOWN)
    return UNKNOWN
