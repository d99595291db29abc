"""The routes of the application: URL rule, view, and the methods it answers to."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from msgspec import Struct

from packer.project.code.constants import Constants
from packer.project.code.module import CodeModule, Site
from packer.project.code.program import Definition, Program
from packer.project.code.scope import FunctionNode, Scope
from packer.project.model import Evidence
from packer.project.routing.application import Application, keyword
from packer.project.routing.blueprints import Blueprints, joined_url

__all__ = ["Route", "read_routes"]

_MAX_RULE = 200
_SHORTCUTS = frozenset({"route", "get", "api_route"})


class Route(Struct, frozen=True, kw_only=True):
    """A rule that answers to GET.

    Attributes:
        url: the rule behind its prefix, converters and all: `/users/<int:id>`.
        view: the function that answers; None when it was not found.
        scope: the scope that the view's definition stands in.
    """

    url: str
    view: FunctionNode | None
    scope: Scope
    evidence: Evidence


def read_routes(
    program: Program, application: Application, blueprints: Blueprints, constants: Constants
) -> tuple[Route, ...]:
    """The routes of the application and its mounted blueprints, in the order of the program."""
    reader = _Reader(program, application, blueprints, constants)
    return tuple(route for module in program.modules for route in reader.module(module))


class _Reader:
    def __init__(
        self, program: Program, application: Application, blueprints: Blueprints, constants: Constants
    ) -> None:
        self._program = program
        self._application = application
        self._blueprints = blueprints
        self._constants = constants

    def module(self, module: CodeModule) -> Iterator[Route]:
        for site in module.functions:
            for decorator in site.node.decorator_list:
                match decorator:
                    case ast.Call(func=ast.Attribute(attr=name, value=owner)) if name in _SHORTCUTS:
                        yield from self._routes(decorator, owner, site.scope, site.node)
                    case _:
                        continue
        for call in module.calls:
            match call.node.func:
                case ast.Attribute(attr="add_url_rule", value=owner):
                    yield from self._routes(call.node, owner, call.scope, self._view(call))
                case _:
                    continue

    def _view(self, call: Site[ast.Call]) -> FunctionNode | None:
        given = keyword(call.node, "view_func", 2)
        meaning = self._program.meaning(given, call.scope) if given is not None else None
        if isinstance(meaning, Definition) and isinstance(meaning.node, FunctionNode):
            return meaning.node
        return None

    def _routes(self, call: ast.Call, owner: ast.expr, scope: Scope, view: FunctionNode | None) -> Iterator[Route]:
        given = keyword(call, "rule", 0) or keyword(call, "path")
        rule = self._constants.value(given, scope) if given is not None else None
        if not isinstance(rule, str) or not rule.isprintable() or len(rule) > _MAX_RULE or not _answers_get(call):
            return
        for prefix in self._prefixes(owner, scope):
            url = joined_url(prefix, rule)
            if url.startswith("/"):
                yield Route(url=url, view=view, scope=scope, evidence=self._program.evidence(scope, call))

    def _prefixes(self, owner: ast.expr, scope: Scope) -> tuple[str, ...]:
        """Where a rule of `owner` is mounted: nowhere when it is another application than the one to start."""
        blueprint = self._blueprints.of(owner, scope)
        if blueprint is not None:
            return blueprint.prefixes
        meaning = self._program.meaning(owner, scope)
        made = self._application.call
        if isinstance(meaning, Definition) and isinstance(meaning.node, ast.Call) and made is not None:
            other = meaning.key != (made.scope.path, made.node.lineno, made.node.col_offset)
            return () if other and self._is_application(meaning) else ("",)
        return ("",)

    def _is_application(self, meaning: Definition) -> bool:
        assert isinstance(meaning.node, ast.Call)
        made = self._application.call
        assert made is not None
        name = self._program.name_of(meaning.node.func, meaning.scope)
        return name is not None and name == self._program.name_of(made.node.func, made.scope)


def _answers_get(call: ast.Call) -> bool:
    methods = keyword(call, "methods")
    if isinstance(methods, ast.List | ast.Tuple | ast.Set):
        names = {
            item.value.upper()
            for item in methods.elts
            if isinstance(item, ast.Constant) and isinstance(item.value, str)
        }
        return "GET" in names
    return True
