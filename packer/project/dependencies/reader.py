"""Which of the project's files is believed, and what follows from it."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache

from msgspec import Struct
from msgspec.structs import replace

from packer.project.app.places import is_foreign
from packer.project.dated import read_dated
from packer.project.dependencies.conda_files import is_conda_name
from packer.project.dependencies.extras import Extra, wanted_extras, with_extras
from packer.project.dependencies.implied import (
    FRAMEWORKS,
    inferred_requirements,
    lacking,
    unknown_caution,
    without_provider,
)
from packer.project.dependencies.requirement_files import MISSPELT, requirement_rank
from packer.project.dependencies.sources import Candidate, Candidates, DependencyReading
from packer.project.dependencies.tree_paths import ancestors
from packer.project.import_statements import ImportStatements
from packer.project.imports import ProductionCode, read_production_code
from packer.project.model import Caution, Decision, DependencyFacts, Evidence
from packer.project.notebook import Notebook
from packer.project.tree import SourceTree

__all__ = ["DependencyReader"]

MAX_FOLDERS = 20
"""Folders that are searched where none at or above the app states anything."""


class DependencyReader:
    """Reads what a project needs in production. The manifests of a folder are read once, whatever is asked."""

    def __init__(self, tree: SourceTree, notebook: Notebook | None = None) -> None:
        self._tree = tree
        self._notebook = notebook or Notebook(tree)
        self._candidates = cache(self._read_candidates)
        self._statements = ImportStatements(tree)

    def read(self, *, subfolder: str = ".", app_path: str | None = None) -> DependencyReading:
        """What one application of the project needs. Broken files cost a caution, never the whole reading.

        The nearest folder at or above `subfolder` whose files ask for anything wins; a folder elsewhere is taken only
        when there is none. In that folder the order is: a lock that fits its manifest (uv, Poetry, PDM, pylock,
        Pipenv, compiled requirements), requirements files, pyproject.toml, Pipfile, setup.cfg or setup.py, conda; a
        file for developers comes last, and one that lacks the very framework that the code imports comes after all
        that have it.

        Args:
            subfolder: the app's import or working folder.
            app_path: the file of the application, where it is known: imports are followed from there, and dated uses
                are looked for.
        """
        code = read_production_code(self._tree, subfolder=subfolder, app_path=app_path, statements=self._statements)
        reading = self._read(subfolder, code)
        dated = read_dated(self._tree, code) if app_path else ()
        return replace(reading, facts=replace(reading.facts, dated=dated))

    def _read(self, subfolder: str, code: ProductionCode) -> DependencyReading:
        found, broken = self._nearest(subfolder)
        if not any(not one.is_empty for one in found):
            elsewhere, more = self._elsewhere(subfolder)
            found, broken = (elsewhere or found), broken + more
        if not found:
            return _from_imports(self._tree, code, broken)
        choice = _choose(found, code)
        reading = _facts(self._tree, choice, code)
        return replace(
            reading,
            decisions=(*_decisions(choice), *reading.decisions),
            cautions=_merged([*broken, *_beside(choice), *choice.best.cautions, *reading.cautions]),
        )

    def _read_candidates(self, folder: str) -> Candidates:
        def read(tree: SourceTree) -> Candidates:
            from packer.project.dependencies.candidates import candidates_in  # noqa: PLC0415 - slow; notes spare it

            return candidates_in(tree, folder)

        return self._notebook.read("candidates", (folder,), Candidates, read)

    def _nearest(self, subfolder: str) -> tuple[list[Candidate], list[Caution]]:
        """The candidates of the nearest folder that asks for anything, else of the nearest that has any."""
        fallback: list[Candidate] = []
        broken: list[Caution] = []
        for folder in ancestors(subfolder):
            candidates = self._candidates(folder)
            broken += candidates.cautions
            if any(not one.is_empty and not one.development for one in candidates.found):
                return [*candidates.found], broken
            fallback += candidates.found
        return fallback, broken

    def _elsewhere(self, subfolder: str) -> tuple[list[Candidate], list[Caution]]:
        """The candidates of the other folders, nearest the root first; tests and examples are passed by."""
        seen = set(ancestors(subfolder))
        folders = {path.rpartition("/")[0] for path in self._tree.paths if _states_requirements(path)} - seen - {""}
        near = sorted((folder for folder in folders if not is_foreign(folder)), key=lambda one: (one.count("/"), one))
        for folder in near[:MAX_FOLDERS]:
            candidates = self._candidates(folder)
            if any(not one.is_empty for one in candidates.found):
                note = Caution(
                    what=f"no requirements stand at or above {subfolder}: those in {folder} are used",
                    evidence=(Evidence(candidates.found[0].manifest.path, 1, ""),),
                )
                return [*candidates.found], [*candidates.cautions, note]
        return [], []


class _Choice(Struct, frozen=True, kw_only=True):
    best: Candidate
    others: tuple[Candidate, ...]


def _states_requirements(path: str) -> bool:
    name = path.rpartition("/")[2]
    return name in {"Pipfile", "pyproject.toml"} or is_conda_name(name) or requirement_rank(name) is not None


def _choose(found: list[Candidate], code: ProductionCode) -> _Choice:
    asking = [one for one in found if not one.is_empty] or found
    production = [one for one in asking if not one.development] or asking
    ordered = sorted(production, key=lambda one: _order(one, code))
    return _Choice(best=ordered[0], others=tuple(one for one in production if one is not ordered[0]))


def _order(candidate: Candidate, code: ProductionCode) -> tuple[bool, bool, int, float]:
    missing = lacking(code, candidate.names)
    no_framework = any(one.module.split(".", 1)[0] in FRAMEWORKS for one in missing)
    return no_framework, candidate.lock is None, 0 if candidate.lock else len(missing), candidate.rank


def _facts(tree: SourceTree, choice: _Choice, code: ProductionCode) -> DependencyReading:
    manifest, lock = choice.best.manifest, choice.best.lock
    lacked = lacking(code, choice.best.names)
    extras = wanted_extras(tree, manifest.path, lacked)
    missing = [one for one in lacked if not any(extra.brings(one) for extra in extras)]
    implied = inferred_requirements(tree, missing)
    facts = DependencyFacts(
        manager=manifest.manager,
        manifest=manifest.path,
        lock=lock.path if lock else None,
        lock_format=lock.format if lock else None,
        files=tuple(sorted({*manifest.files, *([lock.path] if lock else [])})),
        direct=tuple(sorted(manifest.requirements, key=lambda one: (one.name, one.text))),
        constraints=manifest.constraints,
        locked=lock.locked if lock else (),
        wheels=lock.wheels if lock else (),
        extra_indexes=manifest.extra_indexes,
        local_packages=tuple(
            {one.path: one for one in (*manifest.local_packages, *(lock.local_packages if lock else ()))}.values()
        ),
        requires_python=lock.requires_python if lock else None,
        implied=with_extras(implied, extras),
        imports=_imported(code),
    )
    unknown = without_provider(tree, missing)
    return DependencyReading(
        facts=facts,
        decisions=(
            *(_extra_decision(one) for one in extras),
            *(_implied_decision(one.name, one.evidence) for one in implied),
        ),
        cautions=(unknown_caution(tree, unknown),) if unknown else (),
    )


def _extra_decision(extra: Extra) -> Decision:
    return Decision(
        subject="dependencies.extra",
        choice=extra.name,
        reason="the code imports what only this part of the optional dependencies brings",
        evidence=extra.requirements[0].evidence,
        override="name what the app needs among the project's own requirements",
    )


def _implied_decision(name: str, evidence: tuple[Evidence, ...]) -> Decision:
    return Decision(
        subject="dependencies.implied",
        choice=name,
        reason="the code imports it when it starts, and no requirement brings it",
        evidence=evidence,
        override=f"name {name} among the project's own requirements",
    )


def _decisions(choice: _Choice) -> tuple[Decision, ...]:
    manifest, lock = choice.best.manifest, choice.best.lock
    evidence = manifest.requirements[0].evidence if manifest.requirements else (Evidence(manifest.path, 1, ""),)
    paths = dict.fromkeys(one.manifest.path for one in choice.others if one.manifest.path not in manifest.files)
    if lock:
        reason = f"it pins everything that {manifest.path} asks for"
        return (Decision(subject="dependencies.lock", choice=lock.path, reason=reason, evidence=evidence),)
    reason = f"it comes before {', '.join(paths)} in pack's order" if paths else "it states the requirements"
    return (Decision(subject="dependencies.manifest", choice=manifest.path, reason=reason, evidence=evidence),)


def _beside(choice: _Choice) -> list[Caution]:
    """What is to be said of the chosen file's name, and of other files that state requirements too."""
    cautions = []
    best = choice.best
    name = best.manifest.path.rpartition("/")[2]
    rank = requirement_rank(name)
    if best.development:
        cautions.append(Caution(what=f"{best.manifest.path} is for developers, but no other file states requirements"))
    elif best.manifest.manager == "pip" and rank is not None and rank == MISSPELT:
        cautions.append(
            Caution(
                what=f"{best.manifest.path} is read as a requirements file, although its name is unusual",
                hint="name it requirements.txt, so that every tool finds it",
            )
        )
    rivals = [one for one in choice.others if _is_rival(best, one)]
    if rivals:
        shown = best.lock.path if best.lock else best.manifest.path
        paths = dict.fromkeys(one.lock.path if one.lock else one.manifest.path for one in rivals)
        cautions.append(
            Caution(
                what=f"several files state requirements: {shown} is used, {', '.join(paths)} not",
                hint="keep one of them, or generate the others from it",
                evidence=tuple(Evidence(path, 1, "") for path in paths),
            )
        )
    return cautions


