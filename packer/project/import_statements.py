"""The import statements of a module, and how surely each of them runs.

Most modules import at their top only. What those import is read from their text: parsing whole modules is most of the
time that a large project takes, and a module that only has to be followed need not be understood.
"""

from __future__ import annotations

import ast
import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property
from typing import Literal

from msgspec import Struct

from packer.project.app.modules import ModuleIndex
from packer.project.tree import SourceTree
from packer.regex import regex

__all__ = ["WEAKER", "ImportStatements", "ImportedName", "When", "is_aside_condition", "stands_on", "survives"]

When = Literal["always", "factory", "later", "maybe"]
WEAKER: tuple[When, ...] = ("always", "factory", "later", "maybe")

_FACTORY = regex(r"(add|app|build|configure|create|get|init|initiali[sz]e|load|make|register|setup)(_|$)")
"""Functions that are likely to run while the application is being made."""
_ASIDE_NAMES = frozenset({"TYPE_CHECKING", "__name__", "PY2", "PY3", "platform", "hasattr"})
_TOKEN = regex(
    r'"""(?:[^"\\]|\\.|"(?!""))*"""|\'\'\'(?:[^\'\\]|\\.|\'(?!\'\'))*\'\'\''
    r'|"(?:[^"\\\n]|\\.)*"|\'(?:[^\'\\\n]|\\.)*\'|\#[^\n]*'
    r"|^(?P<statement>(?:from[ \t]+[\w.]+[ \t]+import|import)\b)"
    r"|(?P<other>\bimport\b)",
    re.DOTALL | re.MULTILINE,
)
"""A text or comment, an import at the left edge, or the word anywhere else."""
_STATEMENT = regex(
    r"(?:from[ \t]+[\w.]+[ \t]+import[ \t]*(?:\([^()]*\)|[^\n(;\\#]+)|import[ \t]+[^\n(;\\#]+)(?=[ \t]*(?:#|\n|$|\Z))"
)
_NOT_TODAYS_PYTHON = regex(
    r"^[ \t]*(?:print[ \t]+[^\s(=,.:)\]]|except[ \t]+[\w.]+[ \t]*,|exec[ \t]+[\"'\w]|raise[ \t]+[\w.]+[ \t]*,"
    r"|<<<<<<<|\{[%{])",
    re.MULTILINE,
)
"""Python 2, conflicts of a merge, templates: whether such a module has imports at all is for the parser to say."""


class ImportedName(Struct, frozen=True):
    """One import statement's name: `module` as written, `member` of a `from` import, `level` of its dots.

    `when`: `always` when the module is imported; `factory` when an app factory runs; `later` in another function;
    `maybe` where the failure is caught, for type checkers, or in a module that is run as a script.
    """

    module: str
    member: str | None
    level: int
    line: int
    when: When


class ImportStatements:
    """The imports of a tree's modules, each module read once."""

    def __init__(self, tree: SourceTree) -> None:
        self._tree = tree
        self._known: dict[str, tuple[ImportedName, ...]] = {}

    @cached_property
    def index(self) -> ModuleIndex:
        """The modules themselves."""
        return ModuleIndex(self._tree)

    def of(self, path: str) -> tuple[ImportedName, ...]:
        """Every import of a module, in order; none where it is not valid Python."""
        if path not in self._known:
            self._known[path] = tuple(self._read(path))
        return self._known[path]

    def _read(self, path: str) -> Iterable[ImportedName]:
        text = self._tree.read(path)
        if not text or "import" not in text:
            return ()
        top = _at_the_left_edge(text)
        if top is not None:
            return _imports(top.body, "always", ())
        module = self._tree.module(path)
        return _imports(module.body, "always", _import_lines(text)) if module else ()


def _at_the_left_edge(text: str) -> ast.Module | None:
    """A module's imports, parsed alone on their own lines; None where one may stand elsewhere."""
    if _NOT_TODAYS_PYTHON.search(text):
        return None
    kept: list[str] = []
    counted = 0
    for token in _TOKEN.finditer(text, 0, text.rindex("import") + len("import ")):
        if token["other"]:
            return None
        if token["statement"]:
            whole = _STATEMENT.match(text, token.start())
            if whole is None:
                return None
            kept.append("\n" * text.count("\n", counted, token.start()) + whole[0])
            counted = whole.end()
    try:
        return ast.parse("".join(kept))
    except (SyntaxError, ValueError):
        return None


def _import_lines(text: str) -> list[int]:
    """The numbers of the lines that hold the word."""
    return [number for number, line in enumerate(text.split("\n"), 1) if "import" in line]


def _imports(body: Iterable[ast.AST], when: When, lines: Sequence[int]) -> Iterator[ImportedName]:
    for node in body:
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield ImportedName(alias.name, None, 0, node.lineno, when)
        elif isinstance(node, ast.ImportFrom):
            for alias in node.names:
                yield ImportedName(node.module or "", alias.name, node.level, node.lineno, when)
        elif stands_on(node, lines):
            yield from _imports(_statements(node), max(when, _inner(node), key=WEAKER.index), lines)


def stands_on(node: ast.AST, lines: Sequence[int]) -> bool:
    """Whether one of the lines, in order, lies inside a node; True for a node that does not say where it stands."""
    first, last = getattr(node, "lineno", None), getattr(node, "end_lineno", None)
    if first is None or last is None:
        return True
    for decorator in getattr(node, "decorator_list", ())[:1]:
        first = decorator.lineno
    position = bisect_left(lines, first)
    return position < len(lines) and lines[position] <= last


def _statements(node: ast.AST) -> Iterator[ast.AST]:
    """What a compound statement holds; expressions hold no imports."""
    for name in ("body", "handlers", "orelse", "finalbody", "cases"):
        held = getattr(node, name, None)
        if isinstance(held, list):
            yield from held


def _inner(node: ast.AST) -> When:
    """How surely the statements inside another one run."""
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
        return "factory" if _FACTORY.match(node.name) else "later"
    if isinstance(node, ast.Try) and survives(node, {"ImportError", "ModuleNotFoundError"}):
        return "maybe"
    return "maybe" if isinstance(node, ast.If) and is_aside_condition(node.test) else "always"


def survives(node: ast.Try, errors: set[str]) -> bool:
    """Whether a `try` catches any of these errors, or every one, and does not raise another in its place."""
    return any(
        handler.type is None
        or any(
            isinstance(name, ast.Name) and name.id in {*errors, "Exception", "BaseException"}
            for name in ast.walk(handler.type)
        )
        for handler in node.handlers
        if not isinstance(handler.body[-1], ast.Raise)
    )


def is_aside_condition(test: ast.expr) -> bool:
    """Whether a condition is about type checkers, versions, the platform, or being run as a script."""
    for node in ast.walk(test):
        name = node.id if isinstance(node, ast.Name) else node.attr if isinstance(node, ast.Attribute) else ""
        if name in _ASIDE_NAMES or "version" in name.lower():
            return True
    return False
