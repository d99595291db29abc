"""Wishes held against the code: which draft each one means, or what is wrong with it."""

from __future__ import annotations

import ast
import itertools
from collections.abc import Iterator, Sequence

from msgspec import Struct

from packer.project.app.commands import inside
from packer.project.app.drafts import Draft, draft_of
from packer.project.app.evaluate import Evaluator
from packer.project.app.modules import ModuleIndex, ancestors
from packer.project.app.reading import Frame
from packer.project.app.values import App
from packer.project.app.wishes import Wish
from packer.project.model import Framework, Interface

__all__ = ["Outcome", "WishReader", "flask_choice"]

_FLASK_NAMES = ("app", "application")
_FLASK_FACTORIES = ("create_app", "make_app")
_MIN_FOR_ARGUMENTS = 40  # a README's arguments are examples
_ASGI_SERVERS = frozenset({"uvicorn", "hypercorn", "daphne"})


class Outcome(Struct, frozen=True, kw_only=True):
    """What became of a wish.

    Attributes:
        draft: what it means, None where it means nothing that exists.
        root: the folder it puts on the path, None where the path alone decides.
        correction: what had to be changed or what is missing, empty where it holds as it stands.
    """

    wish: Wish
    draft: Draft | None
    root: str | None = None
    correction: str = ""


