"""Requirements that an image cannot have as they are: what takes their place, as near to them as can be."""

from __future__ import annotations

from msgspec.structs import replace
from packaging.version import InvalidVersion, Version

from packer.plan.data.companions import BRINGS, SUBSTITUTES
from packer.plan.data.pythons import FAMILIES
from packer.plan.markers import applies
from packer.plan.pins import Obstacle, obstacles
from packer.plan.rules import Rules, rewritten
from packer.project.dependencies.names import FOREIGN
from packer.project.model import Caution, DependencyFacts, Evidence, RequirementFact

__all__ = ["relax", "substitute", "without_lock"]


def substitute(facts: DependencyFacts, rules: Rules) -> None:
    """Give a distribution that an image cannot use the one that takes its place."""
    for one in facts.direct:
        other = SUBSTITUTES.get(one.name)
        if other is None:
            continue
        limits = None if other.same_versions else _era(one.pinned) if other.era and one.pinned else ""
        text = rewritten(one.text, name=other.name, limits=limits)
        rules.replaced[one.text] = text
        rules.decide(f"{one.name} → {text}", other.reason, one.evidence, override=f"name {other.name} itself")
    names = {one.name for one in facts.direct}
    for name, brought in BRINGS.items():
        if name in names:
            other = SUBSTITUTES[brought]
            rules.overrides.append(f"{brought}; sys_platform == 'none'")
            if not {brought, other.name} & names:
                rules.added[other.name] = None
                rules.decide(other.name, f"{name} asks for {brought}: {other.reason}", ())


def _era(version: str) -> str:
    """Limits from a version's minor release to the end of its major one; calendar versions have no such end."""
    try:
        parsed = Version(version)
    except InvalidVersion:
        return ""
    end = f",<{parsed.major + 1}" if parsed.major < 1000 else ""
    return f">={parsed.major}.{parsed.minor}{end}"


def relax(facts: DependencyFacts, python: str, rules: Rules) -> None:
    """Replace pins that cannot be installed on this Python by the nearest releases that can."""
    direct = {one.name: one for one in facts.direct if applies(one.text, python)}
    relaxed = set()
    for one in obstacles(facts, python):
        limits = _nearest(one)
        if one.pin is None or one.kind == "source" or limits is None or one.pin.name not in direct:
            continue
        pin, why = one.pin, "has no wheel for" if one.kind == "wheel" else "cannot be used on"
        relaxed.add(pin.name)
        text = rules.replace(direct[pin.name], limits)
        rules.decide(
            text,
            f"{pin.name} {pin.version} {why} Python {python}, and this is the nearest that does",
            one.evidence,
            override='python = "X.Y" with a base that carries an older Python',
        )
        rules.cautions.append(
            Caution(
                what=f"{pin.name} is pinned to {pin.version}, which {why} Python {python}: {limits} is used",
                hint="pin a newer release, or set `python` and `base` to an older Python",
                evidence=one.evidence,
            )
        )
    _loosen(direct, relaxed, rules)


def _loosen(direct: dict[str, RequirementFact], relaxed: set[str], rules: Rules) -> None:
    """Where a pin could not be kept, let its family follow: what it needs, and what needs it, have pins of then too."""
    related = frozenset().union(*(family for family in FAMILIES if family & relaxed))
    moved = [one for name, one in sorted(direct.items()) if name in related - relaxed and one.pinned]
    for one in moved:
        rules.replace(one, f">={one.pinned}")
    if moved:
        rules.decide(
            f"newer releases of {', '.join(one.name for one in moved)} are allowed",
            "they must fit the pins that could not be kept",
            tuple(evidence for one in moved[:5] for evidence in one.evidence),
            override='python = "X.Y" with a base that carries an older Python',
        )


def _nearest(one: Obstacle) -> str | None:
    """The limits that take the place of a pin: from the first release that works, within its major version."""
    return one.instead or (f">={one.first},<{Version(one.first).major + 1}" if one.first else None)


def without_lock(facts: DependencyFacts, python: str) -> DependencyFacts | None:
    """The facts with the lock's pins as requirements, where the lock holds pins that a Python cannot have.

    None when the lock can be followed. A lock of years ago pins what no Python of today can install or import;
    whatever else it pins is still what the authors ran, and is kept.
    """
    broken = [one for one in obstacles(facts, python) if one.pin and one.kind != "source" and _nearest(one)]
    if not facts.lock or not broken:
        return None
    stated = {one.name: one for one in facts.direct if applies(one.text, python)}
    versions: dict[str, list[str]] = {}
    for name, version in facts.locked:
        versions.setdefault(name, []).append(version)
    pins = []
    for name, found in versions.items():
        own = stated.pop(name, None)
        text = rewritten(own.text if own else name, limits=f"=={found[0]}")
        evidence = own.evidence if own else (Evidence(facts.lock, 1, ""),)
        if len(found) == 1 and name not in FOREIGN:
            pins.append(RequirementFact(text=text, name=name, pinned=found[0], evidence=evidence))
        elif own:
            pins.append(own)
    direct = tuple(sorted((*pins, *stated.values()), key=lambda one: one.name))
    return replace(facts, lock=None, lock_format=None, locked=(), wheels=(), direct=direct)
