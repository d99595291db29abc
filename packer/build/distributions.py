"""The Python distributions of an image: resolved or read from the lock, then chosen for one target."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from msgspec.structs import replace

from packer.build.workshop import Workshop
from packer.errors import BuildError
from packer.plan.model import DependencyPlan
from packer.wheels.audit import unexamined
from packer.wheels.choice import choose_wheels
from packer.wheels.fetch import IndexHttp, WheelFetcher
from packer.wheels.model import Selection, Wheel
from packer.wheels.request import ResolveRequest
from packer.wheels.target import Target

__all__ = ["choose_distributions", "complete_distributions", "requirement_names", "wheel_fetcher"]


@contextmanager
def wheel_fetcher(workshop: Workshop) -> Iterator[WheelFetcher]:
    """What brings the wheels of one build, from the indexes that the user may ask. However it ends, nothing goes on."""
    fetcher = WheelFetcher(workshop.cache, IndexHttp(workshop.http, workshop.uv.indexes))
    try:
        yield fetcher
    finally:
        fetcher.close()


def choose_distributions(
    plan: DependencyPlan,
    *,
    root: Path,
    target: Target,
    workshop: Workshop,
    previous: bytes | None,
    refresh: bool,
) -> Selection:
    """Resolve, or follow the lock, and choose for the target. Nothing is built or fetched yet.

    Raises:
        BuildError: the requirements cannot be resolved, or the lock cannot be followed.
        TransientError: the package index does not answer.
    """
    request = ResolveRequest(
        root=root, dependencies=plan, python=target.python, target=target, previous=previous, refresh=refresh
    )
    direct = requirement_names(plan.requirements)
    selection = choose_wheels(request, direct=direct, cache=workshop.cache, uv=workshop.uv)
    dropped = frozenset(plan.dropped)
    return replace(
        selection,
        wheels=tuple(wheel for wheel in selection.wheels if wheel.name not in dropped),
        source_only=tuple(source for source in selection.source_only if source.name not in dropped),
        missing=tuple(missing for missing in selection.missing if missing.name not in dropped),
    )


def complete_distributions(
    selection: Selection, *, target: Target, release: str | None, workshop: Workshop, fetcher: WheelFetcher
) -> tuple[Wheel, ...]:
    """Every wheel, by name, with those that had to be built.

    Args:
        selection: what was chosen.
        target: what wheels must fit.
        release: the Debian release of the base, in which native code is compiled; None for another kind of base.
        workshop: what to work with.
        fetcher: brings the wheels, and begins with it where all of them will be needed.

    Raises:
        BuildError: a distribution has neither a wheel for the target nor a source that gives one here.
    """
    if selection.missing:
        listed = "; ".join(f"{one.name} {one.version}: {one.reason}" for one in selection.missing)
        raise BuildError(
            f"the target cannot have {listed}",
            hint=f"lock a version that exists for Python {target.python} on {target.platform}",
        )
    if unexamined(selection.wheels, machine=target.machine, cache=workshop.cache):
        fetcher.start(selection.wheels)  # nobody has built with these: all will be needed
    wheels = selection.wheels
    if selection.source_only:
        from packer.build.source_wheels import source_wheels  # noqa: PLC0415 - slow to import, and mostly not needed

        wheels += source_wheels(
            selection.source_only,
            target=target,
            release=release,
            workshop=workshop,
            fetcher=fetcher,
        )
    return tuple(sorted(wheels, key=lambda wheel: wheel.name))


def requirement_names(requirements: Iterable[str]) -> frozenset[str]:
    """The normalised names of PEP 508 requirements; paths and bare addresses have none."""
    from packaging.requirements import InvalidRequirement, Requirement  # noqa: PLC0415 - slow to import
    from packaging.utils import canonicalize_name  # noqa: PLC0415

    def name(text: str) -> str | None:
        try:
            return canonicalize_name(Requirement(text).name)
        except InvalidRequirement:
            return None  # a path or URL that only the resolver understands

    return frozenset(filter(None, map(name, requirements)))
