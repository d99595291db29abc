"""The application object that will be started: where it is made, and the folders it takes for its own."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from msgspec import Struct

from packer.project.app.evaluate import Evaluator
from packer.project.app.frameworks import constructor_named
from packer.project.app.modules import ModuleIndex, joined
from packer.project.app.places import folder_of
from packer.project.app.values import App, Function
from packer.project.code.constants import Constants
from packer.project.code.module import Site
from packer.project.code.program import Program
from packer.project.code.scope import Scope
from packer.project.code.values import in_project
from packer.project.model import AppCandidate

__all__ = ["Application", "find_application", "keyword"]


class Application(Struct, frozen=True, kw_only=True):
    """An application object of Flask or one of its kin (Quart, Dash, …).

    Attributes:
        call: where it is constructed; None when the place was not found, and then the folders are those of the entry.
        root_path: the folder that Flask's relative folders start from, relative to the project's root.
        instance_path: the folder that Flask keeps run-time files in, relative to the project's root; None when it
            lies outside the tree.
    """

    call: Site[ast.Call] | None
    root_path: str
    instance_path: str | None


def find_application(program: Program, candidate: AppCandidate, constants: Constants) -> Application:
    """The object that `candidate.target` names."""
    call = _construction(program, candidate)
    if call is None:
        root = folder_of(candidate.path)
        return Application(call=None, root_path=root, instance_path=joined(candidate.import_root, "instance"))
    root, top = _folders(program, call, constants)
    given = keyword(call.node, "instance_path", 7)
    instance: str | None = joined(top, "instance")
    if given is not None and not _is_none(given, call.scope):
        instance = in_project(constants.value(given, call.scope), program.working_directory)
    return Application(call=call, root_path=root, instance_path=instance)


def keyword(call: ast.Call, name: str, position: int | None = None) -> ast.expr | None:
    """An argument of a call, by name or by position."""
    named = next((one.value for one in call.keywords if one.arg == name), None)
    if named is None and position is not None and position < len(call.args):
        return call.args[position]
    return named


def _construction(program: Program, candidate: AppCandidate) -> Site[ast.Call] | None:
    constructs = _Constructors(program)
    calls = [site for module in program.modules for site in module.calls if constructs(site)]
    if len(calls) == 1:
        return calls[0]
    by_place = {(site.scope.path, site.node.lineno): site for site in reversed(calls)}
    return next((by_place[place] for place in _places(program.index, candidate) if place in by_place), None)


def _places(index: ModuleIndex, candidate: AppCandidate) -> Iterator[tuple[str, int]]:
    """Where the candidate's object is made: as its evidence says, else as the search for the application sees it."""
    for evidence in candidate.evidence:
        yield evidence.path, evidence.line
    evaluator = Evaluator(index)
    name = candidate.target.partition(":")[2].partition("(")[0].partition(".")[0]
    value = evaluator.named(candidate.path, name)
    if isinstance(value, Function):
        value = evaluator.returned(value)
    if isinstance(value, App):
        yield value.path, value.line


class _Constructors:
    """Whether a call makes an application: one of a known constructor, or of a class derived from one.

    A large project makes a hundred thousand calls of a few thousand names: each is looked up once in the scope that
    binds it.
    """

    def __init__(self, program: Program) -> None:
        self._program = program
        self._known: dict[tuple[str, str, Scope], bool] = {}

    def __call__(self, site: Site[ast.Call]) -> bool:
        """Whether the call of this site makes one."""
        match site.node.func:
            case ast.Name(id=name):
                attribute = ""
            case ast.Attribute(value=ast.Name(id=name), attr=attribute):
                pass
            case _:
                return self._makes_one(site)
        found = site.scope.lookup(name)
        key = (name, attribute, found[0] if found else site.scope)
        if key not in self._known:
            self._known[key] = self._makes_one(site)
        return self._known[key]

    def _makes_one(self, site: Site[ast.Call]) -> bool:
        constructors = map(constructor_named, self._program.ancestry(site.node.func, site.scope))
        return any(constructor is not None and constructor.certain for constructor in constructors)


def _folders(program: Program, call: Site[ast.Call], constants: Constants) -> tuple[str, str]:
    """Flask's root path, and the folder that holds the application's top package or module."""
    folder = folder_of(call.scope.path)
    top = folder
    while top != "." and program.index.is_package(top):
        top = folder_of(top)
    given = keyword(call.node, "root_path", 9)
    if given is not None:
        stated = in_project(constants.value(given, call.scope), program.working_directory)
        return (stated or folder), top
    named = keyword(call.node, "import_name", 0)
    if isinstance(named, ast.Constant) and isinstance(named.value, str) and named.value.isidentifier():
        package = program.index.under(top, named.value)
        if package is not None and package.folder is not None and program.index.is_package(package.folder):
            return package.folder, top
    if _is_top_package(named) and folder != top:
        inner = folder.removeprefix(f"{top}/") if top != "." else folder
        return joined(top, inner.partition("/")[0]), top
    return folder, top


def _is_top_package(named: ast.expr | None) -> bool:
    """Whether the import name is `__name__.split(".")[0]`."""
    match named:
        case ast.Subscript(value=ast.Call(func=ast.Attribute(value=ast.Name(id="__name__"), attr="split"))):
            return True
        case _:
            return False


def _is_none(node: ast.expr, scope: Scope) -> bool:
    """Whether an expression is None, or a parameter that is None unless a caller says otherwise."""
    found = scope.lookup(node.id) if isinstance(node, ast.Name) else None
    values = [bound.value for bound in found[1]] if found else [node]
    return all(isinstance(value, ast.Constant) and value.value is None for value in values)
