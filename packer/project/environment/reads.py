"""Where the code reads the environment: `os.environ` and `os.getenv`, directly and through functions of its own."""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Iterator
from functools import cache, cached_property
from typing import Literal

from msgspec import Struct

from packer.project.code.module import Site
from packer.project.code.program import Definition, Outside, Program
from packer.project.code.scope import NO_DEFAULT, FunctionNode, Scope
from packer.project.routing.application import keyword
from packer.regex import regex

__all__ = ["Read", "environment_reads"]

ReadKind = Literal["item", "get", "present", "checked"]
"""`item` fails without the variable; `get` gives None; `present` only asks; `checked` raises an error of its own."""

_NAME = regex(r"[A-Za-z_][A-Za-z0-9_]{0,120}")
_ENVIRON_PARAMETERS = frozenset({"environ", "env", "environment", "envvars", "env_vars"})
_DEFAULT_PARAMETERS = frozenset({"default", "fallback", "default_value", "default_val"})
_MAX_ROUNDS = 4


class Read(Struct, frozen=True, kw_only=True):
    """One reading of one variable; `default` is the expression that stands in for it, None without one."""

    name: str
    kind: ReadKind
    default: ast.expr | None
    site: Site[ast.Call] | Site[ast.Subscript] | Site[ast.Compare]


class _Template(Struct, frozen=True):
    """A variable's name as a function builds it: a parameter between two texts."""

    parameter: str
    prefix: str
    suffix: str
    kind: ReadKind


def environment_reads(program: Program) -> tuple[Read, ...]:
    """Every reading in the modules of a program, in their order."""
    finder = _Finder(program)
    return (*finder.direct, *finder.through_functions())


