"""Walking a module once, without the parts that only a script run, a type checker or a debugging session executes."""

from __future__ import annotations

import ast
from collections.abc import Iterable

from msgspec import Struct
from msgspec.structs import replace

from packer.project.app.syntax import Imported
from packer.project.code.module import Assignment, CodeModule, ImportStatement, Site, Text
from packer.project.code.scope import NO_DEFAULT, FunctionNode, Scope
from packer.regex import regex

__all__ = ["scan_module"]

_UNREAD: frozenset[type] = frozenset(
    kind
    for family in (ast.expr_context, ast.operator, ast.unaryop, ast.boolop, ast.cmpop)
    for kind in family.__subclasses__()
) | {ast.alias, ast.arg, ast.Name, type(None), str, int, bool}
_DEBUG_ATTRIBUTES = frozenset({"debug", "testing"})
_DEBUG_NAMES = frozenset({"development", "testing", "is_development", "is_testing", "TYPE_CHECKING"})


_TEST_SETTINGS = regex(r"Test(ing)?|\w*Test(ing)?\w*(Config|Settings)\w*|(Config|Settings)\w*Test(ing)?")
"""Classes that hold the configuration of a test run."""

_SYSTEM = frozenset({"sys.platform", "os.name", "platform.system()", "system()"})
_WINDOWS = frozenset({"win", "win32", "nt", "Windows", "cygwin"})


def scan_module(path: str, tree: ast.Module) -> CodeModule:
    """Read a module. Nothing recurses: generated code may be nested deeper than Python's own limit."""
    return _Scan(path).run(tree)


class _Place(Struct, frozen=True):
    """Where a node that is still to be visited stands; shared by all nodes of a block."""

    scope: Scope
    tests: tuple[ast.expr, ...] = ()
    tried: bool = False


