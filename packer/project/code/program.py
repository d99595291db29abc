"""The application's code as a whole: its modules, and what a name in one of them means in another."""

from __future__ import annotations

import ast
import builtins
from collections.abc import Iterator
from functools import cached_property

from msgspec import Struct

from packer.project.app.modules import ModuleIndex
from packer.project.app.syntax import Imported
from packer.project.app.values import Module
from packer.project.code.module import CodeModule
from packer.project.code.reach import reachable
from packer.project.code.scan import scan_module
from packer.project.code.scope import Scope, Value
from packer.project.model import Evidence
from packer.project.tree import SourceTree

__all__ = ["Definition", "Meaning", "Outside", "Program"]

_MAX_STEPS = 40
_MAX_ANCESTORS = 64


class Outside(Struct, frozen=True):
    """Something that is not the project's, by its full dotted name; builtins by their own name."""

    name: str


class Definition(Struct, frozen=True):
    """What a name of the project was bound to, and the scope to read it in."""

    node: ast.expr | ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef
    scope: Scope

    @property
    def key(self) -> tuple[str, int, int]:
        """Where it stands: equal for every name of the same object."""
        return self.scope.path, self.node.lineno, self.node.col_offset


Meaning = Definition | Outside | Module | None


class Program:
    """The modules that an application loads. Modules are read when first asked for, and once.

    Args:
        entry: the file that the server imports; None for no application, and then there are no modules.
        working_directory: the folder in which the process starts, relative to the root.
    """

    def __init__(
        self, tree: SourceTree, index: ModuleIndex, *, entry: str | None, working_directory: str = "."
    ) -> None:
        self.tree = tree
        self.index = index
        self.entry = entry
        self.working_directory = working_directory
        self._modules: dict[str, CodeModule | None] = {}
        self._lines: dict[str, list[str]] = {}
        self._inner_names: dict[ast.expr, frozenset[ast.Name]] = {}
        self._members: dict[tuple[Module, str], Meaning] = {}
        self._meanings: dict[tuple[ast.expr, Scope], Meaning] = {}

    @cached_property
    def modules(self) -> tuple[CodeModule, ...]:
        """The modules that production loads, nearest to the entry first."""
        return tuple(reachable(self.index, self.entry, self.module)) if self.entry else ()

    def module(self, path: str) -> CodeModule | None:
        """One module of the project; None when it is not valid Python."""
        if path not in self._modules:
            parsed = self.tree.module(path)
            self._modules[path] = scan_module(path, parsed) if parsed else None
        return self._modules[path]

    def evidence(self, scope: Scope, node: ast.AST) -> Evidence:
        """The line of a node."""
        return self.line(scope.path, getattr(node, "lineno", 1))

    def line(self, path: str, number: int) -> Evidence:
        """A line of a file."""
        if path not in self._lines:
            self._lines[path] = (self.tree.read(path) or "").split("\n")
        lines = self._lines[path]
        excerpt = lines[number - 1] if 0 < number <= len(lines) else ""
        return Evidence(path, number, excerpt.strip()[:160])

    def body(self, definition: Definition) -> Scope | None:
        """The scope inside a function or class."""
        module = self.module(definition.scope.path)
        return module.bodies.get(definition.node) if module else None

    def name_of(self, node: ast.expr, scope: Scope) -> str | None:
        """The full dotted name of an expression that is not the project's (`flask.Flask`, `os.environ.get`, `open`)."""
        meaning = self.meaning(node, scope)
        return meaning.name if isinstance(meaning, Outside) else None

    def ancestry(self, node: ast.expr, scope: Scope) -> Iterator[str]:
        """The full name of an expression that is not the project's; of a class of it, the names of its ancestors."""
        waiting: list[tuple[ast.expr, Scope]] = [(node, scope)]
        seen: set[ast.AST] = set()
        while waiting and len(seen) < _MAX_ANCESTORS:
            match self.meaning(*waiting.pop()):
                case Outside(name=name):
                    yield name
                case Definition(node=ast.ClassDef() as found, scope=inner) if found not in seen:
                    seen.add(found)
                    waiting += [(base, inner) for base in reversed(found.bases)]
                case _:
                    continue

    def meaning(self, node: ast.expr, scope: Scope) -> Meaning:
        """What an expression stands for, followed through names, attributes of modules and imports.

        A name that is bound several times means its last binding in its scope. Any other expression means itself.
        """
        key = (node, scope)
        if key not in self._meanings:
            self._meanings[key] = self._meaning(node, scope, _MAX_STEPS)
        return self._meanings[key]

    def _meaning(self, node: ast.expr, scope: Scope, steps: int) -> Meaning:  # noqa: PLR0911 - one a form
        if steps <= 0:
            return None
        match node:
            case ast.Name(id=name):
                return self._named(name, scope, steps - 1, node)
            case ast.Attribute(value=value, attr=attribute):
                match self._meaning(value, scope, steps - 1):
                    case Module() as module:
                        return self._member(module, attribute, steps - 1)
                    case Outside(name=name):
                        return Outside(f"{name}.{attribute}")
                    case Definition(node=ast.ClassDef()) as owner:
                        return self._class_member(owner, attribute, steps - 1)
                    case _:
                        return Definition(node, scope)
            case _:
                return Definition(node, scope)

    def _named(self, name: str, scope: Scope, steps: int, asked: ast.expr | None = None) -> Meaning:
        found = scope.lookup(name)
        if found is None:
            return Outside(name) if name in _BUILTINS else self._starred(scope.path, name, steps)
        holder, bindings = found
        for bound in reversed(bindings):
            if self._stands_in(bound.value, asked):
                continue  # `app = wrap(app)`: the name on the right is the one before
            return self._bound(bound.value, bound.scope, steps)
        return Outside(name) if holder.parent is None and name in _BUILTINS else None

    def _stands_in(self, value: Value, asked: ast.expr | None) -> bool:
        """Whether the very name that is asked about stands inside a value."""
        if asked is None or not isinstance(value, ast.expr):
            return False
        if not value.lineno <= asked.lineno <= (value.end_lineno or value.lineno):
            return False
        if value not in self._inner_names:
            self._inner_names[value] = frozenset(node for node in ast.walk(value) if isinstance(node, ast.Name))
        return asked in self._inner_names[value]

    def _bound(self, value: Value, scope: Scope, steps: int) -> Meaning:
        match value:
            case Imported():
                return self._imported(scope.path, value, steps)
            case ast.Name() | ast.Attribute():
                return self._meaning(value, scope, steps)
            case _:
                return Definition(value, scope)

    def _imported(self, path: str, imported: Imported, steps: int) -> Meaning:
        if imported.level:
            module = self.index.relative(path, imported.level, imported.module)
        else:
            module = self.index.absolute(path, imported.module, imported.attribute)
        if module is None or (module.path == path and imported.attribute is None and not imported.level):
            name = imported.module if imported.attribute is None else f"{imported.module}.{imported.attribute}"
            return None if imported.level else Outside(name)
        if imported.attribute is None:
            return module
        return self._member(module, imported.attribute, steps)

    def _member(self, module: Module, name: str, steps: int) -> Meaning:
        key = (module, name)
        if key not in self._members:
            self._members[key] = self.index.submodule(module, name)  # what a circle of imports finds
            self._members[key] = self._find_member(module, name, steps)
        return self._members[key]

    def _find_member(self, module: Module, name: str, steps: int) -> Meaning:
        read = self.module(module.path) if module.path else None
        if read is not None and steps > 0:
            if name in read.scope.bindings:
                found = self._named(name, read.scope, steps - 1)
                if found is not None:
                    return found
            elif starred := self._starred(read.path, name, steps - 1):
                return starred
        return self.index.submodule(module, name)

    def _starred(self, path: str, name: str, steps: int) -> Meaning:
        module = self.module(path)
        if module is None or steps <= 0:
            return None
        outside: list[str] = []
        for star in module.stars:
            found = self._imported(path, Imported(star.module, star.level, name), steps - 1)
            if found is not None and not isinstance(found, Outside):
                return found
            if not star.level and self.index.absolute(path, star.module) is None:
                outside.append(star.module)
        return Outside(f"{outside[0]}.{name}") if len(outside) == 1 else None

    def _class_member(self, owner: Definition, name: str, steps: int) -> Meaning:
        body = self.body(owner)
        if body is not None and name in body.bindings:
            return self._named(name, body, steps)
        assert isinstance(owner.node, ast.ClassDef)
        for base in owner.node.bases:
            parent = self._meaning(base, owner.scope, steps)
            if isinstance(parent, Definition) and isinstance(parent.node, ast.ClassDef) and steps > 0:
                found = self._class_member(parent, name, steps - 1)
                if found is not None:
                    return found
        return None


_BUILTINS = frozenset(dir(builtins)) | {"__file__", "__name__", "__package__", "__path__"}
