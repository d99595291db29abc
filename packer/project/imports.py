"""The modules of others that the project's production code imports, and how surely it does."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

from packer.project.app.modules import ModuleIndex, ancestors, joined
from packer.project.app.places import entry_rank, is_aside, is_foreign
from packer.project.app.values import Module
from packer.project.dependencies.names import is_standard
from packer.project.tree import SourceTree

__all__ = ["ForeignImport", "ProductionCode", "imports_in", "read_production_code"]

MAX_MODULES = 2000
_FRAMEWORKS = ("flask", "quart", "dash", "fastapi", "starlette", "django", "connexion", "bottle", "falcon", "sanic")
_FACTORY_NAMES = frozenset({"create_app", "make_app", "app_factory", "build_app", "get_app", "init_app"})

When = Literal["always", "factory", "later", "maybe"]


@dataclass(frozen=True, slots=True)
class ImportedName:
    """One import statement's name: `module` as written, `member` of a `from` import, `level` of its dots.

    `when`: `always` when the module is imported; `factory` when an app factory runs; `later` in another function;
    `maybe` where the failure is caught, for type checkers, or in a module that is run as a script.
    """

    module: str
    member: str | None
    level: int
    line: int
    when: When


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class ForeignImport:
    """A module that the project does not hold and Python does not bring, by its dotted name, and where it is imported.

    A member of a `from` import is part of the name: `google.cloud.storage` for `from google.cloud import storage`.
    """

    module: str
    path: str
    line: int
    when: When


@dataclass(frozen=True, slots=True, kw_only=True)
class ProductionCode:
    """The project's modules that the application leads to, and what they import from others."""

    modules: tuple[str, ...]
    imports: tuple[ForeignImport, ...]


def read_production_code(tree: SourceTree, *, subfolder: str = ".", app_path: str | None = None) -> ProductionCode:
    """Follow the imports from the application through the tree.

    Args:
        tree: the project.
        subfolder: the app's own folder.
        app_path: the file of the application; without it, every module below `subfolder` that imports a web
            framework or is named like an entry point is a beginning, tests and documentation aside.
    """
    index = ModuleIndex(tree)
    todo = [app_path] if app_path else list(_beginnings(tree, subfolder))
    seen: dict[str, None] = {}
    found: dict[ForeignImport, None] = {}
    while todo and len(seen) < MAX_MODULES:
        path = todo.pop(0)
        module = tree.module(path) if path not in seen else None
        seen.setdefault(path)
        for name in imports_in(module) if module else ():
            inner = _inside(index, path, name, subfolder)
            todo += [one for one in inner or () if one not in seen]
            if inner is None and not is_standard(name.module.split(".", 1)[0]):
                dotted = f"{name.module}.{name.member}" if name.member and name.member != "*" else name.module
                found[ForeignImport(module=dotted, path=path, line=name.line, when=name.when)] = None
    return ProductionCode(modules=tuple(sorted(seen)), imports=tuple(sorted(found)))


def _beginnings(tree: SourceTree, subfolder: str) -> Iterator[str]:
    """Modules where the application may begin, likely ones first."""
    below = "" if subfolder == "." else f"{subfolder}/"
    paths = [path for path in tree.paths if path.endswith(".py") and path.startswith(below) and not is_foreign(path)]
    near = [path for path in paths if not is_aside(path.removeprefix(below))] or paths
    for path in sorted(near, key=lambda one: (one.count("/"), -entry_rank(one), one))[:MAX_MODULES]:
        text = tree.read(path) or ""
        if any(f"import {word}" in text or f"from {word}" in text for word in _FRAMEWORKS):
            yield path


def _inside(index: ModuleIndex, path: str, name: ImportedName, subfolder: str) -> list[str] | None:
    """The project's files that an import loads; None when the module is somebody else's."""
    module = (
        index.relative(path, name.level, name.module) if name.level else _absolute(index, path, name.module, subfolder)
    )
    if module is None:
        return [] if name.level else None
    files = [module.path] if module.path else []
    if module.folder is not None:
        files += [init for folder in ancestors(module.folder) if index.tree.has(init := joined(folder, "__init__.py"))]
        member = index.under(module.folder, name.member) if name.member and name.member != "*" else None
        files += [member.path] if member and member.path else []
    return files


def _absolute(index: ModuleIndex, path: str, dotted: str, subfolder: str) -> Module | None:
    """The project's module of this name, in the folders that may be on the path.

    A package's own folder is none of them: in `shop/tasks.py`, `import celery` does not mean `shop/celery.py`.
    """
    for root in dict.fromkeys((subfolder, *index.roots_of(path))):
        if root in {subfolder, "."} or not index.is_package(root):
            found = index.under(root, dotted) or _prefix(index, root, dotted)
            if found is not None and found.path != path:
                return found
    return None


def _prefix(index: ModuleIndex, root: str, dotted: str) -> Module | None:
    """The first part of a dotted name, where it is the project's: its member may be made when it runs."""
    top = dotted.split(".", 1)[0]
    found = index.under(root, top) if "." in dotted else None
    return found if found and found.path else None


def imports_in(module: ast.Module) -> Iterator[ImportedName]:
    """Every import of a module, with how surely it runs."""
    yield from _imports(module.body, "always")


def _imports(body: Iterable[ast.AST], when: When) -> Iterator[ImportedName]:
    for node in body:
        match node:
            case ast.Import(names=names):
                for alias in names:
                    yield ImportedName(alias.name, None, 0, node.lineno, when)
            case ast.ImportFrom(module=dotted, names=names, level=level):
                for alias in names:
                    yield ImportedName(dotted or "", alias.name, level, node.lineno, when)
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name):
                inner: When = "factory" if name in _FACTORY_NAMES else "later"
                yield from _imports(node.body, when if when == "maybe" else inner)
            case ast.Try():
                caught = any(_catches_import_errors(handler) for handler in node.handlers)
                yield from _imports(ast.iter_child_nodes(node), "maybe" if caught else when)
            case ast.If(test=test):
                yield from _imports(node.body, "maybe" if _is_aside(test) else when)
                yield from _imports(node.orelse, "maybe" if _is_aside(test) else when)
            case ast.stmt() | ast.ExceptHandler() | ast.match_case():
                yield from _imports(ast.iter_child_nodes(node), when)
            case _:
                continue


def _catches_import_errors(handler: ast.ExceptHandler) -> bool:
    names = {node.id for node in ast.walk(handler.type) if isinstance(node, ast.Name)} if handler.type else set()
    return handler.type is None or bool(names & {"ImportError", "ModuleNotFoundError", "Exception", "BaseException"})


def _is_aside(test: ast.expr) -> bool:
    """Whether a condition is about type checkers, the Python at hand, the platform, or being run as a script."""
    text = ast.dump(test)
    return any(word in text for word in ("TYPE_CHECKING", "version_info", "'__name__'", "PY2", "PY3", "'platform'"))
