"""The modules of others that the project's production code imports, and how surely it does."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from msgspec import Struct

from packer.project.app.modules import ModuleIndex, ancestors, joined
from packer.project.app.pages import page_modules
from packer.project.app.places import entry_rank, is_aside, is_foreign
from packer.project.app.values import Module
from packer.project.import_statements import WEAKER, ImportedName, ImportStatements, When
from packer.project.standard_library import is_standard
from packer.project.tree import SourceTree

__all__ = ["ForeignImport", "ProductionCode", "read_production_code"]

MAX_MODULES = 2000
MAX_BEGINNINGS = 300
"""Files that are searched for a framework where the application is not known yet."""
_FRAMEWORKS = ("flask", "quart", "dash", "fastapi", "starlette", "django", "connexion", "bottle", "falcon", "sanic")


class ForeignImport(Struct, frozen=True, kw_only=True, order=True):
    """A module that the project does not hold, by its dotted name, and where it is imported.

    A member of a `from` import is part of the name: `google.cloud.storage` for `from google.cloud import storage`.
    `when` is the weakest link on the way from the application: what a module imports counts for no more than the
    import of that module itself.
    """

    module: str
    path: str
    line: int
    when: When


class ProductionCode(Struct, frozen=True, kw_only=True):
    """What the application leads to.

    Attributes:
        modules: the project's modules that it loads, but for those whose absence it would survive.
        imports: the modules of others, neither the project's nor Python's.
        standard: the modules of Python itself.
    """

    modules: tuple[str, ...]
    imports: tuple[ForeignImport, ...]
    standard: tuple[ForeignImport, ...] = ()


def read_production_code(
    tree: SourceTree,
    *,
    subfolder: str = ".",
    app_path: str | None = None,
    statements: ImportStatements | None = None,
) -> ProductionCode:
    """Follow the imports from the application through the tree, the surest ways first.

    Args:
        tree: the project.
        subfolder: the app's own folder.
        app_path: the file of the application; without it, every module below `subfolder` that imports a web
            framework is a beginning, tests and documentation aside.
        statements: what has been read of the same tree before.
    """
    statements = statements or ImportStatements(tree)
    index = statements.index
    todo: dict[When, list[str]] = {when: [] for when in WEAKER}
    todo["always"] += [app_path] if app_path else _beginnings(tree, subfolder)
    seen: dict[str, When] = {}
    found: dict[ForeignImport, None] = {}
    for reached in WEAKER:
        while todo[reached] and len(seen) < MAX_MODULES:
            path = todo[reached].pop(0)
            if path in seen:
                continue
            seen[path] = reached
            for name in statements.of(path):
                when = max(reached, name.when, key=WEAKER.index)
                inner = _inside(index, path, name, subfolder)
                if inner is None:
                    dotted = f"{name.module}.{name.member}" if name.member and name.member != "*" else name.module
                    found[ForeignImport(module=dotted, path=path, line=name.line, when=when)] = None
                todo[when] += inner or ()
            todo[reached] += _pages(index, path)
    standard = {one: is_standard(one.module.split(".", 1)[0]) for one in sorted(found)}
    return ProductionCode(
        modules=tuple(sorted(path for path, reached in seen.items() if reached != "maybe")),
        imports=tuple(one for one, own in standard.items() if not own),
        standard=tuple(one for one, own in standard.items() if own),
    )


def _pages(index: ModuleIndex, path: str) -> Iterator[str]:
    """The modules that Dash imports by itself, where the module makes such an application."""
    module = index.tree.module(path) if "pages" in (index.tree.read(path) or "") else None
    if module is not None:
        for node in ast.walk(module):
            if isinstance(node, ast.Call):
                yield from page_modules(index, path, node)


def _beginnings(tree: SourceTree, subfolder: str) -> Iterator[str]:
    """Modules where the application may begin, likely ones first."""
    below = "" if subfolder == "." else f"{subfolder}/"
    paths = [path for path in tree.paths if path.endswith(".py") and path.startswith(below) and not is_foreign(path)]
    near = [path for path in paths if not is_aside(path.removeprefix(below))] or paths
    for path in sorted(near, key=lambda one: (one.count("/"), -entry_rank(one), one))[:MAX_BEGINNINGS]:
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

    A package's own folder is none of them: in `shop/tasks.py`, `import celery` does not mean `shop/celery.py`. A module
    does not import itself, but a package may import its parts by its own name.
    """
    for root in dict.fromkeys((subfolder, *index.roots_of(path))):
        if root in {subfolder, "."} or not index.is_package(root):
            found = index.under(root, dotted) or _prefix(index, root, dotted)
            if found is not None and (found.path != path or found.folder is not None):
                return found
    return None


def _prefix(index: ModuleIndex, root: str, dotted: str) -> Module | None:
    """The first part of a dotted name, where it is the project's: its member may be made when it runs."""
    top = dotted.split(".", 1)[0]
    found = index.under(root, top) if "." in dotted else None
    return found if found and found.path else None
