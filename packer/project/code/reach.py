"""Which modules of the project production loads: those that the application imports, directly or through others.

Besides import statements it follows what frameworks import by name: dotted texts (`from_object("shop.config.Live")`),
and whole packages where code imports what it finds in a folder.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Callable, Iterator
from itertools import filterfalse

from packer.project.app.modules import ModuleIndex
from packer.project.app.places import folder_of, is_foreign
from packer.project.app.values import Module
from packer.project.code.module import CodeModule, ImportStatement

__all__ = ["MAX_MODULES", "reachable"]

MAX_MODULES = 400
"""The nearest ones are read. A Flask application of more modules says the same things in all of them."""

_DOTTED = re.compile(r"[A-Za-z_]\w*(\.[A-Za-z_]\w*)+")
_SEARCHES = frozenset({"iter_modules", "walk_packages", "find_modules", "import_module", "import_string", "__import__"})


def reachable(index: ModuleIndex, start: str, load: Callable[[str], CodeModule | None]) -> Iterator[CodeModule]:
    """The modules that importing `start` loads, nearest first, each once."""
    waiting = deque([start])
    seen = {start}
    count = 0
    while waiting and count < MAX_MODULES:
        module = load(waiting.popleft())
        if module is None:
            continue
        count += 1
        yield module
        for path in (*_imported_by(index, module), *filterfalse(is_foreign, _named_by(index, module))):
            if path not in seen:
                seen.add(path)
                waiting.append(path)


def _imported_by(index: ModuleIndex, module: CodeModule) -> Iterator[str]:
    yield from _packages_of(index, module.path)
    for statement in module.imports:
        yield from _imported(index, module.path, statement)


def _named_by(index: ModuleIndex, module: CodeModule) -> Iterator[str]:
    """Modules that nothing imports by a statement; tests and the like may be among them."""
    for text in module.texts:
        if len(text.value) < 120 and _DOTTED.fullmatch(text.value):
            yield from _named(index, module.path, text.value)
    if any(_searches(site.node.func) for site in module.calls):
        yield from _neighbours(index, module.path)


def _packages_of(index: ModuleIndex, path: str) -> Iterator[str]:
    """The `__init__.py` files that Python runs before the module itself."""
    folder = folder_of(path)
    while folder != "." and index.is_package(folder):
        yield f"{folder}/__init__.py"
        folder = folder_of(folder)


def _imported(index: ModuleIndex, path: str, statement: ImportStatement) -> Iterator[str]:
    if statement.level:
        found = index.relative(path, statement.level, statement.module)
    else:
        found = index.absolute(path, statement.module)
    if found is None:
        return
    yield from _file(found)
    for name in statement.names:
        yield from _file(index.submodule(found, name))


def _named(index: ModuleIndex, path: str, dotted: str) -> Iterator[str]:
    """The module in a dotted text, whose last part may be a name inside it."""
    for name in (dotted, dotted.rpartition(".")[0]):
        found = index.absolute(path, name)
        if found is not None and found.path is not None:
            yield found.path
            return


def _file(module: Module | None) -> Iterator[str]:
    if module is not None and module.path is not None:
        yield module.path


def _searches(function: object) -> bool:
    name = getattr(function, "attr", None) or getattr(function, "id", None)
    return name in _SEARCHES


def _neighbours(index: ModuleIndex, path: str) -> Iterator[str]:
    """Every module of the package that a module is in."""
    folder = folder_of(path)
    if folder != "." and index.is_package(folder):
        yield from (other for other in index.python_paths if other.startswith(f"{folder}/"))
