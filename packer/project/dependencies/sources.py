"""What the readers of this package hand to each other: manifests (wishes), locks (pins), and what struck them."""

from __future__ import annotations

from typing import Literal

from msgspec import Struct

from packer.project.model import Caution, Decision, DependencyFacts, LocalPackage, Manager, RequirementFact

__all__ = ["Candidate", "Candidates", "DependencyReading", "Lock", "LockFormat", "Manifest"]

LockFormat = Literal["uv", "pylock", "poetry", "pdm", "pipenv", "requirements"]


class DependencyReading(Struct, frozen=True, kw_only=True):
    """The facts about dependencies, the choices made while reading them, and what will surprise."""

    facts: DependencyFacts
    decisions: tuple[Decision, ...] = ()
    cautions: tuple[Caution, ...] = ()


class Manifest(Struct, frozen=True, kw_only=True):
    """A file that states wishes, with everything it includes.

    Attributes:
        manager: the tool that owns it.
        path: the file itself; `files` are all that were read for it, itself included.
        requirements: what it wants in production, in the order of the file.
        constraints: limits on whatever else is installed.
        pinned: every requirement is exact and so is, evidently, its closure: the file may serve as a lock.
        own: the wishes come from a tool that keeps a lock of its own (uv, Poetry, PDM, Pipenv), not by hand.
    """

    manager: Manager
    path: str
    files: tuple[str, ...]
    requirements: tuple[RequirementFact, ...] = ()
    constraints: tuple[RequirementFact, ...] = ()
    local_packages: tuple[LocalPackage, ...] = ()
    extra_indexes: tuple[str, ...] = ()
    cautions: tuple[Caution, ...] = ()
    pinned: bool = False
    own: bool = False

    @property
    def names(self) -> frozenset[str]:
        """The normalised names of its requirements."""
        return frozenset(one.name for one in self.requirements)


class Lock(Struct, frozen=True, kw_only=True):
    """A file that pins everything that production needs.

    Attributes:
        locked: name and version of every distribution reachable from the production requirements, for all platforms;
            a distribution that is forked by markers stands there once for each version.
        wheels: file names by distribution, for those whose files the lock lists.
        unpinned: names that it holds without a version (version control, paths): present, whatever their version.
        requires_python: the lock's own limit.
    """

    format: LockFormat
    manager: Manager
    path: str
    locked: tuple[tuple[str, str], ...]
    wheels: tuple[tuple[str, tuple[str, ...]], ...] = ()
    unpinned: frozenset[str] = frozenset()
    requires_python: str | None = None
    local_packages: tuple[LocalPackage, ...] = ()
    cautions: tuple[Caution, ...] = ()

    @property
    def names(self) -> frozenset[str]:
        """The normalised names of everything it pins or holds."""
        return frozenset(name for name, _ in self.locked) | self.unpinned


class Candidate(Struct, frozen=True, kw_only=True):
    """One manifest with the lock that belongs to it, if that lock still holds.

    `rank` orders candidates, the lowest first, where nothing else speaks for one of them. `development` marks a file
    whose name says that it is for developers.
    """

    manifest: Manifest
    lock: Lock | None = None
    rank: float
    development: bool = False
    cautions: tuple[Caution, ...] = ()

    @property
    def names(self) -> frozenset[str]:
        """Every distribution that it is sure to bring."""
        return self.manifest.names | (self.lock.names if self.lock else frozenset())

    @property
    def is_empty(self) -> bool:
        """Whether it asks for nothing at all."""
        return not self.manifest.requirements and not self.manifest.local_packages


class Candidates(Struct, frozen=True, kw_only=True):
    """The candidates of one folder, the best first, and what was wrong with files that are none."""

    found: tuple[Candidate, ...]
    cautions: tuple[Caution, ...]
