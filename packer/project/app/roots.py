"""Which folder must be on Python's path for a module to find its imports, and in which folder it expects to run."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator

from msgspec import Struct
from msgspec.structs import replace

from packer.project.app.bindings import ImportStep
from packer.project.app.frameworks import FRAMEWORK_PACKAGES
from packer.project.app.modules import ModuleIndex, ancestors, joined
from packer.project.app.places import folder_of
from packer.project.app.syntax import every_statement
from packer.regex import regex

__all__ = ["APP_FOLDER", "Home", "RootFinder", "dotted_name"]

APP_FOLDER = "app"
"""The name of the folder that holds the project in the image (`/app`), and so of a package that is the root itself."""

_MAX_CLOSURE = 60
_RELATIVE_FILE = regex(r"""["']((?:\./)?[\w\-]+(?:/[\w\-.]+)*\.\w{1,8})["']""")


class Home(Struct, frozen=True, kw_only=True):
    """Where a module lives for Python.

    Attributes:
        root: the folder to put on the path; `..` where the project's root is itself the package, which then has the
            name of the folder that the image gives it.
        module: the module's dotted name from there.
        extra: further folders that its imports need on the path.
    """

    root: str
    module: str
    extra: tuple[str, ...] = ()


class _Wanted(Struct, frozen=True):
    """An absolute import of something that is somewhere in the project."""

    importer: str
    dotted: str
    member: str | None
    roots: frozenset[str] = frozenset()


class RootFinder:
    """Finds homes of modules, reading the imports of each module once."""

    def __init__(self, index: ModuleIndex, distributions: frozenset[str]) -> None:
        self._index = index
        self._foreign = (
            FRAMEWORK_PACKAGES | sys.stdlib_module_names | {name.replace("-", "_") for name in distributions}
        )
        self._imports: dict[str, tuple[ast.Import | ast.ImportFrom, ...]] = {}
        self._texts: dict[str, frozenset[str]] = {}
        self._all = frozenset(index.tree.paths)
        self._homes: dict[tuple[str, str | None], Home | None] = {}
        self._closures: dict[str, tuple[str, ...]] = {}
        self._imported: dict[str, tuple[str, ...]] = {}

    def home(self, path: str, wished: str | None = None) -> Home | None:
        """The home of a module; None where no folder makes it importable.

        Args:
            path: the module's file.
            wished: a root that one of the project's own files names; it wins where it makes the module importable.
        """
        key = (path, wished)
        if key not in self._homes:
            self._homes[key] = self._find_home(path, wished)
        return self._homes[key]

    def working_directory(self, path: str, home: Home) -> str:
        """The folder in which the relative file names that the module and its neighbours use exist."""
        inner = home.root if home.root != "." else folder_of(path)
        if inner == "." or inner.rpartition("/")[2] == "src" or (home.root == "." and self._index.is_package(inner)):
            return "."
        near, far = 0, 0
        for module in self._closure(path)[:40]:
            for name in self._file_names(module):
                near += self._exists(joined(inner, name))
                far += self._exists(name)
        if near != far:
            return inner if near > far else "."
        return home.root

    def imported_by(self, path: str) -> tuple[str, ...]:
        """The project's modules that a module imports anywhere, inside its functions too."""
        if path not in self._imported:
            targets = (found for node in self._import_nodes(path) for found in self._targets(path, node))
            self._imported[path] = tuple(dict.fromkeys(targets))
        return self._imported[path]

    def _find_home(self, path: str, wished: str | None) -> Home | None:
        if self._is_inside_a_package(path):
            inner = dotted_name(path, ".").removesuffix("__init__")
            return Home(root="..", module=f"{APP_FOLDER}.{inner}".rstrip("."))
        wanted = tuple(self._wanted(path))
        options = self._options(path)
        if not options:
            return None
        if wished is not None and wished in options:
            best = wished
        else:
            natural = self._natural_root(path)
            counts = {root: sum(root in want.roots for want in wanted) for root in options}
            best = max(options, key=lambda root: (counts[root], root == natural, root.count("/"), root != "."))
        unmet = [want for want in wanted if best not in want.roots]
        extra: list[str] = []
        for want in unmet:
            fitting = [root for root in self._index.roots_of(want.importer) if root in want.roots]
            plain = [root for root in fitting if not self._index.is_package(root)]
            fitting = plain or [root for root in fitting if self._hides_nothing(root)]
            if fitting and not set(fitting) & set(extra):
                extra.append(fitting[0])
        return Home(root=best, module=dotted_name(path, best), extra=tuple(extra))

    def _hides_nothing(self, package: str) -> bool:
        """Whether a package's folder may be on the path, for modules that import their neighbours as in Python 2.

        What lies there must have no name that Python itself or a distribution has.
        """
        inside = (
            path[len(package) + 1 :].split("/", 1)[0]
            for path in self._index.python_paths
            if path.startswith(package + "/")
        )
        return all(name.removesuffix(".py") not in self._foreign for name in inside)

    def _natural_root(self, path: str) -> str:
        """The first folder above a module that is not a package."""
        return next(
            folder for folder in ancestors(folder_of(path)) if folder == "." or not self._index.is_package(folder)
        )

    def _options(self, path: str) -> list[str]:
        """The folders from which a module can be imported, the lowest first."""
        options = [root for root in ancestors(self._relative_floor(path)) if self._importable(path, root)]
        return options or (["."] if path == "__init__.py" else [])

    def _is_inside_a_package(self, path: str) -> bool:
        """Whether relative imports lead above the project's root, which makes the root itself a package."""
        for module in self._closure(path):
            facts = self._index.facts(module)
            for step in facts.steps if facts else ():
                if isinstance(step, ImportStep) and step.level > module.count("/") and not step.tolerant:
                    return True
        return False

    def _relative_floor(self, path: str) -> str:
        """The lowest root that the relative imports of a module and of its neighbours allow."""
        folder = folder_of(folder_of(path)) if path.endswith("__init__.py") else folder_of(path)
        for module in self._closure(path):
            levels = [node.level for node in self._import_nodes(module) if isinstance(node, ast.ImportFrom)]
            floor = folder_of(module)
            for _ in range(max(levels, default=0)):
                floor = folder_of(floor)
            if floor == "." or folder.startswith(floor + "/"):
                folder = floor
        return folder

    def _importable(self, path: str, root: str) -> bool:
        name = dotted_name(path, root)
        stem = path.rpartition("/")[2].removesuffix(".py")
        if not name or "." in stem or name == "__main__":  # the server's own module has that name
            return False
        found = self._index.under(root, name)
        return found is not None and found.path == path

    def _closure(self, path: str) -> tuple[str, ...]:
        """The modules that a module leads to by any import, itself first."""
        if path not in self._closures:
            self._closures[path] = self._follow(path)
        return self._closures[path]

    def _follow(self, path: str) -> tuple[str, ...]:
        seen = {path: None}
        waiting = [path]
        while waiting and len(seen) < _MAX_CLOSURE:
            for found in self.imported_by(waiting.pop()):
                if found not in seen:
                    seen[found] = None
                    waiting.append(found)
        return tuple(seen)

    def _targets(self, path: str, node: ast.Import | ast.ImportFrom) -> Iterator[str]:
        if isinstance(node, ast.Import):
            modules = [self._index.absolute(path, alias.name) for alias in node.names]
        elif node.level:
            modules = [self._index.relative(path, node.level, node.module or "")]
        else:
            modules = [self._index.absolute(path, node.module or "", node.names[0].name)]
        for module in modules:
            if module is None:
                continue
            if module.path is not None:
                yield module.path
            for alias in node.names if isinstance(node, ast.ImportFrom) else ():
                inner = self._index.submodule(module, alias.name)
                if inner is not None and inner.path is not None:
                    yield inner.path

    def _wanted(self, path: str) -> Iterator[_Wanted]:
        for module in self._closure(path):
            for node in self._import_nodes(module):
                for want in _absolute_imports(module, node):
                    top = want.dotted.partition(".")[0]
                    if top in FRAMEWORK_PACKAGES:
                        continue
                    roots = self._satisfying(want)
                    if top in self._foreign:  # a module inside a package hides nothing that is installed
                        roots = frozenset(root for root in roots if not self._index.is_package(root))
                    if roots:
                        yield replace(want, roots=roots)

    def _satisfying(self, want: _Wanted) -> frozenset[str]:
        """The roots from which an import finds what it wants, the member too where they differ in what they find."""
        found = {root: self._index.under(root, want.dotted) for root in self._index.roots_of(want.importer)}
        modules = {
            root: module for root, module in found.items() if module is not None and module.path != want.importer
        }
        member = want.member
        if member is None or member == "*":
            return frozenset(root for root, module in modules.items() if module.path is not None)
        unclear = len({(module.path, module.folder) for module in modules.values()}) > 1
        return frozenset(
            root
            for root, module in modules.items()
            if (module.path is not None and not unclear) or self._index.has_member(module, member)
        )

    def _import_nodes(self, path: str) -> tuple[ast.Import | ast.ImportFrom, ...]:
        if path not in self._imports:
            module = self._index.tree.module(path)
            nodes = every_statement(module.body) if module else ()
            self._imports[path] = tuple(node for node in nodes if isinstance(node, ast.Import | ast.ImportFrom))
        return self._imports[path]

    def _file_names(self, path: str) -> frozenset[str]:
        if path not in self._texts:
            text = self._index.tree.read(path) or ""
            self._texts[path] = frozenset(name.removeprefix("./") for name in _RELATIVE_FILE.findall(text))
        return self._texts[path]

    def _exists(self, path: str) -> bool:
        return path in self._all


def dotted_name(path: str, root: str) -> str:
    """A module's dotted name from a root; the root's own `__init__.py` can be imported under just that name.

    >>> dotted_name("src/shop/__init__.py", "src"), dotted_name("wsgi.py", ".")
    ('shop', 'wsgi')
    """
    stem = path.removesuffix(".py")
    inside = stem if root == "." else stem.removeprefix(root + "/")
    return inside.removesuffix("/__init__").replace("/", ".")


def _absolute_imports(path: str, node: ast.Import | ast.ImportFrom) -> Iterator[_Wanted]:
    if isinstance(node, ast.Import):
        for alias in node.names:
            yield _Wanted(path, alias.name, None)
    elif not node.level and node.module:
        for alias in node.names:
            yield _Wanted(path, node.module, alias.name)
