"""The installation of a settled plan: which lock is followed, and what is pinned beside it or in its place."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from packer.build.settle import Settled
from packer.build.workshop import Workshop
from packer.debian.lock import BaseLock
from packer.debian.releases import RELEASES
from packer.errors import LockError
from packer.oci.platform import Platform
from packer.plan.installation import Installation, PinnedDistribution, lock_tool
from packer.plan.system_packages import build_packages_of, runtime_packages
from packer.wheels.lock import resolve
from packer.wheels.model import Wheel
from packer.wheels.request import ResolveRequest
from packer.wheels.select import parse_lock
from packer.wheels.target import Target
from packer.workflows.preparation import Preparation

if TYPE_CHECKING:
    from packaging.pylock import Package

__all__ = ["installation_of"]

_ANY_PLATFORM = "-any.whl"


def installation_of(prepared: Preparation, settled: Settled, platform: Platform, *, workshop: Workshop) -> Installation:
    """What the native builder settled on, for an engine's builder.

    Raises:
        BuildError, TransientError: as `packer.wheels.lock.resolve`, which mostly remembers.
    """
    wishes, facts = settled.plan.dependencies, prepared.project.dependencies
    tool = lock_tool(wishes, settled.plan.source.own_package)
    own = {name for name, _ in facts.locked} if tool else set[str]()
    compiled = tuple(wheel.name for wheel in settled.wheels if _is_compiled(wheel))
    return Installation(
        tool=tool,
        lock=wishes.lock if tool else None,
        files=wishes.files if tool else (),
        pinned=tuple(one for one in _pins(prepared, settled, platform, workshop) if one.name not in own),
        compiled=compiled,
        build_packages=tuple(sorted({package for name in compiled for package in build_packages_of(name) or ()})),
        runtime_packages=_further(settled.base) if settled.base else runtime_packages(prepared.project),
    )


def _further(base: BaseLock) -> tuple[str, ...]:
    """The packages of a Debian base beside those that every base has."""
    return tuple(sorted(set(base.roots) - set(RELEASES[base.release].roots)))


def _is_compiled(wheel: Wheel) -> bool:
    """Whether it was built here, of native code."""
    return not wheel.urls and not wheel.filename.endswith(_ANY_PLATFORM)


def _pins(
    prepared: Preparation, settled: Settled, platform: Platform, workshop: Workshop
) -> Iterable[PinnedDistribution]:
    """Every distribution that was chosen, with all of its files."""
    plan = settled.plan
    target = Target(python=plan.python, platform=platform, glibc=settled.foundation.glibc)
    request = ResolveRequest(
        root=prepared.folder,
        dependencies=plan.dependencies,
        python=plan.python,
        target=target,
        previous=prepared.resolved,
    )
    where = plan.dependencies.lock or "the resolution"
    lock = parse_lock(resolve(request, cache=workshop.cache, uv=workshop.uv), where=where)
    chosen = {(wheel.name, wheel.version) for wheel in settled.wheels}
    unversioned = {wheel.name for wheel in settled.wheels}
    for package in lock.packages:
        version = str(package.version or "")
        if (package.name, version) in chosen or (not version and package.name in unversioned):
            yield _pinned(package, version, where)


def _pinned(package: Package, version: str, where: str) -> PinnedDistribution:
    if package.vcs is not None:
        folder = f"#subdirectory={package.vcs.subdirectory}" if package.vcs.subdirectory else ""
        address = f"git+{package.vcs.url}@{package.vcs.commit_id}{folder}"
        return PinnedDistribution(name=package.name, version=version, address=address)
    files = [file for file in (*(package.wheels or ()), package.sdist, package.archive) if file is not None]
    hashes = tuple(sorted({f"sha256:{file.hashes['sha256']}" for file in files if "sha256" in file.hashes}))
    if not hashes:
        raise LockError(
            f"the lock has no SHA-256 for {package.name} {version}".rstrip(),
            where=where,
            hint="lock again with a tool that writes SHA-256 hashes (uv does)",
        )
    archive = package.archive.url if package.archive is not None else None
    return PinnedDistribution(name=package.name, version=version, hashes=hashes, address=archive)
