"""Rule: what is resolved, or which lock is followed."""

from __future__ import annotations

from packer.plan.compatibility import CompatibilityRules
from packer.plan.model import DependencyPlan
from packer.project.model import DependencyFacts, OwnPackage
from packer.regex import regex

__all__ = ["plan_dependencies"]

_SEPARATORS = regex(r"[-_.]+")


def plan_dependencies(
    facts: DependencyFacts, own: OwnPackage | None, rules: CompatibilityRules, dropped: tuple[str, ...]
) -> DependencyPlan:
    """The project's own requirements and limits, with what pack's compatibility rules add to them."""
    facts = rules.unlocked or facts
    replaced = dict(rules.replaced)
    hashes = tuple((one.name, one.hashes) for one in facts.direct if one.hashes and one.text not in replaced)
    return DependencyPlan(
        lock=facts.lock,
        lock_format=facts.lock_format,
        files=facts.files,
        requirements=tuple(replaced.get(one.text, one.text) for one in facts.direct if one.name not in dropped),
        hashes=hashes,
        added=rules.added,
        constraints=tuple(one.text for one in facts.constraints),
        advice=rules.constraints,
        overrides=rules.overrides,
        dropped=dropped,
        provided=_provided(facts, own),
        extra_indexes=facts.extra_indexes,
        relaxed=tuple(one.name for one in facts.direct if one.pinned and one.text in replaced),
    )


def _provided(facts: DependencyFacts, own: OwnPackage | None) -> tuple[str, ...]:
    names = {package.name for package in facts.local_packages if package.name} | ({own.name} if own else set())
    return tuple(sorted(_SEPARATORS.sub("-", name).lower() for name in names))
