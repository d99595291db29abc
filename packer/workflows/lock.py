"""Lock: pin what the image is made of, for the team and for the next year."""

from __future__ import annotations

from pathlib import Path

from msgspec import Struct
from msgspec.structs import replace

from packer.build.debian_foundation import pin_debian
from packer.build.distributions import wheel_fetcher
from packer.build.lockfile import FILE_NAME, PackLock, dump
from packer.build.progress import Progress
from packer.build.settle import Settled
from packer.build.web import pin_web
from packer.build.workshop import Workshop
from packer.debian.lock import BaseLock
from packer.oci.platform import Platform
from packer.plan.model import DebianBase, Plan
from packer.project.model import DependencyFacts
from packer.store.codec import codec_named
from packer.system.files import read_regular, write_atomically
from packer.wheels.group import group
from packer.wheels.lock import resolve
from packer.wheels.request import ResolveRequest
from packer.workflows.bases import pin_given_base
from packer.workflows.locks import dependency_inputs
from packer.workflows.preparation import Preparation

__all__ = ["PYLOCK", "Locked", "lock_project"]

PYLOCK = "pylock.toml"
_LARGEST = 64 * 1024 * 1024


class Locked(Struct, frozen=True, kw_only=True):
    """What was written: file names relative to the project, and which of them changed."""

    files: tuple[str, ...]
    changed: tuple[str, ...]


def lock_project(
    prepared: Preparation,
    platforms: tuple[Platform, ...],
    *,
    every: bool = True,
    upgrade: bool,
    workshop: Workshop,
    progress: Progress,
) -> Locked:
    """Write `pack.lock`, and `pylock.toml` where the project has no other lock of its distributions.

    Args:
        prepared: the project; what its lock so far chose is kept where it still holds.
        platforms: what the base is pinned for, at least one; distributions are chosen for the first.
        every: an image on this machine that is the base must be for all of them; else those it is not for are left out.
        upgrade: choose anew.
        workshop: what to work with.
        progress: told of each step.

    Raises:
        BuildError: something cannot be resolved, or the disk is full; nothing is half-written.
        TransientError: an index or a mirror does not answer.
    """
    folder, previous = prepared.folder, prepared.lock
    if prepared.project.dependencies.lock == PYLOCK:  # what pack adds is in it, and must be added anew
        prepared = prepared.unlocked(None if upgrade else _content(folder / PYLOCK))
    images = pin_given_base(prepared.settings.base, platforms, every=every, workshop=workshop)
    first = Platform.parse(images[0].platform) if images else platforms[0]
    with wheel_fetcher(workshop) as fetcher:
        settled = prepared.settle(first, refresh=upgrade, workshop=workshop, fetcher=fetcher, progress=progress)
    plan = settled.plan
    contents: dict[str, bytes] = {}
    if plan.dependencies.lock is None:
        with progress.step("locking the distributions"):
            contents[PYLOCK] = _pylock(plan, folder, upgrade=upgrade, workshop=workshop)
    bases: tuple[BaseLock, ...] = ()
    if isinstance(plan.base, DebianBase) and settled.base is not None:
        with progress.step("locking the base"):
            bases = _bases(
                replace(plan.base, packages=tuple(sorted({*plan.base.packages, *settled.base.roots}))),
                platforms,
                previous=None if upgrade else previous,
                upgrade=upgrade,
                allow_expired=prepared.settings.debian.allow_expired,
                workshop=workshop,
            )
    webs: tuple[BaseLock, ...] = ()
    if prepared.settings.web.build or (previous and previous.webs):
        with progress.step("locking the web image's base"):
            webs = tuple(
                pin_web(
                    plan.web,
                    architecture,
                    locked=previous.web_base(architecture) if previous and not upgrade else None,
                    workshop=workshop,
                    refresh=upgrade,
                    allow_expired=prepared.settings.debian.allow_expired,
                )
                for architecture in sorted({platform.architecture for platform in platforms})
            )
    lock = PackLock(
        python=plan.python,
        codec=codec_named("gzip").name,
        inputs=dependency_inputs(prepared.project.dependencies),
        bases=bases,
        images=images,
        webs=webs,
        added=_added(prepared.project.dependencies, settled),
        layers=group(settled.wheels, previous=previous.layers if previous else ()),
    )
    contents[FILE_NAME] = dump(lock).encode()
    changed = tuple(name for name, content in contents.items() if _content(folder / name) != content)
    for name in changed:
        write_atomically(folder / name, contents[name])
    return Locked(files=tuple(contents), changed=changed)


def _added(facts: DependencyFacts, settled: Settled) -> tuple[str, ...]:
    """Pins of what the image has beside the project's own lock; a `pylock.toml` of pack's holds all by itself."""
    if facts.lock is None or facts.lock == PYLOCK:
        return ()
    locked = {name for name, _ in facts.locked}
    return tuple(f"{wheel.name}=={wheel.version}" for wheel in settled.wheels if wheel.name not in locked)


def _pylock(plan: Plan, folder: Path, *, upgrade: bool, workshop: Workshop) -> bytes:
    """A lock that holds on every platform, with what pack adds, and the older lock's versions where they fit."""
    previous = None if upgrade else _content(folder / PYLOCK)
    request = ResolveRequest(
        root=folder, dependencies=plan.dependencies, python=plan.python, previous=previous, refresh=upgrade
    )
    return resolve(request, cache=workshop.cache, uv=workshop.uv)


def _bases(
    base: DebianBase,
    platforms: tuple[Platform, ...],
    *,
    previous: PackLock | None,
    upgrade: bool,
    allow_expired: bool,
    workshop: Workshop,
) -> tuple[BaseLock, ...]:
    architectures = sorted({platform.architecture for platform in platforms})
    return tuple(
        pin_debian(
            base,
            architecture,
            locked=previous.base(architecture) if previous else None,
            workshop=workshop,
            refresh=upgrade,
            allow_expired=allow_expired,
        )
        for architecture in architectures
    )


def _content(path: Path) -> bytes | None:
    return read_regular(path, limit=_LARGEST)
