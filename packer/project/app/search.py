"""From a source tree to the application to start: drafts, wishes, ranking, and what to say about them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from packer.project.app.boot import BootPlayer, Obstacle
from packer.project.app.declared import declared_wishes
from packer.project.app.drafts import Draft, Drafts, collect, modules_that_matter
from packer.project.app.evaluate import Evaluator
from packer.project.app.interface import connexion_major
from packer.project.app.modules import ModuleIndex, ancestors
from packer.project.app.places import is_foreign, is_template
from packer.project.app.ranking import Ranked, Ranking, rank
from packer.project.app.refusal import library_reason, refusal_text
from packer.project.app.roots import RootFinder
from packer.project.app.surface import Surface
from packer.project.app.wanted import Outcome, WishReader
from packer.project.app.wishes import Wish, parse_target
from packer.project.model import AppCandidate, Caution, Decision, Evidence, Framework
from packer.project.tree import SourceTree, evidence_at

__all__ = ["AppSearch", "find_app"]

_OVERRIDE = 'app = "module:attribute"'
_MAX_CANDIDATES = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class AppSearch:
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
    tree: SourceTree, *, distributions: frozenset[str], setting: str | None = None, flask_app: str | None = None
) -> AppSearch:
    """Find the application that a project is, without running any of it.

    Args:
        tree: the project.
        distributions: normalised names of its requirements for production; empty when unknown.
        setting: the user's own word (`module:attribute`, a file, or a folder), which is final.
        flask_app: the value of FLASK_APP around pack, if any.
    """
    return _Search(tree, distributions).run(setting, flask_app)


class _Search:
    def __init__(self, tree: SourceTree, distributions: frozenset[str]) -> None:
        self._tree = tree
        self._distributions = distributions
        self._index = ModuleIndex(tree)
        self._evaluator = Evaluator(self._index)
        self._roots = RootFinder(self._index, distributions)
        self._player = BootPlayer(self._index, self._evaluator)

    def run(self, setting: str | None, flask_app: str | None) -> AppSearch:
        paths = modules_that_matter(self._index)
        if setting is not None and self._index.is_folder(setting.strip("/") or "."):
            paths = tuple(path for path in paths if path.startswith(setting.strip("/") + "/"))
            setting = None
        drafts = collect(paths, self._index, self._evaluator)
        outcomes = self._outcomes(paths, setting, flask_app)
        if setting is not None:
            return self._as_told(setting, outcomes[0], drafts)
        offered = _with_wished(drafts.offered, outcomes)
        ranked = self._rank(offered, outcomes)
        refusal = self._refusal(ranked, drafts, outcomes)
        if refusal is not None:
            return AppSearch(refusal=refusal, cautions=_mistaken(outcomes, None))
        return self._found(ranked, outcomes)

    def _outcomes(self, paths: Sequence[str], setting: str | None, flask_app: str | None) -> tuple[Outcome, ...]:
        wishes: list[Wish] = []
        for text, source, strength in ((setting, "the setting app", 1000), (flask_app, "FLASK_APP", 300)):
            parsed = parse_target(text) if text else None
            if parsed is not None:
                module, attribute, call = parsed
                wishes.append(
                    Wish(
                        source=source,
                        strength=strength,
                        module=module,
                        attribute=attribute,
                        call=call,
                        calls_factory=True,
                    )
                )
        wishes += declared_wishes(self._tree)
        reader = WishReader(self._index, self._evaluator, paths, self._likely_framework())
        return tuple(reader.outcome(wish) for wish in wishes)

    def _likely_framework(self) -> Framework:
        known: tuple[Framework, ...] = ("flask", "dash", "quart", "fastapi", "django", "starlette", "bottle", "falcon")
        return next((name for name in known if name in self._distributions), "other")

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

    def _as_told(self, setting: str, outcome: Outcome, drafts: Drafts) -> AppSearch:
        if outcome.draft is None or outcome.correction.startswith(outcome.draft.path):
            known = ", ".join(
                found.home.module + ":" + found.draft.attribute for found in self._rank(drafts.offered, ())[:5]
            )
            choices = f"; there is {known}" if known else ""
            return AppSearch(refusal=f'the setting app = "{setting}" does not hold: {outcome.correction}{choices}')
        return self._found(self._rank((outcome.draft,), (outcome,)), (outcome,))

    def _refusal(self, ranked: Sequence[Ranked], drafts: Drafts, outcomes: Sequence[Outcome]) -> str | None:
        if any(is_template(path) for path in self._tree.paths) and not ranked:
            return refusal_text(self._tree, self._index, drafts, ())
        if not ranked:
            foreign = collect(modules_that_matter(self._index, foreign=True)[:20], self._index, self._evaluator)
            return refusal_text(self._tree, self._index, drafts, foreign.offered)
        wished = any(outcome.draft and outcome.wish.strength >= 40 for outcome in outcomes)
        return None if wished else library_reason(self._tree, self._index)

    def _found(self, ranked: Sequence[Ranked], outcomes: Sequence[Outcome]) -> AppSearch:
        candidates = tuple(self._candidate(found) for found in ranked[:_MAX_CANDIDATES])
        best, chosen = ranked[0], candidates[0]
        decision = Decision(
            subject="app.target",
            choice=chosen.target,
            reason=chosen.reason,
            evidence=chosen.evidence,
            override=_OVERRIDE,
        )
        serves = any(obstacle.kind == "serves" for obstacle in best.boot.obstacles)
        return AppSearch(
            candidates=candidates,
            decisions=(decision,),
            cautions=(
                *_mistaken(outcomes, chosen),
                *self._rivals(ranked, candidates),
                *self._obstacles(best.boot.obstacles),
            ),
            import_roots=(best.home.root, *best.home.extra),
            environment=(("FLASK_RUN_FROM_CLI", "true"),) if serves else (),
        )

    def _candidate(self, found: Ranked) -> AppCandidate:
        draft = found.draft
        interface = draft.app.interface
        if draft.app.package == "connexion" and connexion_major(self._tree) >= 3:
            interface = "asgi"
        folder = self._roots.working_directory(draft.path, found.home)
        if found.wish is not None and found.wish.wish.imported and found.wish.root is not None:
            stated = found.wish.wish.folder
            folder = stated if self._index.is_folder(stated) and stated in ancestors(draft.path) else folder
        evidence = [evidence_at(self._tree, draft.path, draft.line)]
        if draft.origin != (draft.path, draft.line):
            evidence.append(evidence_at(self._tree, *draft.origin))
        if found.wish is not None and found.wish.wish.evidence is not None:
            evidence.insert(0, found.wish.wish.evidence)
        return AppCandidate(
            target=f"{found.home.module}:{draft.attribute}",
            path=draft.path,
            framework=draft.app.framework,
            interface=interface,
            import_root=found.home.root,
            working_directory=folder,
            score=found.score,
            reason=found.reason,
            evidence=tuple(evidence),
        )

    def _rivals(self, ranked: Sequence[Ranked], candidates: Sequence[AppCandidate]) -> tuple[Caution, ...]:
        """Another application, in another folder, that is nearly as good."""
        best = ranked[0]
        if best.wish is not None:
            return ()
        for found, candidate in zip(ranked[1:], candidates[1:], strict=False):
            other = found.draft.origin != best.draft.origin and candidate.import_root != candidates[0].import_root
            if other and best.score - found.score <= 15:
                return (
                    Caution(
                        what=f"{candidate.path} is an application as good as {candidates[0].path}",
                        hint=f'choose with app = "{candidate.target}", or with the folder {candidate.import_root}',
                        evidence=(candidate.evidence[0],),
                    ),
                )
        return ()

    def _obstacles(self, obstacles: Iterable[Obstacle]) -> tuple[Caution, ...]:
        return tuple(
            Caution(
                what=f"{obstacle.path}: {obstacle.text}",
                hint='put it under `if __name__ == "__main__":`'
                if obstacle.kind in {"serves", "arguments", "blocks"}
                else None,
                evidence=(evidence_at(self._tree, obstacle.path, obstacle.line),),
            )
            for obstacle in obstacles
        )


def _with_wished(drafts: Sequence[Draft], outcomes: Sequence[Outcome]) -> tuple[Draft, ...]:
    """Drafts, and those that only a wish has brought up."""
    known = {(draft.path, draft.name): draft for draft in drafts}
    for outcome in outcomes:
        draft = outcome.draft
        if draft is None or is_foreign(draft.path):
            continue
        key = (draft.path, draft.name)
        stated = outcome.wish.call is not None and len(outcome.wish.call) > 2
        if key not in known or (stated and outcome.wish.strength >= 40):
            known[key] = draft
    return tuple(known.values())


def _mistaken(outcomes: Sequence[Outcome], chosen: AppCandidate | None) -> tuple[Caution, ...]:
    """What the project's own files say and the code does not bear out; only commands that are meant for production."""
    found: list[Caution] = []
    for outcome in outcomes:
        wish = outcome.wish
        if not outcome.correction or wish.strength < 60 or not wish.imported or re.search(r"[${<]", wish.module):
            continue
        evidence: tuple[Evidence, ...] = (wish.evidence,) if wish.evidence else ()
        hint = f"{chosen.target} is used" if chosen else None
        found.append(
            Caution(what=f"{wish.source} names {wish.text}, but {outcome.correction}", hint=hint, evidence=evidence)
        )
    return tuple(dict.fromkeys(replace(caution) for caution in found))
