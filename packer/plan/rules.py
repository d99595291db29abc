"""The compatibility rules as they are gathered, and the value that they become."""

from __future__ import annotations

from msgspec import Struct, field
from packaging.requirements import Requirement

from packer.plan.bounds import Bounds
from packer.project.model import Caution, Decision, DependencyFacts, Evidence, RequirementFact

__all__ = ["CompatibilityRules", "Rules", "rewritten"]


class CompatibilityRules(Struct, frozen=True, kw_only=True):
    """What pack adds to the project's own requirements.

    Attributes:
        added: further requirements, PEP 508.
        constraints: limits for whatever is installed, PEP 508.
        replaced: direct requirements whose text is another now: the old and the new one.
        overrides: what is taken of a distribution whatever others ask for, PEP 508.
        unlocked: the facts to plan with instead of the project's, where its lock cannot be followed.
        former_names: the environment gets the names that Python 3.10 and 3.11 removed.
    """

    added: tuple[str, ...] = ()
    constraints: tuple[str, ...] = ()
    replaced: tuple[tuple[str, str], ...] = ()
    overrides: tuple[str, ...] = ()
    unlocked: DependencyFacts | None = None
    former_names: bool = False
    decisions: tuple[Decision, ...] = ()
    cautions: tuple[Caution, ...] = ()


class Rules(Struct):
    """The rules as they are gathered."""

    bounds: Bounds = field(default_factory=Bounds)
    evidence: dict[str, tuple[Evidence, ...]] = field(default_factory=dict)
    added: dict[str, None] = field(default_factory=dict)
    constraints: dict[str, str] = field(default_factory=dict)
    replaced: dict[str, str] = field(default_factory=dict)
    overrides: list[str] = field(default_factory=list)
    decisions: list[Decision] = field(default_factory=list)
    cautions: list[Caution] = field(default_factory=list)

    def decide(self, choice: str, reason: str, evidence: tuple[Evidence, ...], override: str | None = None) -> None:
        """Keep a decision about dependencies."""
        self.decisions.append(
            Decision(
                subject="dependencies.compatibility",
                choice=choice,
                reason=reason,
                evidence=evidence,
                override=override or "state another limit in the project's own requirements",
            )
        )

    def limit(self, name: str, below: str, reason: str, evidence: tuple[Evidence, ...]) -> bool:
        """Keep a distribution below a version, where the project lets it go that low; whether that is new."""
        if not self.bounds.limit(name, below):
            return False
        self.constraints[name] = f"{name}<{below}"
        self.evidence.setdefault(name, evidence)
        self.decisions = [one for one in self.decisions if not one.choice.startswith(f"{name}<")]
        self.decide(f"{name}<{below}", reason, evidence)
        return True

    def replace(self, fact: RequirementFact, limits: str) -> str:
        """Give a requirement other limits; its new text."""
        text = rewritten(self.replaced.get(fact.text, fact.text), limits=limits)
        self.replaced[fact.text] = text
        self.bounds.forget(fact.name)
        self.bounds.add(text)
        return text

    def finished(self) -> CompatibilityRules:
        """The value."""
        return CompatibilityRules(
            added=tuple(self.added),
            constraints=tuple(self.constraints[name] for name in sorted(self.constraints)),
            replaced=tuple(sorted(self.replaced.items())),
            overrides=tuple(self.overrides),
            decisions=tuple(self.decisions),
            cautions=tuple(self.cautions),
        )


def rewritten(text: str, *, name: str | None = None, limits: str | None = None) -> str:
    """A requirement under another name, or with other limits; None keeps what it has."""
    requirement = Requirement(text)
    extras = f"[{','.join(sorted(requirement.extras))}]" if requirement.extras and name is None else ""
    kept = str(requirement.specifier) if limits is None else limits
    marker = f"; {requirement.marker}" if requirement.marker else ""
    return f"{name or requirement.name}{extras}{kept}{marker}"
