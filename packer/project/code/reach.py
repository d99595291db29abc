"""Which modules of the project production loads: those that the application imports, directly or through others.

Besides import statements it follows what frameworks import by name: dotted texts (`from_object("shop.config.Live")`),
whole packages where code imports what it finds in a folder, and the pages of Dash.
"""

from __future__ import annotations

import ast
import posixpath
from collections import deque
from collections.abc import Callable, Iterator
from itertools import filterfalse

from packer.project.app.modules import ModuleIndex, ancestors, joined
from packer.project.app.pages import page_modules
from packer.project.app.places import folder_of, is_foreign
from packer.project.app.values import Module
from packer.project.code.module import CodeModule, ImportStatement
from packer.regex import regex

__all__ = ["MAX_MODULES", "reachable"]

MAX_MODULES = 400
"""The nearest ones are read. A Flask application of more modules says the same things in all of them."""

MAX_SOURCE = 8 * 1024 * 1024
"""The nearest characters of source that are read."""

_DOTTED = regex(r"[A-Za-z_]\w*(\.[A-Za-z_]\w*)+")
_CONFIGURATIONS = ("config", "settings", "configuration", "default_settings", "conf")
_SEARCHES = frozenset({"iter_modules", "walk_packages", "find_modules", "import_module", "import_string", "__import__"})


def reachable(index: ModuleIndex, start: str, load: Callable[[str], CodeModule | None]) -> Iterator[CodeModule]:
    """The modules that importing `start` loads, nearest first, each once."""
    waiting = deque([start])
    seen = {start}
    count = size = 0
    while waiting and count < MAX_MODULES and size < MAX_SOURCE:
        path = waiting.popleft()
        module = load(path)
        if module is None:
            continue
        count += 1
        size += len(index.tree.read(path) or "")
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
    names = {_called_name(site.node.func) for site in module.calls}
    if names & _SEARCHES:
        yield from _neighbours(index, module.path)
    if "from_object" in names:
        yield from _configurations(index, module.path)
    for site in module.calls:
        yield from page_modules(index, module.path, site.node)
        match site.node:
            case ast.Call(func=ast.Attribute(attr="from_pyfile"), args=[ast.Constant(value=str(name)), *_]):
                yield from _configuration_file(index, module.path, name)
            case _:
                continue


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


def _called_name(function: ast.expr) -> str:
    match function:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name
        case _:
            return ""


def _configurations(index: ModuleIndex, path: str) -> Iterator[str]:
    """Modules that an environment variable may name: `from_object(os.environ["APP_SETTINGS"])`."""
    for folder in ancestors(folder_of(path)):
        for name in _CONFIGURATIONS:
            yield from _file(index.under(folder, name))


def _configuration_file(index: ModuleIndex, path: str, name: str) -> Iterator[str]:
    """A file of settings, beside the module or in the root of the project; Flask takes any ending for Python."""
    for folder in dict.fromkeys((folder_of(path), ".")):
        full = posixpath.normpath(joined(folder, name))
        if index.tree.has(full):
            yield full
            return


def _neighbours(index: ModuleIndex, path: str) -> Iterator[str]:
    """Every module of the package that a module is in."""
    folder = folder_of(path)
    if folder != "." and index.is_package(folder):
        yield from (other for other in index.python_paths if other.startswith(f"{folder}/"))