def _is_rival(best: Candidate, other: Candidate) -> bool:
    """Whether a reader may wonder why `other` is not the one: another tool's, or at odds with the chosen one."""
    if other.manifest.path in best.manifest.files:
        return best.lock is not None and other.lock is not None and other.lock.path != best.lock.path
    if other.manifest.files and best.manifest.path in other.manifest.files:
        return False
    tools = {best.manifest.manager, other.manifest.manager}
    if tools <= {"pip", "setuptools"} and best.lock is None:
        from packer.project.dependencies.candidates import contradictions  # noqa: PLC0415 - slow, and seldom asked

        return bool(contradictions(other.manifest, best.manifest) or contradictions(best.manifest, other.manifest))
    return best.manifest.manager != other.manifest.manager or best.lock is not None


def _from_imports(tree: SourceTree, code: ProductionCode, broken: list[Caution]) -> DependencyReading:
    """No file states requirements: the imports are all there is."""
    wanted = [one for one in code.imports if one.when != "maybe"]
    direct = inferred_requirements(tree, wanted)
    unknown = without_provider(tree, wanted)
    cautions = [
        *broken,
        Caution(
            what="no file states the project's requirements: they are inferred from its imports",
            hint="state them in a pyproject.toml or requirements.txt",
            evidence=tuple(evidence for one in direct[:5] for evidence in one.evidence),
        ),
    ]
    if unknown:
        cautions.append(unknown_caution(tree, unknown))
    decision = Decision(
        subject="dependencies.manifest",
        choice=", ".join(one.name for one in direct) or "nothing",
        reason="there is no manifest, and these well-known distributions provide what the code imports",
        evidence=tuple(evidence for one in direct for evidence in one.evidence),
        override="a requirements.txt",
    )
    return DependencyReading(
        facts=DependencyFacts(direct=direct, inferred=True, imports=_imported(code)),
        decisions=(decision,),
        cautions=_merged(cautions),
    )


def _imported(code: ProductionCode) -> tuple[str, ...]:
    return tuple(sorted({one.module for one in code.imports}))


def _merged(cautions: Iterable[Caution]) -> tuple[Caution, ...]:
    """Cautions that say the same of several lines as one."""
    found: dict[tuple[str, str | None], Caution] = {}
    for caution in cautions:
        known = found.get((caution.what, caution.hint))
        evidence = (*known.evidence, *caution.evidence) if known else caution.evidence
        found[caution.what, caution.hint] = replace(caution, evidence=tuple(dict.fromkeys(evidence))[:5])
    return tuple(found.values())
