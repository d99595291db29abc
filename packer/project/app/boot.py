"""What importing a module would do, played through statement by statement without running any of it.

It tells which of the project's modules are loaded, and what would stop the server that imports them: a name asked for
before a circular import has bound it, a name that does not exist, a development server started at import, arguments
parsed from a command line that is the server's.
"""

from __future__ import annotations

import ast
import contextlib
import re
from collections.abc import Callable, Iterator, Sequence
from typing import Literal

from msgspec import Struct

from packer.project.app.bindings import ImportStep, ModuleFacts
from packer.project.app.evaluate import Evaluator
from packer.project.app.frameworks import FRAMEWORK_PACKAGES
from packer.project.app.modules import ModuleIndex, joined
from packer.project.app.reading import Frame
from packer.project.app.values import App, External, Function, Instance, Module

__all__ = ["Boot", "BootPlayer", "Obstacle", "ObstacleKind"]

_MAX_MODULES = 120

_USUALLY_LOCAL = frozenset(
    {"config", "configs", "settings", "local_settings", "local_config", "credentials", "db_config"}
)

ObstacleKind = Literal["circular", "missing", "absent", "runs", "serves", "arguments", "blocks"]


class Obstacle(Struct, frozen=True, kw_only=True):
    """Something that keeps an import from ending well; `text` says what, as the end of a sentence."""

    kind: ObstacleKind
    path: str
    line: int
    text: str


class Boot(Struct, frozen=True, kw_only=True):
    """The project's modules that an import loads, in order, and what stands in its way."""

    modules: tuple[str, ...]
    obstacles: tuple[Obstacle, ...]


class BootPlayer:
    """Plays imports, remembering what each module does by itself and what each import came to."""

    def __init__(self, index: ModuleIndex, evaluator: Evaluator) -> None:
        self._index = index
        self._evaluator = evaluator
        self._own: dict[str, tuple[Obstacle, ...]] = {}
        self._boots: dict[tuple[str, tuple[str, ...]], Boot] = {}

    def play(self, path: str, roots: Sequence[str]) -> Boot:
        """Play the import of one module with `roots` on the path."""
        key = (path, tuple(roots))
        if key not in self._boots:
            self._boots[key] = _Import(key[1], self._index, self.own_obstacles).run(path)
        return self._boots[key]

    def own_obstacles(self, path: str) -> tuple[Obstacle, ...]:
        """What a module's own statements do at import that a server does not survive."""
        if path not in self._own:
            facts = self._index.facts(path)
            self._own[path] = tuple(_own_obstacles(facts, self._evaluator)) if facts else ()
        return self._own[path]


class _ImportFailedError(Exception):
    """The import that is being played raises here."""


class _Import:
    """One import: the modules that have begun, what each has bound by now, and which are still at it."""

    def __init__(
        self, roots: tuple[str, ...], index: ModuleIndex, own_obstacles: Callable[[str], tuple[Obstacle, ...]]
    ) -> None:
        self._roots = roots
        self._index = index
        self._own_obstacles = own_obstacles
        self._started: dict[str, set[str]] = {}
        self._running: set[str] = set()
        self._obstacles: list[Obstacle] = []

    def run(self, path: str) -> Boot:
        with contextlib.suppress(
            _ImportFailedError, RecursionError
        ):  # Python itself would not follow a longer chain of imports
            self._load(path)
        return Boot(modules=tuple(self._started), obstacles=tuple(self._obstacles))

    def _load(self, path: str) -> None:
        """Import a module and the packages above it, unless that has happened or is happening."""
        for parent in self._packages_above(path):
            self._execute(parent)
        self._execute(path)

    def _packages_above(self, path: str) -> Iterator[str]:
        parts = path.split("/")[:-1]
        for length in range(1, len(parts) + 1):
            folder = "/".join(parts[:length])
            init = folder + "/__init__.py"
            if folder not in self._roots and self._index.is_package(folder) and init != path:
                yield init

    def _execute(self, path: str) -> None:
        facts = self._index.facts(path) if path not in self._started else None
        if facts is None or len(self._started) >= _MAX_MODULES:
            return
        self._started[path] = set()
        self._running.add(path)
        for step in facts.steps:
            if isinstance(step, str):
                self._started[path].add(step)
            else:
                self._import(path, step)
        self._obstacles += self._own_obstacles(path)
        self._running.discard(path)

    def _import(self, path: str, step: ImportStep) -> None:
        module = self._resolve(path, step)
        if module is None:
            absent = None if step.tolerant else self._absent(path, step)
            if absent is not None:
                self._fail("absent", path, step, f"it imports {absent}")
            return
        if module.path is not None:
            self._load(module.path)
        for name in step.names:
            self._take(path, step, module, name)

    def _resolve(self, path: str, step: ImportStep) -> Module | None:
        if step.level:
            return self._index.relative(path, step.level, step.module)
        for root in self._roots:
            found = self._index.under(root, step.module)
            if found is not None and not self._is_framework(step, found):
                return found
        return None

    def _absent(self, path: str, step: ImportStep) -> str | None:
        """What an import asks of the project that is not in it, with a file that may be meant to become it."""
        name = "." * step.level + step.module
        top, _, rest = step.module.partition(".")
        if step.level:
            folder = "/".join(path.split("/")[: -step.level]) or "."
        else:
            folder = next((root for root in self._roots if self._holds(root, top)), "")
            if not (rest and folder) and top not in _USUALLY_LOCAL:
                return None
        stem = joined(folder or self._roots[0], step.module.replace(".", "/"))
        near = [other for other in self._index.tree.paths if other.startswith((stem + ".", stem + "_"))]
        if any(other.endswith((".so", ".pyx", ".pyd")) for other in near):
            return None
        return f"{name}, which is not here" + (f" ({near[0]} may be meant to become it)" if near else "")

    def _holds(self, root: str, top: str) -> bool:
        found = self._index.under(root, top)
        return found is not None and found.path is not None and top not in FRAMEWORK_PACKAGES

    def _is_framework(self, step: ImportStep, found: Module) -> bool:
        if step.module.partition(".")[0] not in FRAMEWORK_PACKAGES:
            return False
        return not all(self._index.has_member(found, name) for name in step.names) or not step.names

    def _take(self, path: str, step: ImportStep, module: Module, name: str) -> None:
        if module.path is not None and name in self._started.get(module.path, ()):
            return
        submodule = self._index.submodule(module, name)
        if submodule is not None:
            if submodule.path is not None:
                self._load(submodule.path)
            return
        if name == "*" or module.path is None or step.tolerant or module.path == path:
            return
        facts = self._index.facts(module.path)
        if facts is None or facts.stars or "__getattr__" in facts.bindings or module.path not in self._started:
            return
        if module.path in self._running and facts.bound(name):
            self._fail(
                "circular", path, step, f"it imports {name} from {module.path} while that is still being imported"
            )
        text = self._index.tree.read(module.path) or ""
        if module.path not in self._running and not re.search(rf"\b{re.escape(name)}\b", text):
            self._fail("missing", path, step, f"it imports {name} from {module.path}, which has no such name")

    def _fail(self, kind: ObstacleKind, path: str, step: ImportStep, text: str) -> None:
        self._obstacles.append(Obstacle(kind=kind, path=path, line=step.line, text=text))
        raise _ImportFailedError


