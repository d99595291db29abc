"""Which draft to start: a score for each, made of reasons that can be said in words. Only the order means anything."""

from __future__ import annotations

import ast
import math
import re
import sys
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice

from msgspec import Struct

from packer.project.app.bindings import ModuleFacts
from packer.project.app.boot import Boot, BootPlayer, Obstacle
from packer.project.app.drafts import Draft
from packer.project.app.modules import ModuleIndex
from packer.project.app.places import LOADED_BEFORE, entry_rank, is_aside
from packer.project.app.roots import Home, RootFinder
from packer.project.app.surface import Surface
from packer.project.app.wanted import Outcome

__all__ = ["Ranked", "Ranking", "rank"]

_NAME_RANKS = {
    "app": 12,
    "application": 12,
    "create_app": 10,
    "make_app": 9,
    "server": 7,
    "flask_app": 7,
    "api": 5,
    "asgi_app": 4,
}
_OBSTACLE_COSTS = {
    "circular": 250,
    "missing": 250,
    "absent": 120,
    "runs": 40,
    "serves": 120,
    "arguments": 150,
    "blocks": 300,
}
_MAX_EXAMINED = 16
_PREFERRED_FRAMEWORKS = frozenset({"flask", "dash"})


class Ranked(Struct, frozen=True, kw_only=True):
    """A draft with its place in Python's world, its score, and the reason in words."""

    draft: Draft
    home: Home
    boot: Boot
    score: int
    reason: str
    wish: Outcome | None = None


class Ranking(Struct, frozen=True, kw_only=True):
    """What ranking looks at beside a draft itself."""

    index: ModuleIndex
    player: BootPlayer
    roots: RootFinder
    surface: Surface
    distributions: frozenset[str]
    outcomes: Sequence[Outcome]


def rank(drafts: Iterable[Draft], ranking: Ranking) -> tuple[Ranked, ...]:
    """Score drafts and put them in order, the best first; those that no folder makes importable are left out.

    What an import would do is looked into only for those that are well placed without it.
    """
    judged = [(draft, _first_look(draft, ranking)) for draft in drafts]
    judged.sort(key=lambda pair: (-sum(points for points, _ in pair[1]), pair[0].path.count("/"), pair[0].path))
    examined = (_examined(draft, parts, ranking) for draft, parts in judged)
    ranked = islice((found for found in examined if found is not None), _MAX_EXAMINED)
    return tuple(sorted(ranked, key=_order))


def _order(found: Ranked) -> tuple[int, int, str, int]:
    path = found.draft.path
    return (-found.score, path.count("/"), path, found.draft.line)


_Part = tuple[int, str]
"""Points and what they are for, in words; no words for what goes without saying."""


def _first_look(draft: Draft, ranking: Ranking) -> tuple[_Part, ...]:
    wish = _wish_for(draft, ranking.outcomes)
    return (*_wish_parts(draft, wish, ranking.outcomes), *_shape_parts(draft), *_place_parts(draft, ranking))


def _examined(draft: Draft, first: tuple[_Part, ...], ranking: Ranking) -> Ranked | None:
    wish = _wish_for(draft, ranking.outcomes)
    home = ranking.roots.home(draft.path, wish.root if wish else None)
    if home is None:
        return None
    boot = ranking.player.play(draft.path, (home.root, *home.extra))
    first = (*first, *_name_parts(home))
    reached = _reached(draft, home, boot, ranking)
    surface = sum(ranking.surface.of(path) for path in reached)
    parts = [*first, *_surface_parts(draft, surface), *_obstacle_parts(boot.obstacles)]
    reason = ", ".join(text for _, text in sorted(parts, key=lambda part: -abs(part[0])) if text)
    score = sum(points for points, _ in parts)
    return Ranked(draft=draft, home=home, boot=boot, score=score, reason=reason or "an application", wish=wish)


def _wish_for(draft: Draft, outcomes: Sequence[Outcome]) -> Outcome | None:
    return next((outcome for outcome in outcomes if outcome.draft and _same(outcome.draft, draft)), None)


def _same(one: Draft, other: Draft) -> bool:
    return one.path == other.path and one.name == other.name


def _wish_parts(draft: Draft, wish: Outcome | None, outcomes: Sequence[Outcome]) -> Iterator[_Part]:
    if wish is not None:
        yield 3 * wish.wish.strength, f"{wish.wish.source} starts it"
    else:
        related = [
            outcome.wish.strength for outcome in outcomes if outcome.draft and outcome.draft.origin == draft.origin
        ]
        if related:
            yield 2 * max(related), ""


