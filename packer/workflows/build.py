"""Build: from a folder to an image, with every choice settled before anything is made."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from packer.build.lockfile import PackLock
from packer.build.native import Material, NativeImage, build_native
from packer.build.progress import Progress
from packer.build.settle import Locks, Settled, settle
from packer.build.workshop import Workshop
from packer.errors import LockError
from packer.oci.image import Image
from packer.oci.platform import Platform
from packer.plan.model import Plan
from packer.plan.planner import make_plan
from packer.plan.settings import Settings
from packer.project.inspect import inspect
from packer.project.model import Caution, Project
from packer.system.source_files import SourceListing, source_files
from packer.system.tree import DirectoryTree
from packer.workflows.bases import given_base
from packer.workflows.locks import read_pack_lock
from packer.workflows.provenance import Provenance

__all__ = ["BuildRequest", "Built", "build"]


@dataclass(frozen=True, slots=True, kw_only=True)
class BuildRequest:
    """What to build.

    Attributes:
        folder: the project.
        settings: wishes, from files, environment and flags.
        platforms: what the image is for, at least one.
        provenance: commit and time, for the labels.
        frozen: fail where a lock is missing or would change.
        refresh: look for newer packages.
    """

    folder: Path
    settings: Settings
    platforms: tuple[Platform, ...]
    provenance: Provenance
    frozen: bool = False
    refresh: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Built:
    """What was built.

    Attributes:
        project: the facts.
        plan: what was decided.
        images: one for each platform.
        settled: what each was made of, in the same order.
        cautions: what may surprise.
    """

    project: Project
    plan: Plan
    images: tuple[Image, ...]
    settled: tuple[Settled, ...]
    cautions: tuple[Caution, ...]


def build(request: BuildRequest, workshop: Workshop, *, progress: Progress) -> Built:
    """Inspect, plan, settle and make.

    Raises:
        ProjectError: the folder cannot be understood.
        PlanError: there is no app, or no Python or base fits.
        LockError: `frozen`, and a lock is missing or would change.
        BuildError: a part is broken, or cannot be had.
        TransientError: an index or a mirror does not answer.
    """
    with progress.step("reading the project"):
        project = inspect(DirectoryTree(request.folder), app=request.settings.app)
        lock = read_pack_lock(request.folder)
        sources = source_files(request.folder, _patterns(request.settings))
    if request.frozen:
        _require_locks(project, lock)
    building = _Building(request, project, sources, lock, workshop, progress)
    built: list[tuple[Settled, NativeImage]] = []
    python = request.settings.python or (lock.python if lock else None)
    for platform in request.platforms:
        settled = building.settle(platform, python)
        python = settled.plan.python  # one Python for all platforms
        built.append((settled, building.make(settled, platform)))
    first = built[0][0]
    cautions = (
        *first.plan.cautions,
        *(caution for settled, made in built for caution in (*settled.cautions, *made.cautions)),
        *(Caution(what=f"{path} is not in the image: {reason}") for path, reason in sources.left_out),
    )
    return Built(
        project=project,
        plan=first.plan,
        images=tuple(made.image for _, made in built),
        settled=tuple(settled for settled, _ in built),
        cautions=tuple(dict.fromkeys(cautions)),
    )


def _patterns(settings: Settings) -> tuple[str, ...]:
    """The settings' patterns as one list of ignore rules: what is included is a rule turned round."""
    return (*settings.exclude, *(f"!{pattern}" for pattern in settings.include))


def _require_locks(project: Project, lock: PackLock | None) -> None:
    if lock is None:
        raise LockError("there is no pack.lock to follow", hint="write it: pack lock")
    if project.dependencies.direct and project.dependencies.lock is None:
        raise LockError("the project has no lock of its Python dependencies", hint="write one: pack lock")


@dataclass(frozen=True, slots=True)
class _Building:
    """What stays the same from platform to platform."""

    request: BuildRequest
    project: Project
    sources: SourceListing
    lock: PackLock | None
    workshop: Workshop
    progress: Progress

    def settle(self, platform: Platform, python: str | None) -> Settled:
        """Choose everything for a platform."""
        request, lock = self.request, self.lock
        settings = replace(request.settings, python=python)
        given = given_base(settings.base, platform, workshop=self.workshop)
        own = self.project.own_package
        labels = request.provenance.labels(title=self.project.name, version=own.version if own else None)

        def planner(without: frozenset[str]) -> Plan:
            base_python = ".".join(given.python_version.split(".")[:2]) if given else None
            return make_plan(self.project, settings, labels=labels, base_python=base_python, without_pythons=without)

        settled = settle(
            planner,
            root=request.folder,
            platform=platform,
            given=given,
            locks=Locks(pack=lock, refresh=request.refresh),
            allow_expired=settings.debian.allow_expired,
            workshop=self.workshop,
            progress=self.progress,
        )
        if request.frozen and lock and settled.base != lock.base(platform.architecture):
            raise LockError(f"pack.lock does not hold the base that {platform} needs", hint="write it anew: pack lock")
        return settled

    def make(self, settled: Settled, platform: Platform) -> NativeImage:
        """Make the image of what was chosen."""
        with self.progress.step(f"building for {platform}"):
            return build_native(
                settled.plan,
                Material(
                    foundation=settled.foundation,
                    wheels=settled.wheels,
                    fetcher=settled.fetcher,
                    files=self.sources.files,
                    placements=self.lock.layers if self.lock else (),
                ),
                root=self.request.folder,
                platform=platform,
                created=self.request.provenance.created,
                workshop=self.workshop,
                progress=self.progress,
            )