def _own_obstacles(facts: ModuleFacts, evaluator: Evaluator) -> Iterator[Obstacle]:
    """What a module's own statements do at import that a server does not survive."""
    for line in facts.loops:
        yield Obstacle(kind="blocks", path=facts.path, line=line, text="it loops for ever when imported")
    for call in facts.calls:
        found = _obstacle_of(call, Frame(path=facts.path), evaluator, depth=1)
        if found is not None:
            kind, text = found
            yield Obstacle(kind=kind, path=facts.path, line=call.lineno, text=text)


def _obstacle_of(call: ast.Call, frame: Frame, evaluator: Evaluator, depth: int) -> tuple[ObstacleKind, str] | None:
    match call.func:
        case ast.Attribute(attr="parse_args"):
            return None if call.args else ("arguments", "it parses command line arguments when imported")
        case ast.Attribute(attr="serve_forever" | "run_forever"):
            return "serves", "it starts a server when imported"
        case ast.Attribute(attr="run" | "run_server" | "run_app", value=receiver) if _is_server(
            receiver, frame, evaluator
        ):
            flask_s = call.func.attr == "run" and _is_flask(receiver, frame, evaluator)
            return "runs" if flask_s else "serves", "it starts a server when imported"
        case ast.Name(id="input"):
            return "blocks", "it waits for input when imported"
        case ast.Name() | ast.Attribute():
            return _called_obstacle(call, frame, evaluator, depth)
        case _:
            return None


def _is_flask(receiver: ast.expr, frame: Frame, evaluator: Evaluator) -> bool:
    """Whether `run` is Flask's own, which returns at once when it is told that a server is there."""
    value = evaluator.expression(receiver, frame)
    return isinstance(value, App) and value.certain and value.framework == value.package == "flask"


def _is_server(receiver: ast.expr, frame: Frame, evaluator: Evaluator) -> bool:
    value = evaluator.expression(receiver, frame)
    if isinstance(value, App):
        return True
    if isinstance(value, External):
        return value.name in {"uvicorn", "bottle", "eventlet.wsgi", "hypercorn"}
    return isinstance(receiver, ast.Name) and receiver.id in {"app", "application", "socketio", "sio", "manager"}


def _called_obstacle(call: ast.Call, frame: Frame, evaluator: Evaluator, depth: int) -> tuple[ObstacleKind, str] | None:
    match evaluator.expression(call.func, frame):
        case External(name="waitress.serve" | "werkzeug.serving.run_simple" | "bottle.run" | "eventlet.wsgi.server"):
            return "serves", "it starts a server when imported"
        case Function(node=node, path=where, bound=bound) if depth:
            inside = Frame(path=where, local={"self": bound} if isinstance(bound, Instance) else {})
            inner = (found for found in ast.walk(node) if isinstance(found, ast.Call))
            for found in inner:
                obstacle = _obstacle_of(found, inside, evaluator, depth - 1)
                if obstacle is not None:
                    return obstacle
            return None
        case _:
            return None