class _Scan:
    """Visits nodes in the order of the source, from a stack."""

    def __init__(self, path: str) -> None:
        self._top = Scope(path, None, None)
        self._bodies: dict[ast.AST, Scope] = {}
        self._shared: set[tuple[Scope, str]] = set()
        self._imports: list[ImportStatement] = []
        self._stars: list[Imported] = []
        self._calls: list[Site[ast.Call]] = []
        self._subscripts: list[Site[ast.Subscript]] = []
        self._comparisons: list[Site[ast.Compare]] = []
        self._checks: list[Site[ast.If | ast.Assert]] = []
        self._functions: list[Site[FunctionNode]] = []
        self._classes: list[Site[ast.ClassDef]] = []
        self._mappings: list[Site[ast.Dict]] = []
        self._assignments: list[Assignment] = []
        self._texts: list[Text] = []
        self._attributes: dict[str, int] = {}
        self._waiting: list[tuple[ast.AST, ast.AST, _Place]] = []

    def run(self, tree: ast.Module) -> CodeModule:
        self._later(tree.body, tree, _Place(self._top))
        while self._waiting:
            node, parent, place = self._waiting.pop()
            if isinstance(node, ast.stmt):
                self._statement(node, parent, place)
            else:
                self._expression(node, parent, place)
        return CodeModule(
            path=self._top.path,
            scope=self._top,
            bodies=self._bodies,
            imports=tuple(self._imports),
            stars=tuple(self._stars),
            calls=tuple(self._calls),
            subscripts=tuple(self._subscripts),
            comparisons=tuple(self._comparisons),
            checks=tuple(self._checks),
            functions=tuple(self._functions),
            classes=tuple(self._classes),
            mappings=tuple(self._mappings),
            assignments=tuple(self._assignments),
            texts=tuple(self._texts),
            attributes=self._attributes,
        )

    def _later(self, nodes: Iterable[ast.AST], parent: ast.AST, place: _Place) -> None:
        """Visit nodes in their order, before whatever was to be visited until now."""
        self._waiting.extend((node, parent, place) for node in reversed(list(nodes)))

    def _children(self, node: ast.AST, place: _Place) -> None:
        """Visit what stands inside a node. It runs for every node of the project, so it does nothing it need not."""
        waiting = self._waiting
        start = len(waiting)
        for field in node._fields:
            value = getattr(node, field, None)
            for child in value if isinstance(value, list) else (value,):
                kind = type(child)
                if isinstance(child, ast.Constant):
                    self._text(child)
                elif kind not in _UNREAD and isinstance(child, ast.AST):
                    waiting.append((child, node, place))
        if len(waiting) - start > 1:
            waiting[start:] = waiting[: start - 1 : -1] if start else waiting[::-1]

    def _text(self, node: ast.Constant) -> None:
        if isinstance(node.value, str):
            self._texts.append(Text(node.value, node.lineno))

    # statements

    def _statement(self, node: ast.stmt, parent: ast.AST, place: _Place) -> None:
        match node:
            case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
                self._definition(node, parent, place)
            case ast.If():
                self._if(node, parent, place)
            case ast.Try():
                self._later([*node.orelse, *node.finalbody], node, place)
                inner = replace(place, tried=place.tried or bool(node.handlers))
                self._later([*node.body, *node.handlers], node, inner)
            case ast.Import() | ast.ImportFrom():
                self._import(node, place.scope)
            case ast.Global(names=names):
                self._shared.update((place.scope, name) for name in names)
            case ast.Assert():
                self._checks.append(Site(node, place.scope, parent, place.tests, place.tried))
                self._children(node, place)
            case _:
                self._bindings(node, place.scope)
                self._children(node, place)

    def _bindings(self, node: ast.stmt, scope: Scope) -> None:
        match node:
            case ast.Assign():
                for target in node.targets:
                    self._assign(target, node.value, scope)
            case ast.AnnAssign(value=ast.expr() as value):
                self._assign(node.target, value, scope)
            case ast.For(target=ast.Name(id=name), iter=ast.Tuple(elts=items) | ast.List(elts=items)):
                for item in items:
                    scope.bind(name, item, node.lineno)
            case ast.With(items=entered):
                for entry in entered:
                    if isinstance(entry.optional_vars, ast.Name):
                        scope.bind(entry.optional_vars.id, entry.context_expr, node.lineno)
            case _:
                pass

    def _assign(self, target: ast.expr, value: ast.expr, scope: Scope) -> None:
        if isinstance(target, ast.Tuple | ast.List):
            if isinstance(value, ast.Tuple | ast.List) and len(value.elts) == len(target.elts):
                for inner, part in zip(target.elts, value.elts, strict=True):
                    self._assign(inner, part, scope)
            return
        self._assignments.append(Assignment(target, value, scope))
        if isinstance(target, ast.Name):
            holder = self._top if (scope, target.id) in self._shared else scope
            holder.bind(target.id, value, target.lineno, scope)

    def _if(self, node: ast.If, parent: ast.AST, place: _Place) -> None:
        self._checks.append(Site(node, place.scope, parent, place.tests, place.tried))
        script = _script_test(node.test)
        if script is not False:
            self._later(node.orelse, node, place)
        if script is not True and not _is_debugging(node.test) and not _is_windows(node.test, place.scope):
            self._later(node.body, node, replace(place, tests=(*place.tests, node.test)))
        self._later((node.test,), node, place)

    def _definition(self, node: FunctionNode | ast.ClassDef, parent: ast.AST, place: _Place) -> None:
        place.scope.bind(node.name, node, node.lineno)
        body = Scope(place.scope.path, node, place.scope)
        self._bodies[node] = body
        if isinstance(node, ast.ClassDef) and _TEST_SETTINGS.fullmatch(node.name):
            return
        self._later(node.body, node, _Place(body))
        self._later(node.decorator_list, node, place)
        if isinstance(node, ast.ClassDef):
            self._classes.append(Site(node, place.scope, parent, place.tests, place.tried))
            self._later([*node.bases, *node.keywords], node, place)
            return
        self._functions.append(Site(node, place.scope, parent, place.tests, place.tried))
        for argument, default in _parameters(node.args):
            body.bind(argument.arg, default, node.lineno, place.scope)
        self._later((default for _, default in _parameters(node.args) if default is not NO_DEFAULT), node, place)

    def _import(self, node: ast.Import | ast.ImportFrom, scope: Scope) -> None:
        if isinstance(node, ast.Import):
            for alias in node.names:
                self._imports.append(ImportStatement(alias.name, 0, (), node.lineno))
                plain = alias.name if alias.asname else alias.name.partition(".")[0]
                scope.bind(alias.asname or plain, Imported(plain, 0, None), node.lineno)
            return
        module = node.module or ""
        self._imports.append(ImportStatement(module, node.level, tuple(one.name for one in node.names), node.lineno))
        for alias in node.names:
            imported = Imported(module, node.level, alias.name)
            if alias.name == "*":
                self._stars.append(imported)
            else:
                scope.bind(alias.asname or alias.name, imported, node.lineno)

    # expressions

    def _expression(self, node: ast.AST, parent: ast.AST, place: _Place) -> None:
        match node:
            case ast.Constant():
                self._text(node)
                return
            case ast.Attribute(attr=name):
                self._attributes.setdefault(name, node.lineno)
            case ast.Call():
                self._calls.append(Site(node, place.scope, parent, place.tests, place.tried))
            case ast.Subscript():
                self._subscripts.append(Site(node, place.scope, parent, place.tests, place.tried))
            case ast.Compare():
                self._comparisons.append(Site(node, place.scope, parent, place.tests, place.tried))
            case ast.Dict():
                self._mappings.append(Site(node, place.scope, parent, place.tests, place.tried))
            case ast.NamedExpr(target=ast.Name(id=name), value=value):
                place.scope.bind(name, value, node.lineno)
            case ast.IfExp(test=test, body=body, orelse=orelse):
                self._later((orelse,), node, place)
                self._later((body,), node, replace(place, tests=(*place.tests, test)))
                self._later((test,), node, place)
                return
            case _:
                pass
        self._children(node, place)


