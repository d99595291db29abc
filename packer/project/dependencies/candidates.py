"""Every way in which the files of one folder state the project's requirements."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from msgspec import Struct, field
from msgspec.structs import replace
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.version import InvalidVersion

from packer.errors import ProjectError
from packer.project.dependencies.conda_environment import read_conda_environment
from packer.project.dependencies.conda_files import conda_files
from packer.project.dependencies.local import with_local_packages
from packer.project.dependencies.locks import (
    read_pdm_lock,
    read_pipfile_lock,
    read_poetry_lock,
    read_pylock,
    read_uv_lock,
    requirements_lock,
)
from packer.project.dependencies.locks.graph import wish_of
from packer.project.dependencies.package_manifest import read_package_manifest
from packer.project.dependencies.pipfile import read_pipfile
from packer.project.dependencies.requirement_files import DEVELOPMENT, MISSPELT, is_for_development, requirements_files
from packer.project.dependencies.requirements_file import RequirementsFile, read_requirements_file
from packer.project.dependencies.sources import Candidate, Candidates, Lock, LockFormat, Manifest
from packer.project.dependencies.tree_paths import ancestors, inside, names_in
from packer.project.model import Caution, Evidence, RequirementFact
from packer.project.tree import SourceTree
from packer.regex import regex

__all__ = ["candidates_in", "contradictions"]

MAX_REQUIREMENTS_FILES = 20
_LOCK_RANK: dict[LockFormat, int] = {"uv": 0, "poetry": 1, "pdm": 2, "pylock": 3, "pipenv": 4, "requirements": 5}
_PYLOCK = regex(r"^pylock(\.(?P<name>[^.]+))?\.toml$")


class _Folder(Struct):
    """The files of one folder, read so that a broken one costs a caution only."""

    tree: SourceTree
    path: str
    found: list[Candidate] = field(default_factory=list)
    cautions: list[Caution] = field(default_factory=list)

    def manifest(self, read: Callable[[], RequirementsFile | None]) -> Manifest | None:
        """The manifest that `read` reads, None when there is none or it is broken."""
        try:
            found = read()
            return with_local_packages(self.tree, found) if found else None
        except ProjectError as error:
            self.broken(error)
            return None

    def lock(self, read: Callable[[], Lock]) -> Lock | None:
        """The lock that `read` reads, None when it is broken."""
        try:
            return read()
        except ProjectError as error:
            self.broken(error)
            return None

    def broken(self, error: ProjectError) -> None:
        """Keep what is wrong with a file."""
        path = error.where or self.path
        self.cautions.append(Caution(what=error.what, hint=error.hint, evidence=(Evidence(path, 1, ""),)))

    def add(self, manifest: Manifest, lock: Lock | None, rank: float, *, development: bool = False) -> None:
        """Keep a candidate; a lock that no longer fits its manifest is left out, aloud."""
        stale = _unsatisfied(lock, manifest) if lock else []
        cautions = (_stale(lock, manifest, stale),) if lock and stale else ()
        kept = None if stale else lock
        if lock and lock.manager in {"uv", "poetry", "pdm"}:
            manifest = replace(manifest, manager=lock.manager)
        self.found.append(
            Candidate(
                manifest=manifest,
                lock=kept,
                rank=_LOCK_RANK[kept.format] if kept else rank,
                development=development,
                cautions=(*manifest.cautions, *cautions, *(kept.cautions if kept else ())),
            )
        )


def candidates_in(tree: SourceTree, folder: str) -> Candidates:
    """The candidates of one folder."""
    reading = _Folder(tree, folder)
    package = reading.manifest(lambda: read_package_manifest(tree, folder))
    if package is not None:
        for lock in _package_locks(reading, package) or (None,):
            reading.add(package, lock, 12 if package.own else 14)
    _add_pipenv(reading)
    _add_requirements(reading, package)
    _add_conda(reading)
    found = sorted(reading.found, key=lambda one: one.rank)
    return Candidates(found=tuple(found), cautions=tuple(reading.cautions))


def _package_locks(reading: _Folder, package: Manifest) -> list[Lock]:
    tree, folder = reading.tree, reading.path
    if not package.path.endswith("pyproject.toml"):
        return []
    wishes = [wish for fact in package.requirements if (wish := wish_of(fact.text))]
    found = []
    for place in ancestors(folder):
        path = inside(place, "uv.lock")
        if tree.has(path):
            found.append(reading.lock(lambda path=path: read_uv_lock(tree, path, member=folder)))  # type: ignore[misc]
            break
    if tree.has(path := inside(folder, "poetry.lock")):
        found.append(reading.lock(lambda path=path: read_poetry_lock(tree, path, wishes=wishes)))  # type: ignore[misc]
    if tree.has(path := inside(folder, "pdm.lock")):
        found.append(reading.lock(lambda path=path: read_pdm_lock(tree, path, wishes=wishes)))  # type: ignore[misc]
    found += [reading.lock(lambda path=path: read_pylock(tree, path)) for path in _pylocks(tree, folder)]  # type: ignore[misc]
    return [lock for lock in found if lock is not None]


def _pylocks(tree: SourceTree, folder: str) -> Iterator[str]:
    """`pylock.toml`, else one whose name says production, else a single one that is not for developers."""
    named = {match["name"]: name for name in names_in(tree, folder) if (match := _PYLOCK.match(name))}
    for wanted in (None, "prod", "production", "deploy", "main", "app"):
        if wanted in named:
            yield inside(folder, named[wanted])
            return
    others = [name for word, name in named.items() if word not in {"dev", "test", "tests", "docs", "lint"}]
    if len(others) == 1:
        yield inside(folder, others[0])


def _pylock_alone(reading: _Folder) -> Lock | None:
    """The `pylock.toml` of a folder whose wishes are in no manifest of a package."""
    for path in _pylocks(reading.tree, reading.path):
        lock = reading.lock(lambda path=path: read_pylock(reading.tree, path))  # type: ignore[misc]
        if lock is not None:
            return lock
    return None


def _add_pipenv(reading: _Folder) -> None:
    tree, folder = reading.tree, reading.path
    path, lock_path = inside(folder, "Pipfile"), inside(folder, "Pipfile.lock")
    lock = reading.lock(lambda: read_pipfile_lock(tree, lock_path)) if tree.has(lock_path) else None
    manifest = reading.manifest(lambda: read_pipfile(tree, path)) if tree.has(path) else None
    if manifest is None and lock is not None:
        manifest = _manifest_of(lock)
    if manifest is not None:
        reading.add(manifest, lock, 13)


def _manifest_of(lock: Lock) -> Manifest:
    """The wishes that a lock without a manifest stands for."""
    evidence = Evidence(lock.path, 1, "")
    facts = [
        RequirementFact(text=f"{name}=={version}", name=name, pinned=version, evidence=(evidence,))
        for name, version in lock.locked
    ]
    return Manifest(manager=lock.manager, path=lock.path, files=(lock.path,), requirements=tuple(facts))


def _add_requirements(reading: _Folder, package: Manifest | None) -> None:
    """Requirements files; a `pylock.toml` is the lock of the best one, and needs none: it says what is wanted."""
    alone = None if package is not None and package.requirements else _pylock_alone(reading)
    ranked = requirements_files(reading.tree, reading.path)[:MAX_REQUIREMENTS_FILES]
    for rank, path in ranked:
        manifest = reading.manifest(lambda path=path: read_requirements_file(reading.tree, path))  # type: ignore[misc]
        if manifest is None:
            continue
        place = 10 + rank / 100 if rank < MISSPELT else 15 + rank / 100
        if package is not None and contradictions(manifest, package):
            place = 18
        elif rank < DEVELOPMENT and any(is_for_development(other) for other in manifest.files):
            place = 17  # `-r requirements/dev.txt`: any file for production is better
        lock = requirements_lock(manifest)
        if lock is None and alone is not None and place < 11 and manifest.requirements:
            lock, alone = alone, None
        reading.add(manifest, lock, place, development=rank == DEVELOPMENT)
    if alone is not None:
        reading.add(_manifest_of(alone), alone, 3)


def _add_conda(reading: _Folder) -> None:
    for rank, path in conda_files(reading.tree, reading.path)[:MAX_REQUIREMENTS_FILES]:
        manifest = reading.manifest(lambda path=path: read_conda_environment(reading.tree, path))  # type: ignore[misc]
        if manifest is not None and manifest.requirements:
            reading.add(manifest, None, 20 + rank / 100, development=rank == DEVELOPMENT)


def contradictions(pins: Manifest, limits: Manifest) -> list[RequirementFact]:
    """The wishes of `limits` that the exact versions of `pins` break."""
    pinned = {fact.name: fact.pinned for fact in pins.requirements if fact.pinned}
    return [fact for fact in limits.requirements if fact.name in pinned and not _allows(fact, [str(pinned[fact.name])])]


def _unsatisfied(lock: Lock, manifest: Manifest) -> list[RequirementFact]:
    """The wishes that a lock does not fulfil: the proof that it is older than its manifest.

    Tools compare a hash of the manifest, which changes with every development tool too, and with the tool's own
    version. A lock whose pins still satisfy every production wish is the better environment than a fresh one.
    """
    versions: dict[str, list[str]] = {}
    for name, version in lock.locked:
        versions.setdefault(name, []).append(version)
    local = {package.name for package in (*lock.local_packages, *manifest.local_packages)}
    broken = []
    for fact in manifest.requirements:
        if fact.name in lock.unpinned or fact.name in local:
            continue
        if fact.name not in versions:
            # A wish for other platforms only may be missing in a lock that was made for this one.
            if not Requirement(fact.text).marker:
                broken.append(fact)
        elif not _allows(fact, versions[fact.name]):
            broken.append(fact)
    return broken


def _allows(fact: RequirementFact, versions: list[str]) -> bool:
    requirement = Requirement(fact.text)
    limits: SpecifierSet = requirement.specifier
    if requirement.url or not limits:
        return True
    try:
        return any(limits.contains(version, prereleases=True) for version in versions)
    except InvalidVersion:
        return True


_REFRESH: dict[LockFormat, str] = {
    "uv": "run `uv lock`",
    "poetry": "run `poetry lock`",
    "pdm": "run `pdm lock`",
    "pipenv": "run `pipenv lock`",
    "pylock": "run `pack lock`",
    "requirements": "compile it again",
}


def _stale(lock: Lock, manifest: Manifest, broken: list[RequirementFact]) -> Caution:
    shown = ", ".join(fact.text for fact in broken[:5]) + (", …" if len(broken) > 5 else "")
    return Caution(
        what=f"{lock.path} does not fit {manifest.path} any more ({shown}): versions are resolved without it",
        hint=f"{_REFRESH[lock.format]} and commit {lock.path}",
        evidence=broken[0].evidence,
    )
