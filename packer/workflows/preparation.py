"""Preparation: what building and locking both begin with: the facts, the locks, and every choice for a platform."""

from __future__ import annotations

from pathlib import Path

from msgspec import Struct
from msgspec.structs import asdict, replace

from packer.build.lockfile import PackLock
from packer.build.progress import Progress
from packer.build.settle import Chosen, Locks, PulledBaseError, Settled, choose
from packer.build.workshop import Workshop
from packer.oci.platform import Platform
from packer.plan.model import Plan
from packer.plan.planner import make_plan
from packer.plan.settings import Settings
from packer.wheels.fetch import WheelFetcher
from packer.workflows.bases import given_base
from packer.workflows.locks import read_pack_lock
from packer.workflows.provenance import Provenance
from packer.workflows.reading import Reading, read_project

__all__ = ["Preparation", "prepare"]


class _Arguments(Struct, frozen=True):
    """What `choose` is given besides the settings."""

    platform: Platform
    refresh: bool
    workshop: Workshop
    fetcher: WheelFetcher
    progress: Progress


class Preparation(Reading, frozen=True, kw_only=True):
    """A project that was read, and what it takes to choose for it.

    Attributes:
        lock: its `pack.lock`, if it has one.
        resolved: a `pylock.toml` whose versions are kept where they fit, though it is not followed.
    """

    lock: PackLock | None
    resolved: bytes | None = None

    def unlocked(self, resolved: bytes | None) -> Preparation:
        """The same, as if the project had no lock of its distributions."""
        facts = replace(self.project.dependencies, lock=None, lock_format=None, locked=(), wheels=())
        return replace(self, project=replace(self.project, dependencies=facts), resolved=resolved)

    def settle(
        self,
        platform: Platform,
        *,
        refresh: bool = False,
        workshop: Workshop,
        fetcher: WheelFetcher,
        progress: Progress,
    ) -> Settled:
        """Choose everything for a platform. Raises as `packer.build.settle.choose`."""
        return self.choose(platform, refresh=refresh, workshop=workshop, fetcher=fetcher, progress=progress).complete()

    def choose(
        self,
        platform: Platform,
        *,
        python: str | None = None,
        refresh: bool = False,
        workshop: Workshop,
        fetcher: WheelFetcher,
        progress: Progress,
    ) -> Chosen:
        """Choose for a platform what takes no wheel; `python` restricts the choice. Raises as `settle`."""
        settings = replace(self.settings, python=python or self.settings.python or self._locked_python(refresh=refresh))
        arguments = _Arguments(platform, refresh, workshop, fetcher, progress)
        try:
            return self._choose(settings, arguments)
        except PulledBaseError as pulled:  # nothing names a base, and no Debian release carries the Python
            return self._choose(replace(settings, base=pulled.reference, python=pulled.python), arguments)

    def _choose(self, settings: Settings, arguments: _Arguments) -> Chosen:
        platform, refresh, workshop = arguments.platform, arguments.refresh, arguments.workshop
        given = given_base(
            settings.base, platform, python=settings.python, lock=self.lock, refresh=refresh, workshop=workshop
        )

        def planner(without: frozenset[str]) -> Plan:
            base_python = ".".join(given.python_version.split(".")[:2]) if given else None
            plan = make_plan(
                self.project, settings, labels=self.labels, base_python=base_python, without_pythons=without
            )
            pins = self.lock.added if self.lock and not refresh else ()
            return replace(plan, dependencies=replace(plan.dependencies, pins=pins)) if pins else plan

        return choose(
            planner,
            root=self.folder,
            platform=platform,
            given=given,
            locks=Locks(pack=self.lock, resolved=self.resolved, refresh=refresh),
            allow_expired=settings.debian.allow_expired,
            workshop=workshop,
            fetcher=arguments.fetcher,
            progress=arguments.progress,
        )

    def _locked_python(self, *, refresh: bool) -> str | None:
        return self.lock.python if self.lock and not refresh else None


def prepare(folder: Path, settings: Settings, provenance: Provenance, *, progress: Progress) -> Preparation:
    """Read a project and its locks.

    Raises:
        ProjectError: the folder cannot be understood.
        LockError: a lock cannot be read.
    """
    return prepared(read_project(folder, settings, provenance, progress=progress))


def prepared(reading: Reading) -> Preparation:
    """A project that was read, with its lock. Raises `LockError` for one that cannot be read."""
    return Preparation(**asdict(reading), lock=read_pack_lock(reading.folder))
