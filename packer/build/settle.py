"""Settling: which Python, which distributions, which base, before anything is made.

The plan's first Python is tried, then its alternatives, until one has a wheel for every distribution. Where none has,
the one that leaves the least to be built from source is taken.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

from msgspec import Struct

from packer.build.debian_foundation import debian_foundation, pin_debian
from packer.build.distributions import choose_distributions, complete_distributions
from packer.build.foundation import Foundation
from packer.build.libraries import find_libraries
from packer.build.lockfile import PackLock
from packer.build.progress import Progress
from packer.build.workshop import Workshop
from packer.debian.lock import BaseLock
from packer.errors import BuildError, PlanError
from packer.oci.platform import Platform
from packer.plan.base import DEBIAN_GLIBC
from packer.plan.model import DebianBase, Plan, ReferenceBase
from packer.project.model import Caution, Decision
from packer.wheels.fetch import WheelFetcher
from packer.wheels.model import Selection, Wheel
from packer.wheels.target import Target

__all__ = ["Locks", "Planner", "Settled", "settle"]

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


def settle(
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
) -> Settled:
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
    target = settling.target(plan)
    foundation = given or settling.foundation(plan, base)
    libraries = find_libraries(wheels, target, foundation, base, fetcher=fetcher, cache=workshop.cache)
    if libraries.packages:
        with progress.step(f"adding {', '.join(libraries.packages)} to the base"):
            base = settling.pinned(plan, packages=libraries.packages)
            foundation = settling.foundation(plan, base)
    return Settled(
        plan=plan,
        foundation=foundation,
        base=base,
        wheels=wheels,
        decisions=(*attempt.decisions, *libraries.decisions),
        cautions=(*_why_not(attempts, attempt), *attempt.remarks, *libraries.cautions),
    )


class _Attempt(Struct, frozen=True):
    """One Python tried: its plan, what it gives, and the base that is being pinned meanwhile."""

    plan: Plan
    selection: Selection
    base: Future[BaseLock] | None

    @property
    def burden(self) -> tuple[int, int]:
        """What stands against it: distributions that cannot be had, then those that must be built."""
        return len(self.selection.missing), len(self.selection.source_only)

    @property
    def remarks(self) -> tuple[Caution, ...]:
        """What the resolution wants people to know."""
        hint = "make the pins fit each other and this Python, or loosen them"
        return tuple(Caution(what=remark, hint=hint) for remark in self.selection.remarks)

    @property
    def decisions(self) -> tuple[Decision, ...]:
        """What the resolution decided."""
        selection = self.selection
        if not selection.held:
            return ()
        decision = Decision(
            subject="dependencies.time",
            choice=", ".join(selection.held),
            reason=f"only pinned releases ask for them, and the newest pin is {selection.time}",
            override="name another version of them in the project's requirements",
        )
        return (decision,)

    @property
    def obstacles(self) -> str:
        """What stands against it, for people."""
        names = [f"{one.name} {one.version}" for one in self.selection.missing]
        names += [f"{one.name} {one.version}" for one in self.selection.source_only]
        return f"no wheel for it: {', '.join(sorted(names))}"


def _attempts(planner: Planner, settling: _Settling, threads: ThreadPoolExecutor) -> list[_Attempt]:
    """Pythons tried in the order of preference, up to the first that has a wheel for everything."""
    attempts: list[_Attempt] = []
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


def _why_not(attempts: list[_Attempt], taken: _Attempt) -> tuple[Caution, ...]:
    """Why a Python that would be preferred was passed over."""
    return tuple(
        Caution(what=f"Python {attempt.plan.python} is passed over for {taken.plan.python}: {attempt.obstacles}")
        for attempt in attempts[: attempts.index(taken)]
        if attempt.burden != (0, 0)
    )


class _Settling(Struct, frozen=True):
    """The arguments of `settle` that stay the same from attempt to attempt."""

    root: Path
    platform: Platform
    given: Foundation | None
    locks: Locks
    allow_expired: bool
    workshop: Workshop
    fetcher: WheelFetcher

    def attempt(self, plan: Plan, threads: ThreadPoolExecutor) -> _Attempt:
        """Resolve for the plan's Python, while its base is being pinned."""
        base = threads.submit(self.pinned, plan) if self.given is None else None
        selection = choose_distributions(
            plan.dependencies,
            root=self.root,
            target=self.target(plan),
            workshop=self.workshop,
            previous=self.locks.resolved,
            refresh=self.locks.refresh,
        )
        return _Attempt(plan, selection, base)

    def complete(self, attempts: list[_Attempt]) -> tuple[_Attempt, tuple[Wheel, ...]]:
        """The attempt with the least burden whose distributions can all be had, and their wheels.

        Raises the failure of the best one where none can.
        """
        failures: list[BuildError] = []
        for attempt in sorted(attempts, key=lambda attempt: attempt.burden):
            plan = attempt.plan
            release = plan.base.release if isinstance(plan.base, DebianBase) else None
            try:
                return attempt, complete_distributions(
                    attempt.selection,
                    target=self.target(plan),
                    release=release,
                    workshop=self.workshop,
                    fetcher=self.fetcher,
                )
            except BuildError as error:
                failures.append(error)
        raise failures[0]

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
    """The plan's Debian base. Raises `PlanError` for one that has to be pulled."""
    if isinstance(plan.base, DebianBase):
        return plan.base
    name = plan.base.reference if isinstance(plan.base, ReferenceBase) else plan.base.path
    raise PlanError(
        f"the base {name} would have to be pulled from a registry, which this version cannot do",
        hint=f"save it on this machine (docker save {name} -o base.tar) and build with --base archive:base.tar",
    )
