"""The Python distributions of an image: resolved or read from the lock, then chosen for one target."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path

from packer.build.workshop import Workshop
from packer.errors import BuildError
from packer.plan.model import DependencyPlan
from packer.wheels.fetch import IndexHttp, WheelFetcher
from packer.wheels.lock import ResolveRequest, resolve
from packer.wheels.model import Selection, Wheel
from packer.wheels.sdists import SourceTools, build_wheels
from packer.wheels.select import parse_lock, select
from packer.wheels.target import Target

__all__ = ["Distributions", "choose_distributions", "complete_distributions"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Distributions:
    """What goes into the Python environment.

    Attributes:
        lock: the `pylock.toml` that it comes from.
        selection: what the lock gives for the target.
        fetcher: brings the wheels.
    """

    lock: bytes
    selection: Selection
    fetcher: WheelFetcher


def choose_distributions(
    plan: DependencyPlan,
    *,
    root: Path,
    target: Target,
    workshop: Workshop,
    previous: bytes | None,
    refresh: bool,
) -> Distributions:
    """Resolve, or follow the lock, and choose for the target. Nothing is built or fetched yet.

    Raises:
        BuildError: the requirements cannot be resolved, or the lock cannot be followed.
        TransientError: the package index does not answer.
    """
    request = ResolveRequest(
        root=root, dependencies=plan, python=target.python, target=target, previous=previous, refresh=refresh
    )
    lock = resolve(request, cache=workshop.cache, uv=workshop.uv)
    where = plan.lock or "the resolved requirements"
    selection = select(
        parse_lock(lock, where=where), target, direct=_names(plan.requirements), folder=root, where=where
    )
    dropped = frozenset(plan.dropped)
    kept = replace(
        selection,
        wheels=tuple(wheel for wheel in selection.wheels if wheel.name not in dropped),
        source_only=tuple(source for source in selection.source_only if source.name not in dropped),
        missing=tuple(missing for missing in selection.missing if missing.name not in dropped),
    )
    fetcher = WheelFetcher(workshop.cache, IndexHttp(workshop.http, workshop.uv.indexes))
    return Distributions(lock=lock, selection=kept, fetcher=fetcher)


def complete_distributions(distributions: Distributions, *, target: Target, workshop: Workshop) -> tuple[Wheel, ...]:
    """Every wheel, by name, with those that had to be built.

    Raises:
        BuildError: a distribution has neither a wheel for the target nor a source that gives one here.
    """
    selection = distributions.selection
    if selection.missing:
        listed = "; ".join(f"{one.name} {one.version}: {one.reason}" for one in selection.missing)
        raise BuildError(
            f"the target cannot have {listed}",
            hint=f"lock a version that exists for Python {target.python} on {target.platform}",
        )
    distributions.fetcher.start(selection.wheels)
    built = build_wheels(
        selection.source_only,
        target,
        SourceTools(cache=workshop.cache, fetcher=distributions.fetcher, uv=workshop.uv),
    )
    return tuple(sorted((*selection.wheels, *built), key=lambda wheel: wheel.name))


def _names(requirements: Iterable[str]) -> frozenset[str]:
    from packaging.requirements import InvalidRequirement, Requirement  # noqa: PLC0415 - slow to import
    from packaging.utils import canonicalize_name  # noqa: PLC0415

    def name(text: str) -> str | None:
        try:
            return canonicalize_name(Requirement(text).name)
        except InvalidRequirement:
            return None  # a path or URL that only the resolver understands

    return frozenset(filter(None, map(name, requirements)))
