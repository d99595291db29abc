"""What is said about the choice: candidates with their evidence, and cautions about what will surprise."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from packer.project.app.boot import Obstacle
from packer.project.app.interface import connexion_major
from packer.project.app.modules import ModuleIndex, ancestors
from packer.project.app.ranking import Ranked
from packer.project.app.roots import RootFinder
from packer.project.app.wanted import Outcome
from packer.project.model import AppCandidate, Caution, Evidence, Interface
from packer.project.tree import SourceTree, evidence_at

__all__ = ["Reporter", "mistaken_wishes"]

_SPOKEN_WISH = 60  # wishes of this strength and more are meant for production: where they do not hold, that is said
_NEARLY_AS_GOOD = 15
_OWN_FAULTS = frozenset({"runs", "serves", "arguments", "blocks"})


class Reporter:
    """Puts rankings into the words of the project model."""

    def __init__(self, tree: SourceTree, index: ModuleIndex, roots: RootFinder) -> None:
        self._tree = tree
        self._index = index
        self._roots = roots

    def candidate(self, found: Ranked) -> AppCandidate:
        """A ranked draft as a candidate."""
        draft = found.draft
        evidence = [evidence_at(self._tree, draft.path, draft.line)]
        if draft.origin != (draft.path, draft.line):
            evidence.append(evidence_at(self._tree, *draft.origin))
        if found.wish is not None and found.wish.wish.evidence is not None:
            evidence.insert(0, found.wish.wish.evidence)
        return AppCandidate(
            target=f"{found.home.module}:{draft.attribute}",
            path=draft.path,
            framework=draft.app.framework,
            interface=self._interface(found),
            import_root=found.home.root,
            working_directory=self._working_directory(found),
            score=found.score,
            reason=found.reason,
            evidence=tuple(evidence),
        )

    def rivals(self, ranked: Sequence[Ranked]) -> tuple[Caution, ...]:
        """The first other application, in another folder, that is nearly as good; none where the project chooses."""
        best = ranked[0]
        for found in ranked[1:] if best.wish is None else ():
            other = found.draft.origin != best.draft.origin and found.home.root != best.home.root
            if other and best.score - found.score <= _NEARLY_AS_GOOD:
                target = f"{found.home.module}:{found.draft.attribute}"
                return (
                    Caution(
                        what=f"{found.draft.path} is an application as good as {best.draft.path}",
                        hint=f'choose with app = "{target}", or with the folder {found.home.root}',
                        evidence=(evidence_at(self._tree, found.draft.path, found.draft.line),),
                    ),
                )
        return ()

    def obstacles(self, obstacles: Iterable[Obstacle]) -> tuple[Caution, ...]:
        """What importing the best candidate will run into."""
        guard = 'put it under `if __name__ == "__main__":`'
        return tuple(
            Caution(
                what=f"{obstacle.path}: {obstacle.text}",
                hint=guard if obstacle.kind in _OWN_FAULTS else None,
                evidence=(evidence_at(self._tree, obstacle.path, obstacle.line),),
            )
            for obstacle in obstacles
        )

    def _interface(self, found: Ranked) -> Interface:
        app = found.draft.app
        return (
            "asgi"
            if app.package == "connexion" and connexion_major(self._tree, found.draft.path) >= 3
            else app.interface
        )

    def _working_directory(self, found: Ranked) -> str:
        """The folder that the project's own command runs in, else the one that its relative file names ask for."""
        wish = found.wish.wish if found.wish is not None and found.wish.root is not None else None
        stated = wish.folder if wish is not None and wish.imported else ""
        if self._index.is_folder(stated) and stated in ancestors(found.draft.path):
            return stated
        return "." if found.home.root == ".." else self._roots.working_directory(found.draft.path, found.home)


def mistaken_wishes(outcomes: Sequence[Outcome], chosen: AppCandidate | None) -> tuple[Caution, ...]:
    """What the project's own files say and the code does not bear out."""
    found: list[Caution] = []
    for outcome in outcomes:
        wish = outcome.wish
        if not outcome.correction or wish.strength < _SPOKEN_WISH or not wish.imported:
            continue
        if wish.server == "apache" or re.search(r"[${<]", wish.module):  # a .wsgi file may name what is installed
            continue
        evidence: tuple[Evidence, ...] = (wish.evidence,) if wish.evidence else ()
        hint = f"{chosen.target} is used" if chosen else None
        what = f"{wish.source} names {wish.text}, but {outcome.correction}"
        found.append(Caution(what=what, hint=hint, evidence=evidence))
    return tuple(dict.fromkeys(found))