def _shape_parts(draft: Draft) -> Iterator[_Part]:
    if draft.call is None:
        yield 100, "" if draft.imported else "a ready instance"
    elif draft.call == "()":
        yield 88, "a factory without required arguments"
    else:
        yield 60, f"a factory; {draft.note}" if draft.note else "a factory"
    yield _NAME_RANKS.get(draft.name, 0), ""
    yield 5 * draft.app.wraps, ""
    if draft.app.suffix:
        yield -25, ""
    if draft.variable:
        yield -70, f"though it asks for the variable {draft.variable}, which has no default"
    if not draft.app.certain:
        yield -40, "only its name says that it is an application"


def _place_parts(draft: Draft, ranking: Ranking) -> Iterator[_Part]:
    path = draft.path
    rank_of_name = entry_rank(path)
    yield rank_of_name, f"in {path}" if rank_of_name else ""
    depth = path.count("/") - path.endswith("/__init__.py") - path.startswith("src/")
    yield -7 * max(depth, 0), ""
    if is_aside(path):
        yield -60, "but among scripts, tools or demos"
    facts = ranking.index.facts(path)
    if facts and any(_runs(call, draft.name) for call in facts.script_calls):
        yield 12, "which its __main__ block runs"
    if draft.imported and facts and _is_command_line(facts):
        yield -30, f"though {path} is there for its commands"
    if _own_uses(draft, ranking.index):
        yield 30, ""
    framework = draft.app.framework
    if framework in _PREFERRED_FRAMEWORKS:
        yield 8, ""
    needed = draft.app.package or framework
    if (
        ranking.distributions
        and framework != "other"
        and needed.replace("_", "-") not in ranking.distributions
        and framework not in ranking.distributions
    ):
        yield -30, f"though {framework} is not among the project's requirements"


def _name_parts(home: Home) -> Iterator[_Part]:
    top = home.module.partition(".")[0]
    if top in LOADED_BEFORE:
        yield -400, f"but {top} is a module of Python's own that is loaded before it"
    elif top in sys.stdlib_module_names:
        yield -20, ""


def _surface_parts(draft: Draft, surface: int) -> Iterator[_Part]:
    if draft.app.framework == "django":
        return
    if surface:
        yield min(60, int(12 * math.log2(1 + surface))), f"reaches {surface} routes and registrations"
    else:
        yield -50, "without any route in reach"


def _obstacle_parts(obstacles: Sequence[Obstacle]) -> Iterator[_Part]:
    for kind in dict.fromkeys(obstacle.kind for obstacle in obstacles):
        yield -_OBSTACLE_COSTS[kind], "but " + next(obstacle.text for obstacle in obstacles if obstacle.kind == kind)


def _own_uses(draft: Draft, index: ModuleIndex) -> int:
    """How often the application is given routes by name in the modules that make and offer it."""
    names = "|".join({re.escape(draft.name), "app", "application"})
    pattern = re.compile(
        rf"\b(?:{names})\.(?:route|register_blueprint|add_url_rule|include_router|add_api|get|post|layout|callback)\b"
    )
    paths = {draft.path, draft.app.path, *(path for path, _ in draft.app.makers)}
    return sum(len(pattern.findall(index.tree.read(path) or "")) for path in paths)


def _is_command_line(facts: ModuleFacts) -> bool:
    """Whether a module makes a group of commands: Flask-Script's manager, or Flask's own."""
    values = (binding.value for bindings in facts.bindings.values() for binding in bindings)
    functions = (value.func for value in values if isinstance(value, ast.Call))
    return any(
        getattr(function, "id", getattr(function, "attr", None)) in {"Manager", "FlaskGroup"} for function in functions
    )


def _runs(call: ast.Call, name: str) -> bool:
    match call.func:
        case ast.Attribute(value=ast.Name(id=receiver), attr="run" | "run_server"):
            return receiver == name or any(
                isinstance(argument, ast.Name) and argument.id == name for argument in call.args
            )
        case _:
            return any(isinstance(argument, ast.Name) and argument.id == name for argument in call.args)


def _reached(draft: Draft, home: Home, boot: Boot, ranking: Ranking) -> frozenset[str]:
    """The modules loaded by the import, and those that the functions beside the factory import."""
    reached = set(boot.modules)
    roots = (home.root, *home.extra)
    for path in {draft.app.path, *(path for path, _ in draft.app.makers)}:
        for inner in ranking.roots.imported_by(path):
            if inner not in reached:
                reached.update(ranking.player.play(inner, roots).modules)
    return frozenset(reached)
