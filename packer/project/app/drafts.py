"""Every way to start an application that the project's modules offer, before any of them is preferred."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import repeat

from msgspec import Struct
from msgspec.structs import replace

from packer.project.app.bindings import Binding, ModuleFacts
from packer.project.app.evaluate import Evaluator
from packer.project.app.factories import FactoryCall, factory_call, is_callable_factory, required_parameters
from packer.project.app.modules import ModuleIndex
from packer.project.app.places import entry_rank
from packer.project.app.syntax import Imported
from packer.project.app.values import App, Function, Instance
from packer.regex import regex

__all__ = ["Draft", "Drafts", "collect", "may_matter", "modules_that_matter"]

_MAX_READ = 4000
_MAX_PARSED = 400

_MAKERS = (
    "APIFlask", "ASGIApp", "AsyncApp", "Bottle", "Dash", "DashProxy", "Eve", "FastAPI", "Flask", "FlaskAPI", "FlaskApp",
    "JupyterDash", "Litestar", "OpenAPI", "Quart", "QuartTrio", "Sanic", "Starlette", "Starlite", "WSGIApp",
    "WSGIApplication", "app_factory", "application_factory", "default_app", "get_asgi_application",
    "get_wsgi_application",
)  # fmt: skip
_MAKER = regex(r"\b(?:" + "|".join(_MAKERS) + r")\b")
_FACTORY_END = regex(r"app(?:lication)?\b")
_FACTORY = regex(r"(?:create|make|build|get|init)\w*\Z")
_WORD_END = regex(r"\w+\Z")
_LONGEST_NAME = 80
_PACKAGES = ("bottle.", "connexion.", "dash.", "eve.", "falcon.", "flask.", "quart.")
_OF_A_PACKAGE = regex(
    r"\b(?:connexion|falcon|bottle|flask|dash|quart|eve)(?:\.asgi)?\.(?:App|API|Application|app|Flask)\b"
)
_OFFERS = regex(r"\b(?:app|application|server|api)\b|\bimport \*")
_LIKELY_NAME = regex(r"app|wsgi|asgi|serv|api|dash|flask|web|site|main|backend|srv", re.IGNORECASE)
_LIKELY_IMPORT = regex(r"app|wsgi|asgi|flask|^(?:server|api|web|site|dash|main)$", re.IGNORECASE)


class Draft(Struct, frozen=True, kw_only=True):
    """One name of one module that is, or makes, an application.

    Attributes:
        path: the module.
        name: the name in it.
        call: the brackets and arguments of a factory, None for an object that is ready.
        app: what it stands for.
        line: where the name is bound.
        imported: the name is only imported there.
        note: how the factory's arguments were found, empty where it needs none.
        variable: an environment variable that making it asks for without a default, empty for none.
    """

    path: str
    name: str
    call: str | None
    app: App
    line: int
    imported: bool = False
    note: str = ""
    variable: str = ""

    @property
    def attribute(self) -> str:
        """What a server is given after the colon."""
        return self.name + (self.call or "") + self.app.suffix

    @property
    def origin(self) -> tuple[str, int]:
        """The place where the application is made: the same for all its names."""
        return (self.app.path, self.app.line)


class Drafts(Struct, frozen=True, kw_only=True):
    """What was found, and what was found but cannot be offered to a server.

    Attributes:
        offered: drafts, in order of path and line.
        script_only: applications that exist only under `if __name__ == "__main__"`.
        hidden: factories with required arguments that nothing in the project shows.
    """

    offered: tuple[Draft, ...] = ()
    script_only: tuple[Draft, ...] = ()
    hidden: tuple[Draft, ...] = ()


def may_matter(path: str, text: str) -> bool:
    """Whether a module may make or offer an application: a cheap look at its text."""
    if _makes(text):
        return True
    likely = entry_rank(path) > 0 or "__main__" in text or path.endswith("__init__.py")
    return likely and _OFFERS.search(text) is not None


def _makes(text: str) -> bool:
    """Whether a text speaks of something that makes applications.

    Plain texts are looked for first: a regular expression of so many choices is tried at every character.
    """
    if any(maker in text for maker in _MAKERS) and _MAKER.search(text):
        return True
    if any(map(_ends_a_factory, repeat(text), _FACTORY_END.finditer(text))):
        return True
    return any(package in text for package in _PACKAGES) and _OF_A_PACKAGE.search(text) is not None


def _ends_a_factory(text: str, end: re.Match[str]) -> bool:
    """Whether the word that ends like this one begins as the names of factories do: `create_app`."""
    before = _WORD_END.search(text, max(0, end.start() - _LONGEST_NAME), end.start())
    return before is not None and _FACTORY.match(before[0]) is not None


def modules_that_matter(index: ModuleIndex, wanted: Callable[[str], bool]) -> tuple[str, ...]:
    """The modules worth reading among the wanted ones, likely entry points first."""
    paths = sorted(
        (path for path in index.python_paths if wanted(path)),
        key=lambda path: (path.count("/"), -entry_rank(path), path),
    )
    found: list[str] = []
    for path in paths[:_MAX_READ]:
        text = index.tree.read(path)
        if text and may_matter(path, text):
            found.append(path)
            if len(found) >= _MAX_PARSED:
                break
    return tuple(found)


def collect(paths: Iterable[str], index: ModuleIndex, evaluator: Evaluator) -> Drafts:
    """The drafts of some modules."""
    known = tuple(paths)
    offered: list[Draft] = []
    script_only: list[Draft] = []
    hidden: list[Draft] = []
    for path in known:
        facts = index.facts(path)
        if facts is None:
            continue
        for draft in _offered_by(facts, index, evaluator, known):
            (hidden if draft.call == "(…)" else offered).append(draft)
        script_only += _script_only(facts, index, evaluator)
    return Drafts(offered=tuple(offered), script_only=tuple(script_only), hidden=tuple(hidden))


def draft_of(
    path: str, name: str, index: ModuleIndex, evaluator: Evaluator, callers: Iterable[str] = ()
) -> Draft | None:
    """The draft that one name of a module is, if it is one."""
    facts = index.facts(path)
    bindings = facts.bound(name) if facts else ()
    value = evaluator.named(path, name)
    line = bindings[-1].line if bindings else 1
    imported = not bindings or isinstance(bindings[-1].value, Imported)
    if isinstance(value, Instance):
        value = _held_by(value, evaluator)
    if isinstance(value, App):
        variable = _variable_asked(bindings[-1]) if bindings else ""
        return Draft(path=path, name=name, call=None, app=value, line=line, imported=imported, variable=variable)
    if isinstance(value, Function) and is_callable_factory(value.node):
        app = evaluator.returned(value)
        if isinstance(app, App):
            found = factory_call(value, index, evaluator, callers)
            call, note = ("(…)", ", ".join(required_parameters(value.node))) if found is None else _call_of(found)
            return Draft(path=path, name=name, call=call, app=app, line=line, imported=imported, note=note)
    return None


def _held_by(instance: Instance, evaluator: Evaluator) -> App | None:
    """The application that an object of the project keeps under a usual name."""
    for name in ("app", "application", "server", "flask_app", "wsgi_app"):
        value = evaluator.attribute(instance, name)
        if isinstance(value, App):
            return replace(value, suffix=f".{name}{value.suffix}")
    return None


def _variable_asked(binding: Binding) -> str:
    """The variable without a default that a factory is called with: `create_app(os.getenv("MODE"))`."""
    made = binding.value
    given = [*made.args, *(keyword.value for keyword in made.keywords)] if isinstance(made, ast.Call) else []
    for argument in given:
        match argument:
            case (
                ast.Call(
                    func=ast.Attribute(attr="getenv" | "get"), args=[ast.Constant(value=str() as name)], keywords=[]
                )
                | ast.Subscript(value=ast.Attribute(attr="environ"), slice=ast.Constant(value=str() as name))
            ):
                return name
            case _:
                continue
    return ""


def _call_of(found: FactoryCall) -> tuple[str, str]:
    return f"({found.arguments})", found.reason


def _offered_by(
    facts: ModuleFacts, index: ModuleIndex, evaluator: Evaluator, callers: Iterable[str]
) -> Iterator[Draft]:
    entry = entry_rank(facts.path) > 0 or facts.script_line > 0 or facts.path.endswith("__init__.py")
    lines = (index.tree.read(facts.path) or "").split("\n")
    for name in facts.names:
        bindings = facts.bound(name)
        only_imported = all(isinstance(binding.value, Imported) for binding in bindings)
        if (only_imported and not entry) or not any(_is_telling(binding, lines) for binding in bindings):
            continue
        draft = draft_of(facts.path, name, index, evaluator, callers)
        if draft is not None:
            yield draft
    yield from _by_name_alone(facts, evaluator)
    if entry:
        yield from _starred(facts, index, evaluator)


def _by_name_alone(facts: ModuleFacts, evaluator: Evaluator) -> Iterator[Draft]:
    """What a wsgi module calls its application, made by a call that leads out of the project."""
    if "wsgi" not in facts.path.rpartition("/")[2].lower():
        return
    for name in ("application", "app"):
        for binding in facts.bound(name)[-1:]:
            if isinstance(binding.value, ast.Call) and evaluator.named(facts.path, name) is None:
                app = App(framework="other", interface="wsgi", path=facts.path, line=binding.line, certain=False)
                yield Draft(path=facts.path, name=name, call=None, app=app, line=binding.line)
                return


def _is_telling(binding: Binding, lines: Sequence[str]) -> bool:
    """Whether a binding's own text gives reason to follow it: most names have nothing to do with an application."""
    if isinstance(binding.value, ast.ClassDef):
        return False
    if isinstance(binding.value, Imported):
        return _LIKELY_IMPORT.search(binding.name) is not None
    if _LIKELY_NAME.search(binding.name):
        return True
    end = getattr(binding.value, "end_lineno", None) or binding.line
    return _makes("\n".join(lines[binding.line - 1 : end]))


def _starred(facts: ModuleFacts, index: ModuleIndex, evaluator: Evaluator) -> Iterator[Draft]:
    for name in ("app", "application", "create_app", "server") if facts.stars else ():
        if not facts.bound(name):
            draft = draft_of(facts.path, name, index, evaluator)
            if draft is not None:
                yield draft


def _script_only(facts: ModuleFacts, index: ModuleIndex, evaluator: Evaluator) -> Iterator[Draft]:
    lines = (index.tree.read(facts.path) or "").split("\n")
    for name, bindings in facts.bindings.items():
        hidden = [
            binding for binding in bindings if binding.guard in {"main", "function"} and _is_telling(binding, lines)
        ]
        if not hidden or (facts.bound(name) and isinstance(evaluator.named(facts.path, name), App)):
            continue
        for binding in hidden:
            value = evaluator.script_value(facts.path, binding)
            if isinstance(value, App):
                yield Draft(path=facts.path, name=name, call=None, app=value, line=binding.line)
                break
