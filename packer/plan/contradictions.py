"""Rule: a pin that contradicts the code, or the pins around it, gives way aloud.

Robots raise one pin for its security, and leave the code and the other pins as they were: such a set never ran. What
all the others were written for is the better witness. Only frameworks and what they are made of are lowered, whose
releases the tables know.
"""

from __future__ import annotations

from collections import defaultdict

from packaging.version import Version

from packer.plan.data.companions import COMPANIONS, Companion
from packer.plan.markers import applies
from packer.plan.rules import Rules
from packer.project.model import Caution, DatedUse, DependencyFacts, RequirementFact

__all__ = ["heed_code", "settle_pins"]

_FRAMEWORK = "flask"
_PARTS = frozenset({"itsdangerous", "jinja2", "markupsafe", "werkzeug"})
_LOWERED = _PARTS | {_FRAMEWORK}
_ENOUGH = 2
"""Pins that have to speak against a framework's before it gives way, rather than one of them."""
_BELOW_2 = "1.1.3"
"""The table's limit where Flask 1 is needed: the later releases of Flask 1 are avoided, but not wrong."""
_FLOORS = (
    ("3", {"werkzeug": "3", "jinja2": "3.1.2", "itsdangerous": "2.1.2", "markupsafe": "2"}),
    ("2.3", {"werkzeug": "2.3.3", "jinja2": "3.1.2", "itsdangerous": "2.1.2", "markupsafe": "2"}),
    ("2", {"werkzeug": "2", "jinja2": "3", "itsdangerous": "2", "markupsafe": "2"}),
)
"""From which release on Flask needs at least which ones of its parts."""


def heed_code(facts: DependencyFacts, use: DatedUse, below: str, rules: Rules) -> bool:
    """Lower the project's own requirement below a release that lacks what its code imports; whether that was done."""
    fact = next((one for one in facts.direct if one.name == use.name), None)
    if fact is None or use.name not in _LOWERED:
        return False
    why = f"the code uses {use.what}, which only {use.name} below {use.limit.removeprefix('<')} has"
    _lower(fact, below, why, rules)
    return True


def settle_pins(facts: DependencyFacts, python: str, rules: Rules) -> None:
    """Lower, or raise, pins of which the table of partners knows that they do not work together."""
    direct = {one.name: one for one in facts.direct if applies(one.text, python)}
    for _ in range(len(_LOWERED)):
        contradictions: dict[str, list[Companion]] = defaultdict(list)
        for row in COMPANIONS:
            if row.name in direct and row.partner in direct and _contradicts(row, rules):
                contradictions[row.partner].append(row)
        if not contradictions:
            return
        partner = min(contradictions, key=lambda name: (name != _FRAMEWORK, name))
        _settle(direct, partner, contradictions[partner], rules)


def _contradicts(row: Companion, rules: Rules) -> bool:
    """Whether what is asked of a pair lies on the wrong sides of a row: each side is pinned, or limited."""
    newest = rules.bounds.newest(row.name)
    if row.partner not in _LOWERED or newest is None or rules.bounds.allows_below(row.partner, _hard(row.limit)):
        return False
    if row.upper is not None and not newest.is_below(row.upper):
        return False
    return row.lower is None or newest.reaches(row.lower)


def _hard(limit: str) -> str:
    return "2" if limit == _BELOW_2 else limit


def _settle(direct: dict[str, RequirementFact], partner: str, rows: list[Companion], rules: Rules) -> None:
    names = sorted({row.name for row in rows})
    limit = min((row.limit for row in rows), key=Version)
    raisable = all(row.upper is not None for row in rows)
    outvoted = len(names) >= _ENOUGH if partner == _FRAMEWORK else not _is_needed(partner, limit, rules)
    if outvoted or not raisable:
        _lower(direct[partner], limit, f"{', '.join(names)}, as pinned, cannot work with a newer one", rules)
        return
    for name in names:
        first = max(row.upper for row in rows if row.name == name and row.upper is not None)
        why = f"{name} below {first} cannot work with {partner} as it is pinned"
        _say(rules.replace(direct[name], f">={first}"), direct[name], why, rules)


def _is_needed(part: str, limit: str, rules: Rules) -> bool:
    """Whether the Flask that is asked for needs a release at or above a limit."""
    return any(
        Version(parts[part]) >= Version(limit) or Version(limit) <= Version(flask)
        for flask, parts in _FLOORS
        if not rules.bounds.allows_below(_FRAMEWORK, flask)
    )


def _lower(fact: RequirementFact, below: str, why: str, rules: Rules) -> None:
    _say(rules.replace(fact, f"<{below}"), fact, why, rules)


def _say(text: str, fact: RequirementFact, why: str, rules: Rules) -> None:
    rules.decide(text, f"{why}, whatever the requirements ask for", fact.evidence)
    rules.cautions.append(
        Caution(
            what=f"{fact.text} contradicts the code or the other pins: {text} is used, because {why}",
            hint=f"state the {fact.name} that the project runs with",
            evidence=fact.evidence,
        )
    )
