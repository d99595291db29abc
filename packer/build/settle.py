"""Settling: which Python, which distributions, which base.

The plan's first Python is tried, then its alternatives, until one has a wheel for every distribution. Where none has,
the one that leaves the least to be built from source is taken. What native code links against is looked up last: it
takes the wheels themselves, and only adds packages to the base, so the wheels' own layers need not wait for it.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from itertools import takewhile
from pathlib import Path

from msgspec import Struct
from msgspec.structs import replace

from packer.build.attempt import Attempt
from packer.build.debian_foundation import debian_foundation, pin_debian
from packer.build.distributions import choose_distributions, complete_distributions
from packer.build.foundation import Foundation
from packer.build.libraries import find_libraries
from packer.build.lockfile import PackLock
from packer.build.progress import Progress
from packer.build.workshop import Workshop
from packer.debian.lock import BaseLock
from packer.errors import BuildError, PlanError, SourceError
from packer.oci.platform import Platform
from packer.plan.base import DEBIAN_GLIBC
from packer.plan.model import DebianBase, Plan, ReferenceBase
from packer.project.model import Caution, Decision
from packer.wheels.fetch import WheelFetcher
from packer.wheels.model import Selection, Wheel
from packer.wheels.target import Target

__all__ = ["Chosen", "Locks", "Planner", "PulledBaseError", "Settled", "choose"]

_MOST_REPLACED = 4
"""Distributions for which another release is looked for: each is a build that failed."""

Planner = Callable[[frozenset[str]], Plan]
"""Makes the plan without the Python versions that are named."""


class Locks(Struct, frozen=True, kw_only=True):
    """What is pinned.

    Attributes:
        pack: the project's `pack.lock`, if it has one.
        resolved: the `pylock.toml` of an earlier resolution, whose versions are kept where they fit.
        refresh: look for newer packages and distributions.
    """

    pack: PackLock | None = None
    resolved: bytes | None = None
    refresh: bool = False


class Settled(Struct, frozen=True, kw_only=True):
    """Everything chosen for one platform.

    Attributes:
        plan: with the Python that it came to.
        foundation: the base.
        base: what the Debian base is pinned to, None for another kind.
        wheels: the distributions, by name.
        decisions: what was chosen on the way.
        cautions: what may surprise.
    """

    plan: Plan
    foundation: Foundation
    base: BaseLock | None
    wheels: tuple[Wheel, ...]
    decisions: tuple[Decision, ...] = ()
    cautions: tuple[Caution, ...] = ()


class Chosen(Struct, frozen=True, kw_only=True):
    """What is chosen before a wheel is opened.

    Attributes:
        before: everything, but for what native code wants of the base.
        complete: everything; waits for the wheels that have native code, and raises as `choose` does.
    """

    before: Settled
    complete: Callable[[], Settled]


class PulledBaseError(PlanError):
    """The plan wants a base from a registry, and none was given: `reference` for the Python `python`."""

    def __init__(self, reference: str, python: str) -> None:
        super().__init__(f"the base {reference} has to be pulled")
        self.reference = reference
        self.python = python


def choose(
    planner: Planner,
    *,
    root: Path,
    platform: Platform,
    given: Foundation | None,
    locks: Locks,
    allow_expired: bool,
    workshop: Workshop,
    fetcher: WheelFetcher,
    progress: Progress,
) -> Chosen:
    """Choose everything for one platform.

    Args:
        planner: makes the plan.
        root: the project.
        platform: what the image is for.
        given: the base, where the settings name an image on this machine; Debian packages otherwise.
        locks: what is pinned.
        allow_expired: accept Debian metadata past its time.
        workshop: what to work with.
        fetcher: brings the wheels, and begins to.
        progress: told of each step.

    Raises:
        PlanError: no Python fits, or the base cannot be had.
        BuildError: the distributions cannot be resolved or had.
        TransientError: an index or a mirror does not answer.
    """
    settling = _Settling(root, platform, given, locks, allow_expired, workshop, fetcher)
    with ThreadPoolExecutor(1, thread_name_prefix="base") as threads:
        with progress.step("resolving dependencies"):
            attempts = _attempts(planner, settling, threads)
        with progress.step("collecting distributions"):
            attempt, wheels = settling.complete(attempts)
        with progress.step("choosing the base"):
            base = attempt.base.result() if attempt.base else None
    plan = attempt.plan
    before = Settled(
        plan=plan,
        foundation=given or settling.foundation(plan, base),
        base=base,
        wheels=wheels,
        decisions=attempt.decisions,
        cautions=(*_why_not(attempts, attempt), *attempt.cautions, *attempt.remarks),
    )
    return Chosen(before=before, complete=lambda: _completed(before, settling, progress))


def _completed(before: Settled, settling: _Settling, progress: Progress) -> Settled:
    """The same, with the packages that native code in the wheels needs."""
    plan, base = before.plan, before.base
    libraries = find_libraries(
        before.wheels,
        settling.target(plan),
        before.foundation,
        base,
        fetcher=settling.fetcher,
        cache=settling.workshop.cache,
    )
    foundation = before.foundation
    if libraries.packages:
        with progress.step(f"adding {', '.join(libraries.packages)} to the base"):
            base = settling.pinned(plan, packages=libraries.packages)
            foundation = settling.foundation(plan, base)
    return replace(
        before,
        foundation=foundation,
        base=base,
        decisions=(*before.decisions, *libraries.decisions),
        cautions=(*before.cautions, *libraries.cautions),
    )


def _attempts(planner: Planner, settling: _Settling, threads: ThreadPoolExecutor) -> list[Attempt]:
    """Pythons tried in the order of preference, up to the first that has a wheel for everything."""
    attempts: list[Attempt] = []
    failures: list[BuildError] = []
    rejected: frozenset[str] = frozenset()
    while True:
        try:
            plan = planner(rejected)
        except PlanError:
            if not rejected:
                raise
            break
        try:
            attempts.append(settling.attempt(plan, threads))
        except BuildError as error:
            failures.append(error)
        else:
            if attempts[-1].burden == (0, 0):
                break
        if not plan.python_alternatives:
            break
        rejected |= {plan.python}
    if not attempts:
        raise failures[0]
    return attempts


def _why_not(attempts: list[Attempt], taken: Attempt) -> tuple[Caution, ...]:
    """Why a Python that would be preferred was passed over."""
    return tuple(
        Caution(what=f"Python {attempt.plan.python} is passed over for {taken.plan.python}: {attempt.obstacles}")
        for attempt in takewhile(lambda one: one.plan.python != taken.plan.python, attempts)
        if attempt.burden != (0, 0)
    )


class _Settling(Struct, frozen=True):
    """The arguments of `choose` that stay the same from attempt to attempt."""

    root: Path
    platform: Platform
    given: Foundation | None
    locks: Locks
    allow_expired: bool
    workshop: Workshop
    fetcher: WheelFetcher

    def attempt(self, plan: Plan, threads: ThreadPoolExecutor) -> Attempt:
        """Resolve for the plan's Python, while its base is being pinned."""
        base = threads.submit(self.pinned, plan) if self.given is None else None
        return Attempt(plan, self._selection(plan), base)

    def _selection(self, plan: Plan) -> Selection:
        return choose_distributions(
            plan.dependencies,
            root=self.root,
            target=self.target(plan),
            workshop=self.workshop,
            previous=self.locks.resolved,
            refresh=self.locks.refresh,
        )

    def complete(self, attempts: list[Attempt]) -> tuple[Attempt, tuple[Wheel, ...]]:
        """The attempt with the least burden whose distributions can all be had, and their wheels.

        Raises the failure of the best one where none can.
        """
        failures: list[BuildError] = []
        ranked = sorted(attempts, key=lambda attempt: attempt.burden)
        for attempt in ranked:
            wheels = self._wheels(attempt)
            if not isinstance(wheels, BuildError):
                return attempt, wheels
            failures.append(wheels)
        for attempt, failure in zip(ranked, failures, strict=True):
            found = self._with_other_releases(attempt, failure)
            if found is not None:
                return found
        raise failures[0]

    def _wheels(self, attempt: Attempt) -> tuple[Wheel, ...] | BuildError:
        """The wheels of an attempt, or why they cannot all be had."""
        plan = attempt.plan
        release = plan.base.release if isinstance(plan.base, DebianBase) else None
        try:
            return complete_distributions(
                attempt.selection,
                target=self.target(plan),
                release=release,
                workshop=self.workshop,
                fetcher=self.fetcher,
            )
        except BuildError as error:
            return error

    def _with_other_releases(self, attempt: Attempt, failure: BuildError) -> tuple[Attempt, tuple[Wheel, ...]] | None:
        """An attempt with releases that have wheels in the place of those whose source gives none; None without any."""
        for _ in range(_MOST_REPLACED):
            dependencies = attempt.plan.dependencies
            if not isinstance(failure, SourceError) or not dependencies.is_open:
                return None
            names = (*dependencies.wheels_only, failure.distribution)
            plan = replace(attempt.plan, dependencies=replace(dependencies, wheels_only=names))
            remark = Caution(what=f"{failure.what}: a release with a wheel takes its place", hint=failure.hint)
            try:
                selection = self._selection(plan)
            except BuildError:  # there is no such release
                return None
            attempt = Attempt(plan, selection, attempt.base, (*attempt.cautions, remark))
            wheels = self._wheels(attempt)
            if not isinstance(wheels, BuildError):
                return attempt, wheels
            failure = wheels
        return None

    def target(self, plan: Plan) -> Target:
        if self.given is not None:
            return Target(python=plan.python, platform=self.platform, glibc=self.given.glibc)
        return Target(python=plan.python, platform=self.platform, glibc=DEBIAN_GLIBC[_debian(plan).release])

    def pinned(self, plan: Plan, *, packages: tuple[str, ...] = ()) -> BaseLock:
        return self._pinned(plan, self.platform.architecture, packages)

    def foundation(self, plan: Plan, base: BaseLock | None) -> Foundation:
        if base is None:
            raise AssertionError("a base that is not given is pinned")
        bytecode = plan.bytecode == "compiled"
        host = self.workshop.host
        foreign = bytecode and host is not None and host != self.platform
        host_lock = self._pinned(plan, host.architecture, ()) if foreign and host else None
        return debian_foundation(base, workshop=self.workshop, bytecode=bytecode, host_lock=host_lock)

    def _pinned(self, plan: Plan, architecture: str, packages: tuple[str, ...]) -> BaseLock:
        return pin_debian(
            _debian(plan),
            architecture,
            packages=packages,
            locked=self.locks.pack.base(architecture) if self.locks.pack else None,
            workshop=self.workshop,
            refresh=self.locks.refresh,
            allow_expired=self.allow_expired,
        )


def _debian(plan: Plan) -> DebianBase:
    """The plan's Debian base. Raises `PulledBaseError` for one that has to be pulled."""
    if isinstance(plan.base, DebianBase):
        return plan.base
    assert isinstance(plan.base, ReferenceBase)
    raise PulledBaseError(plan.base.reference, plan.python)