class _Finder:
    def __init__(self, program: Program) -> None:
        self._program = program
        self._templates: dict[FunctionNode, list[_Template]] = defaultdict(list)
        self._refuses = cache(_refuses)

    @cached_property
    def direct(self) -> tuple[Read, ...]:
        """Readings with a name that stands there; those with a parameter for a name are kept as templates."""
        return tuple(self._direct())

    def _direct(self) -> Iterator[Read]:
        for module in self._program.modules:
            for item in module.subscripts:
                if isinstance(item.node.ctx, ast.Load) and self._is_environ(item.node.value, item.scope):
                    yield from self._named(item.node.slice, "item", None, item)
            for call in module.calls:
                if self._gets(call):
                    default = call.node.args[1] if len(call.node.args) > 1 else keyword(call.node, "default")
                    yield from self._named(call.node.args[0], "get", default, call)
            for test in module.comparisons:
                match test.node:
                    case ast.Compare(left=name, ops=[ast.In() | ast.NotIn()], comparators=[container]):
                        if self._is_environ(container, test.scope):
                            yield from self._named(name, "present", None, test)
                    case _:
                        continue

    def _gets(self, call: Site[ast.Call]) -> bool:
        if not call.node.args:
            return False
        function = call.node.func
        if isinstance(function, ast.Attribute) and function.attr in {"get", "pop"}:
            return self._is_environ(function.value, call.scope)
        return self._program.name_of(function, call.scope) == "os.getenv"

    def _is_environ(self, node: ast.expr, scope: Scope) -> bool:
        if isinstance(node, ast.Name) and node.id in _ENVIRON_PARAMETERS and self._is_parameter(node.id, scope):
            return self._environ_is_passed and not _is_wsgi(scope)
        match self._program.meaning(node, scope):
            case Outside(name="os.environ"):
                return True
            case Definition(node=ast.Call(func=ast.Attribute(value=source, attr="copy"))) as found:
                return self._program.name_of(source, found.scope) == "os.environ"
            case Definition(node=ast.Call(func=ast.Name(id="dict"), args=[source, *_])) as found:
                return self._program.name_of(source, found.scope) == "os.environ"
            case _:
                return False

    @cached_property
    def _environ_is_passed(self) -> bool:
        """Whether the program hands `os.environ` to a function of its own."""
        return any(
            self._program.name_of(argument, call.scope) == "os.environ"
            for module in self._program.modules
            for call in module.calls
            for argument in (*call.node.args, *(one.value for one in call.node.keywords))
            if isinstance(argument, ast.Attribute | ast.Name)
        )

    def _is_parameter(self, name: str, scope: Scope) -> bool:
        found = scope.lookup(name)
        return found is not None and any(bound.value is NO_DEFAULT for bound in found[1])

    def _named(
        self,
        name: ast.expr,
        kind: ReadKind,
        default: ast.expr | None,
        site: Site[ast.Call] | Site[ast.Subscript] | Site[ast.Compare],
    ) -> Iterator[Read]:
        for text in self._texts(name, site.scope):
            yield Read(name=text, kind=kind, default=default if kind == "item" else default or _other(site), site=site)
        function = site.scope.function
        sure = kind if not site.tests and not site.tried else "get"
        template = self._template(name, sure, site.scope)
        if template is not None and function is not None:
            self._templates[function].append(template)

    def _texts(self, node: ast.expr, scope: Scope) -> Iterator[str]:
        """The names that an expression stands for: several when it is the variable of a loop."""
        found = scope.lookup(node.id) if isinstance(node, ast.Name) else None
        values = [bound.value for bound in found[1]] if found else [node]
        for value in values:
            if isinstance(value, ast.Constant) and isinstance(value.value, str) and _NAME.fullmatch(value.value):
                yield value.value
        meaning = self._program.meaning(node, scope) if not found else None
        if isinstance(meaning, Definition) and meaning.node is not node and isinstance(meaning.node, ast.Constant):
            yield from self._texts(meaning.node, meaning.scope)

    def _template(self, node: ast.expr, kind: ReadKind, scope: Scope) -> _Template | None:
        match node:
            case ast.Name(id=name) if self._is_parameter(name, scope):
                return _Template(name, "", "", kind)
            case ast.JoinedStr(values=[ast.FormattedValue(value=ast.Name(id=name)), ast.Constant(value=str(suffix))]):
                return _Template(name, "", suffix, kind) if self._is_parameter(name, scope) else None
            case ast.JoinedStr(values=[ast.Constant(value=str(prefix)), ast.FormattedValue(value=ast.Name(id=name))]):
                return _Template(name, prefix, "", kind) if self._is_parameter(name, scope) else None
            case _:
                return None

    def through_functions(self) -> Iterator[Read]:
        """Readings by calls of functions that take the variable's name, or hand it on to such a function."""
        done: set[tuple[FunctionNode, _Template]] = set()
        for _ in range(_MAX_ROUNDS):
            fresh = {node: [one for one in found if (node, one) not in done] for node, found in self._templates.items()}
            done |= {(node, one) for node, found in fresh.items() for one in found}
            if not any(fresh.values()):
                return
            for module in self._program.modules:
                for call in module.calls:
                    meaning = self._program.meaning(call.node.func, call.scope)
                    if isinstance(meaning, Definition) and isinstance(meaning.node, FunctionNode):
                        for template in fresh.get(meaning.node, ()):
                            yield from self._by_call(call, meaning.node, template)

    def _by_call(self, call: Site[ast.Call], function: FunctionNode, template: _Template) -> Iterator[Read]:
        given = _argument(call.node, function, template.parameter)
        if given is None:
            return
        default = next(
            (found for name in _DEFAULT_PARAMETERS if (found := _argument(call.node, function, name)) is not None), None
        )
        kind = template.kind
        if kind == "get" and self._refuses(function):
            kind = "checked"
        if kind == "get":
            default = default or _other(call)
        if template.suffix:
            default = None  # `NAME_FILE`: the default is that of NAME
        for name in self._texts(given, call.scope):
            full = template.prefix + name + template.suffix
            yield Read(name=full, kind=kind if default is None else "get", default=default, site=call)
        caller = call.scope.function
        inner = self._template(given, kind, call.scope)
        if inner is not None and caller is not None:
            whole = _Template(
                inner.parameter, template.prefix + inner.prefix, inner.suffix + template.suffix, inner.kind
            )
            if whole not in self._templates[caller]:
                self._templates[caller].append(whole)


def _other(site: Site[ast.Call] | Site[ast.Subscript] | Site[ast.Compare]) -> ast.expr | None:
    """The last operand of the `or` that a reading is the beginning of."""
    match site.parent:
        case ast.BoolOp(op=ast.Or(), values=[*others, last]) if site.node in others:
            return last
        case _:
            return None


def _argument(call: ast.Call, function: FunctionNode, parameter: str) -> ast.expr | None:
    names = [argument.arg for argument in (*function.args.posonlyargs, *function.args.args)]
    bound = bool(names) and names[0] in {"self", "cls"} and isinstance(call.func, ast.Attribute)
    position = names.index(parameter) - bound if parameter in names else None
    return keyword(call, parameter, position)


def _refuses(function: FunctionNode) -> bool:
    """Whether a function that reads the environment raises an error of its own for a missing variable."""
    return any(
        isinstance(node, ast.If)
        and any(isinstance(inner, ast.Raise) for inner in node.body)
        and _tests_for_nothing(node.test)
        for node in ast.walk(function)
    )


def _tests_for_nothing(test: ast.expr) -> bool:
    match test:
        case ast.UnaryOp(op=ast.Not()) | ast.Compare(ops=[ast.Is()], comparators=[ast.Constant(value=None)]):
            return True
        case _:
            return False


def _is_wsgi(scope: Scope) -> bool:
    function = scope.function
    return function is not None and any(argument.arg == "start_response" for argument in function.args.args)
