"""One Python tried: what it gives, and what stands against it."""

from __future__ import annotations

from concurrent.futures import Future

from msgspec import Struct

from packer.debian.lock import BaseLock
from packer.plan.model import Plan
from packer.project.model import Caution, Decision
from packer.wheels.model import Selection

__all__ = ["Attempt"]


class Attempt(Struct, frozen=True):
    """One Python tried: its plan, what it gives, the base that is being pinned meanwhile, and what may surprise."""

    plan: Plan
    selection: Selection
    base: Future[BaseLock] | None
    cautions: tuple[Caution, ...] = ()

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
        return tuple(
            Decision(
                subject=subject,
                choice=", ".join(limits),
                reason=reason,
                override="name another version of them in the project's requirements",
            )
            for subject, limits, reason in (
                (
                    "dependencies.time",
                    self.selection.held,
                    f"only pinned releases ask for them, and the newest pin is {self.selection.time}",
                ),
                (
                    "dependencies.partners",
                    self.selection.partners,
                    "something that the requirements bring along fails with newer ones, and does not say so",
                ),
            )
            if limits
        )

    @property
    def obstacles(self) -> str:
        """What stands against it, for people."""
        names = [f"{one.name} {one.version}" for one in self.selection.missing]
        names += [f"{one.name} {one.version}" for one in self.selection.source_only]
        return f"no wheel for it: {', '.join(sorted(names))}"
