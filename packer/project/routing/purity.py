"""Views that need nothing but the process: no database, no network, no session, no signed-in user."""

from __future__ import annotations

import ast
import builtins
from collections.abc import Iterator

from packer.project.code.program import Definition, Outside, Program
from packer.project.code.scope import FunctionNode, Scope
from packer.project.routing.routes import Route

__all__ = ["Purity"]

_PURE_FUNCTIONS = frozenset({
    "flask.jsonify", "flask.make_response", "flask.render_template", "flask.render_template_string", "flask.Response",
    "flask.url_for", "flask.escape", "flask.json.dumps", "flask.helpers.make_response", "quart.jsonify",
    "quart.render_template", "quart.make_response", "quart.Response", "markupsafe.escape", "werkzeug.Response",
    "werkzeug.wrappers.Response", "json.dumps", "socket.gethostname", "os.getenv", "os.environ.get", "os.getpid",
})  # fmt: skip
_PURE_MODULES = ("datetime.", "time.", "platform.", "http.HTTPStatus", "sys.", "random.", "uuid.", "logging.")
_IMPURE_BUILTINS = frozenset({"open", "input", "exec", "eval", "compile", "__import__", "breakpoint"})
_PURE_METHODS = frozenset({
    "isoformat", "strftime", "format", "lower", "upper", "join", "strip", "replace", "timestamp", "total_seconds",
    "info", "debug", "warning", "set_cookie", "setdefault", "update", "append", "items", "keys", "values", "split",
})  # fmt: skip
_ROUTE_DECORATORS = frozenset({"route", "get", "post", "head", "api_route", "exempt", "cache", "cached", "limit"})
_PURE_DECORATORS = frozenset({"cross_origin", "no_cache", "nocache"})
_IMPURE_NAMES = frozenset({"session", "current_user", "g", "db"})
_HOOKS = frozenset({"before_request", "before_app_request"})
_MAX_NODES = 400


class Purity:
    """Judges views by what their bodies call; whatever is not known to be harmless is not."""

    def __init__(self, program: Program) -> None:
        self._program = program

    @property
    def hooks_are_pure(self) -> bool:
        """Whether nothing that runs before every request needs more than the process."""
        return all(self._body_is_pure(node, scope) for node, scope in self._hooks())

    def is_pure(self, route: Route) -> bool:
        """Whether the view of a route needs nothing but the process."""
        if route.view is None or not all(map(self._decorator_is_pure, route.view.decorator_list)):
            return False
        return self._body_is_pure(route.view, route.scope)

    def _hooks(self) -> Iterator[tuple[FunctionNode, Scope]]:
        for module in self._program.modules:
            for site in module.functions:
                for decorator in site.node.decorator_list:
                    if isinstance(decorator, ast.Attribute) and decorator.attr in _HOOKS:
                        yield site.node, site.scope

    def _decorator_is_pure(self, decorator: ast.expr) -> bool:
        function = decorator.func if isinstance(decorator, ast.Call) else decorator
        match function:
            case ast.Attribute(attr=name):
                return name in _ROUTE_DECORATORS
            case ast.Name(id=name):
                return name in _PURE_DECORATORS
            case _:
                return False

    def _body_is_pure(self, view: FunctionNode, scope: Scope) -> bool:
        body = self._program.body(Definition(view, scope))
        if body is None:
            return False
        for count, node in enumerate(_nodes(view)):
            if count > _MAX_NODES or not self._node_is_pure(node, body):
                return False
        return True

    def _node_is_pure(self, node: ast.AST, body: Scope) -> bool:
        match node:
            case ast.Call():
                return self._call_is_pure(node, body)
            case ast.Name(id=name):
                return name not in _IMPURE_NAMES
            case ast.Attribute(attr="query" | "objects" | "session"):
                return False
            case ast.Await() | ast.With() | ast.AsyncWith() | ast.Raise() | ast.Yield():
                return False
            case _:
                return True

    def _call_is_pure(self, call: ast.Call, body: Scope) -> bool:
        match self._program.meaning(call.func, body):
            case Outside(name=name):
                if name in dir(builtins):
                    return name not in _IMPURE_BUILTINS
                return name in _PURE_FUNCTIONS or name.startswith(_PURE_MODULES)
            case _:
                return isinstance(call.func, ast.Attribute) and call.func.attr in _PURE_METHODS


def _nodes(view: FunctionNode) -> Iterator[ast.AST]:
    for statement in view.body:
        yield from ast.walk(statement)