class WishReader:
    """Resolves wishes against the modules of a project."""

    def __init__(self, index: ModuleIndex, evaluator: Evaluator, callers: Sequence[str], fallback: Framework) -> None:
        self._index = index
        self._evaluator = evaluator
        self._callers = callers
        self._fallback: Framework = fallback

    def outcome(self, wish: Wish) -> Outcome:
        """Hold a wish against the code."""
        places = list(itertools.islice(self._places(wish), 6))
        if not places:
            return Outcome(wish=wish, draft=None, correction=f"there is no module {wish.module} here")
        for path, root in places:
            draft = self._stated(path, wish.attribute, wish) if wish.attribute else self._default(path, wish)
            if draft is not None:
                return Outcome(wish=wish, draft=draft, root=root, correction=_call_missing(wish, draft))
        path, root = places[0]
        if wish.attribute is None:
            return Outcome(wish=wish, draft=None, root=root, correction=f"{path} offers no application")
        draft = flask_choice(self._drafts_in(path))
        return Outcome(
            wish=wish, draft=draft, root=root, correction=f"{path} has no application named {wish.attribute}"
        )

    def _places(self, wish: Wish) -> Iterator[tuple[str, str | None]]:
        """The files that a wish may mean, each with the folder that its author put on the path."""
        if wish.module.endswith((".py", ".wsgi")) or "/" in wish.module:
            yield from self._files(wish)
            return
        named = [folder for text in (*wish.search, wish.folder) for folder in self._in_tree(text)]
        folders = [*named, *ancestors(wish.folder)]
        folders += [root for root in self._index.roots_of(wish.folder + "/x.py") if root not in folders]
        folders += self._index.shallow_folders()
        for folder in dict.fromkeys(folders):
            found = self._index.under(folder, wish.module)
            if found is not None and found.path is not None:
                yield found.path, folder if wish.imported else None

    def _in_tree(self, folder: str) -> Iterator[str]:
        """A folder that a file names, which may be a path of another machine: `srv/shop/backend` may mean `backend`."""
        yield folder
        parts = folder.split("/")
        for start in range(1, len(parts)):
            inner = "/".join(parts[start:])
            if self._index.is_folder(inner):
                yield inner

    def _files(self, wish: Wish) -> Iterator[tuple[str, None]]:
        for name in (inside(wish.folder, wish.module), inside(".", wish.module)):
            for path in (name, name + ".py", name + "/__init__.py"):
                if self._index.tree.has(path) and path.endswith(".py"):
                    yield path, None
        last = "/" + wish.module.rpartition("/")[2]
        matches = [path for path in self._index.python_paths if path.endswith(last)] if last.endswith(".py") else []
        yield from ((path, None) for path in matches[:1] if len(matches) == 1)

    def _stated(self, path: str, name: str, wish: Wish) -> Draft | None:
        first, _, rest = name.partition(".")
        draft = draft_of(path, first, self._index, self._evaluator, self._callers)
        facts = self._index.facts(path)
        trusted = wish.strength >= _MIN_FOR_ARGUMENTS
        if draft is not None and draft.call == "(…)" and wish.call:
            return Draft(path=path, name=first, call=wish.call, app=draft.app, line=draft.line)
        if draft is not None and draft.call is not None and wish.call and len(wish.call) > 2 and trusted:
            return Draft(path=path, name=first, call=wish.call, app=draft.app, line=draft.line)
        if draft is not None and draft.call != "(…)":
            return draft
        if draft is None and facts is not None and wish.server and not rest and facts.bound(first):
            return self._trusted(path, first, wish, facts.bound(first)[-1].line)
        return None

    def _trusted(self, path: str, name: str, wish: Wish, line: int) -> Draft:
        """A name that exists but cannot be read through: its own project starts it, so it is an application."""
        interface: Interface = "asgi" if wish.server in _ASGI_SERVERS else "wsgi"
        app = App(framework=self._fallback, interface=interface, path=path, line=line, certain=False)
        call = wish.call if wish.call is None or wish.strength >= _MIN_FOR_ARGUMENTS else "()"
        return Draft(path=path, name=name, call=call, app=app, line=line)

    def _default(self, path: str, wish: Wish) -> Draft | None:
        if wish.imported and not wish.calls_factory:
            draft = draft_of(path, "application", self._index, self._evaluator, self._callers)
            if draft is not None and draft.call is None:
                return draft
            facts = self._index.facts(path)
            if draft is None and facts and facts.bound("application"):
                return self._trusted(path, "application", wish, facts.bound("application")[-1].line)
        return flask_choice(self._drafts_in(path)) or self._run_by(path)

    def _drafts_in(self, path: str) -> list[Draft]:
        facts = self._index.facts(path)
        names = facts.names if facts else ()
        found = (draft_of(path, name, self._index, self._evaluator, self._callers) for name in names)
        return [draft for draft in found if draft is not None and draft.call != "(…)"]

    def _run_by(self, path: str) -> Draft | None:
        """What a script runs under `__main__`, where the same application can be had by an import."""
        facts = self._index.facts(path)
        for call in facts.script_calls if facts else ():
            match call.func:
                case ast.Attribute(value=ast.Name(id=name), attr="run" | "run_server"):
                    value = self._evaluator.expression(call.func.value, Frame(path=path))
                    bindings = facts.bindings.get(name, ()) if facts else ()
                    if value is None and bindings:
                        value = self._evaluator.script_value(path, bindings[-1])
                    if isinstance(value, App) and value.makers:
                        return self._maker(value)
                case _:
                    continue
        return None

    def _maker(self, app: App) -> Draft | None:
        path, line = app.makers[0]
        facts = self._index.facts(path)
        for name in facts.names if facts else ():
            if facts and facts.bound(name)[-1].line == line:
                draft = draft_of(path, name, self._index, self._evaluator, self._callers)
                return draft if draft and draft.call != "(…)" else None
        return None


def _call_missing(wish: Wish, draft: Draft) -> str:
    uncalled = draft.call is not None and wish.call is None and not wish.calls_factory
    return f"{draft.name} is a factory, so it is called" if uncalled and wish.attribute and wish.server else ""


def flask_choice(drafts: Sequence[Draft]) -> Draft | None:
    """What Flask itself would take from a module: `app` or `application`, the only object, `create_app`, `make_app`."""
    by_name = {draft.name: draft for draft in drafts}
    ready = [draft for draft in drafts if draft.call is None]
    for name in _FLASK_NAMES:
        if name in by_name and by_name[name].call is None:
            return by_name[name]
    if ready:
        return max(ready, key=lambda draft: (not draft.imported, -draft.line))
    named = (by_name[name] for name in (*_FLASK_FACTORIES, *_FLASK_NAMES) if name in by_name)
    return next(named, drafts[0] if drafts else None)
