"""Rule: what is resolved, or which lock is followed."""

from __future__ import annotations

from packer.plan.compatibility import CompatibilityRules
from packer.plan.model import DependencyPlan
from packer.project.model import DependencyFacts

__all__ = ["plan_dependencies"]


def plan_dependencies(facts: DependencyFacts, rules: CompatibilityRules, dropped: tuple[str, ...]) -> DependencyPlan:
    """The project's own requirements and limits, with what pack's compatibility rules add to them."""
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
        dropped=dropped,
        extra_indexes=facts.extra_indexes,
    )