def _parameters(arguments: ast.arguments) -> list[tuple[ast.arg, ast.expr]]:
    """Every named parameter with its default."""
    plain = [*arguments.posonlyargs, *arguments.args]
    missing = [NO_DEFAULT] * (len(plain) - len(arguments.defaults))
    keyword = [default or NO_DEFAULT for default in arguments.kw_defaults]
    return [*zip(plain, [*missing, *arguments.defaults], strict=True), *zip(arguments.kwonlyargs, keyword, strict=True)]


def _script_test(test: ast.expr) -> bool | None:
    """True for `__name__ == "__main__"`, False for its negation, None for any other test."""
    match test:
        case ast.Compare(left=left, ops=[ast.Eq() | ast.NotEq() as operator], comparators=[right]):
            names = {part.id for part in (left, right) if isinstance(part, ast.Name)}
            texts = {part.value for part in (left, right) if isinstance(part, ast.Constant)}
            return isinstance(operator, ast.Eq) if names == {"__name__"} and texts == {"__main__"} else None
        case ast.BoolOp(op=ast.And(), values=values) if any(_script_test(value) is True for value in values):
            return True
        case _:
            return None


def _is_windows(test: ast.expr, scope: Scope) -> bool:
    """Whether a condition holds on Windows alone: `sys.platform.startswith("win")`, `os.name == "nt"`, a name of it."""
    match test:
        case ast.Name(id=name):
            found = scope.lookup(name)
            values = [bound.value for bound in found[1]] if found else []
            return len(values) == 1 and isinstance(values[0], ast.Call | ast.Compare) and _is_windows(values[0], scope)
        case ast.Call(func=ast.Attribute(value=asked, attr="startswith"), args=[ast.Constant(value=str(text))]):
            return ast.unparse(asked) in _SYSTEM and text in _WINDOWS
        case ast.Compare(left=asked, ops=[ast.Eq()], comparators=[ast.Constant(value=str(text))]):
            return ast.unparse(asked) in _SYSTEM and text in _WINDOWS
        case _:
            return False


def _is_debugging(test: ast.expr) -> bool:
    """Whether a condition can hold only in development, in tests, or for a type checker."""
    match test:
        case ast.Attribute(attr=name):
            return name in _DEBUG_ATTRIBUTES | _DEBUG_NAMES
        case ast.Name(id=name):
            return name in _DEBUG_NAMES
        case ast.BoolOp(op=ast.And(), values=values):
            return any(_is_debugging(value) for value in values)
        case _:
            return False
