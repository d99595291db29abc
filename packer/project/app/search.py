"""From a source tree to the application to start: drafts, wishes, ranking, and what to say about them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from msgspec import Struct

from packer.project.app.boot import BootPlayer
from packer.project.app.drafts import Draft, Drafts, collect, modules_that_matter
from packer.project.app.evaluate import Evaluator
from packer.project.app.modules import ModuleIndex
from packer.project.app.places import is_foreign, is_teaching
from packer.project.app.ranking import Ranked, Ranking, rank
from packer.project.app.refusal import library_reason, refusal_text
from packer.project.app.report import Reporter, mistaken_wishes
from packer.project.app.roots import RootFinder
from packer.project.app.surface import Surface
from packer.project.app.teaching import is_only_teaching
from packer.project.app.wanted import Outcome, WishReader
from packer.project.app.wishes import Wish, parse_target
from packer.project.model import AppCandidate, Caution, Decision, Framework
from packer.project.notebook import Notebook
from packer.project.tree import SourceTree

__all__ = ["AppSearch", "find_app"]

_OVERRIDE = 'app = "module:attribute"'
_MAX_CANDIDATES = 20
_MAX_FOREIGN = 20
_FOR_PRODUCTION = 75  # such a wish may choose an application that stands among examples
_CONVINCING = 40  # such a wish makes a project an application, whatever else it is
_FRAMEWORKS: tuple[Framework, ...] = (
    "flask", "dash", "quart", "fastapi", "django", "starlette", "bottle", "falcon",
)  # fmt: skip


class AppSearch(Struct, frozen=True, kw_only=True):
    """What was found.

    Attributes:
        candidates: the best first; empty when nothing is claimed.
        refusal: why nothing is claimed, as a clause; None with candidates.
        decisions: the choice and its reason.
        cautions: wishes that do not hold, rivals of equal rank, and what will happen at import.
        import_roots: the folders that the best candidate needs on `sys.path`, its own first.
        environment: variables that the process needs so that importing the best candidate does not start a server.
    """

    candidates: tuple[AppCandidate, ...] = ()
    refusal: str | None = None
    decisions: tuple[Decision, ...] = ()
    cautions: tuple[Caution, ...] = ()
    import_roots: tuple[str, ...] = (".",)
    environment: tuple[tuple[str, str], ...] = ()


def find_app(
    tree: SourceTree,
    *,
    distributions: frozenset[str],
    setting: str | None = None,
    flask_app: str | None = None,
    notebook: Notebook | None = None,
) -> AppSearch:
    """Find the application that a project is, without running any of it.

    Args:
        tree: the project.
        distributions: normalised names of its requirements for production; empty when unknown.
        setting: the user's own word (`module:attribute`, a file, or a folder), which is final.
        flask_app: the value of FLASK_APP around pack, if any.
        notebook: reads the tree, or what was noted of it.
    """
    search = _Search(tree, distributions, notebook or Notebook(tree))
    return search.told(setting) if setting is not None else search.everywhere(flask_app)


class _Wishes(Struct, frozen=True):
    found: tuple[Wish, ...]


def _declared(tree: SourceTree) -> _Wishes:
    from packer.project.app.declared import declared_wishes  # noqa: PLC0415 - slow to import; notes spare it

    return _Wishes(declared_wishes(tree))


class _Search:
    def __init__(self, tree: SourceTree, distributions: frozenset[str], notebook: Notebook) -> None:
        self._tree = tree
        self._notebook = notebook
        self._distributions = distributions
        self._index = ModuleIndex(tree)
        self._evaluator = Evaluator(self._index)
        self._roots = RootFinder(self._index, distributions)
        self._player = BootPlayer(self._index, self._evaluator)
        self._reporter = Reporter(tree, self._index, self._roots)

    def everywhere(self, flask_app: str | None) -> AppSearch:
        """Search the whole project."""
        return self._search(_any_path, flask_app)

    def inside(self, folder: str) -> AppSearch:
        """Search one folder."""
        return self._search(lambda path: folder == "." or path.startswith(folder + "/"), None)

    def told(self, setting: str) -> AppSearch:
        """Take the user's word, which names a folder, a file, or `module:attribute`."""
        folder = setting.strip("/") or "."
        if self._index.is_folder(folder):
            return self.inside(folder)
        wish = _spoken(setting, "the setting app", 1000)
        paths = self._paths(_any_path)
        outcome = self._reader(paths).outcome(wish) if wish else None
        if outcome and outcome.draft and not outcome.correction.startswith(outcome.draft.path):
            ranked = self._rank((outcome.draft,), (outcome,))
            if ranked:
                return self._found(ranked, (outcome,))
        problem = outcome.correction if outcome and outcome.correction else "it is not module:attribute"
        drafts = collect(paths, self._index, self._evaluator)
        known = [found.home.module + ":" + found.draft.attribute for found in self._rank(drafts.offered, ())[:5]]
        choices = f"; there is {', '.join(known)}" if known else ""
        return AppSearch(refusal=f'the setting app = "{setting}" does not hold: {problem}{choices}')

    def _search(self, wanted: Callable[[str], bool], flask_app: str | None) -> AppSearch:
        paths = self._paths(wanted)
        drafts = collect(paths, self._index, self._evaluator)
        outcomes = self._outcomes(paths, wanted, flask_app)
        ranked = self._rank(_with_wished(drafts.offered, outcomes), outcomes)
        if not ranked and is_only_teaching(self._tree, self._index):
            taught = modules_that_matter(self._index, is_teaching)
            ranked = self._rank(collect(taught, self._index, self._evaluator).offered, outcomes)
            ranked = ranked if len({found.home.root for found in ranked}) == 1 else ()
        refusal = self._refusal(ranked, drafts, outcomes)
        if refusal is not None:
            return AppSearch(refusal=refusal, cautions=mistaken_wishes(outcomes, None))
        return self._found(ranked, outcomes)

    def _paths(self, wanted: Callable[[str], bool]) -> tuple[str, ...]:
        return modules_that_matter(self._index, lambda path: wanted(path) and not is_foreign(path))

    def _outcomes(
        self, paths: Sequence[str], wanted: Callable[[str], bool], flask_app: str | None
    ) -> tuple[Outcome, ...]:
        spoken = _spoken(flask_app, "FLASK_APP", 300) if flask_app else None
        wishes = [*([spoken] if spoken else []), *self._notebook.read("wishes", (), _Wishes, _declared).found]
        reader = self._reader(paths)
        outcomes = (reader.outcome(wish) for wish in wishes)
        return tuple(outcome for outcome in outcomes if outcome.draft is None or wanted(outcome.draft.path))

    def _reader(self, paths: Sequence[str]) -> WishReader:
        likely: Framework = next((name for name in _FRAMEWORKS if name in self._distributions), "other")
        return WishReader(self._index, self._evaluator, paths, likely)

    def _rank(self, drafts: Iterable[Draft], outcomes: Sequence[Outcome]) -> tuple[Ranked, ...]:
        ranking = Ranking(
            index=self._index,
            player=self._player,
            roots=self._roots,
            surface=Surface(self._tree),
            distributions=self._distributions,
            outcomes=outcomes,
        )
        return rank(drafts, ranking)

    def _refusal(self, ranked: Sequence[Ranked], drafts: Drafts, outcomes: Sequence[Outcome]) -> str | None:
        if not ranked:
            paths = modules_that_matter(self._index, is_foreign)[:_MAX_FOREIGN]
            foreign = collect(paths, self._index, self._evaluator)
            return refusal_text(self._tree, self._index, drafts, foreign.offered)
        convinced = any(outcome.draft and outcome.wish.strength >= _CONVINCING for outcome in outcomes)
        apps = tuple(found.draft.path for found in ranked)
        return None if convinced else library_reason(self._tree, self._index, apps)

    def _found(self, ranked: Sequence[Ranked], outcomes: Sequence[Outcome]) -> AppSearch:
        candidates = tuple(self._reporter.candidate(found) for found in ranked[:_MAX_CANDIDATES])
        best, chosen = ranked[0], candidates[0]
        decision = Decision(
            subject="app.target",
            choice=chosen.target,
            reason=chosen.reason,
            evidence=chosen.evidence,
            override=_OVERRIDE,
        )
        mistaken = mistaken_wishes(outcomes, chosen)
        obstacles = self._reporter.obstacles(best.boot.obstacles)
        serves = any(obstacle.kind in {"runs", "serves"} for obstacle in best.boot.obstacles)
        return AppSearch(
            candidates=candidates,
            decisions=(decision,),
            cautions=(*mistaken, *self._reporter.rivals(ranked), *obstacles),
            import_roots=(best.home.root, *best.home.extra),
            environment=(("FLASK_RUN_FROM_CLI", "true"),) if serves else (),
        )


def _any_path(path: str) -> bool:
    return bool(path)


def _spoken(text: str, source: str, strength: int) -> Wish | None:
    """A wish from outside the project."""
    parsed = parse_target(text)
    if parsed is None:
        return None
    module, attribute, call = parsed
    return Wish(source=source, strength=strength, module=module, attribute=attribute, call=call, calls_factory=True)


def _with_wished(drafts: Sequence[Draft], outcomes: Sequence[Outcome]) -> tuple[Draft, ...]:
    """Drafts, and those that only a wish has brought up, or that a wish gives other arguments."""
    known = {(draft.path, draft.name): draft for draft in drafts}
    for outcome in reversed(outcomes):  # the strongest has the last word
        draft, strength = outcome.draft, outcome.wish.strength
        if draft is None or (is_foreign(draft.path) and strength < _FOR_PRODUCTION):
            continue
        stated = outcome.wish.call is not None and len(outcome.wish.call) > 2 and strength >= _CONVINCING
        if stated or (draft.path, draft.name) not in known:
            known[draft.path, draft.name] = draft
    return tuple(known.values())
