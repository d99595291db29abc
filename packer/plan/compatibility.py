"""Rule: what keeps old and unlimited requirements working with the releases of today.

Most public projects state no upper limits, or pin a framework and leave its partners open. Where the project has a
complete lock, nothing is changed: what would fail is only said. Else limits are added that its pins, its own limits
and its code call for, each with a reason; whatever the project itself pins is never loosened, except where a pin
cannot be installed on the chosen Python at all.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from packaging.requirements import Requirement
from packaging.version import Version

from packer.plan.bounds import Bounds, Limit
from packer.plan.data.companions import COMPANIONS, NEEDS, SUBSTITUTES, Companion
from packer.plan.data.pythons import FAMILIES
from packer.plan.markers import applies
from packer.plan.pins import Obstacle, obstacles
from packer.plan.supplements import present_names, supplements
from packer.project.model import Caution, Decision, DependencyFacts, Evidence, Project, RequirementFact

__all__ = ["CompatibilityRules", "compatibility", "era_bounds"]


@dataclass(frozen=True, slots=True, kw_only=True)
class CompatibilityRules:
    """What pack adds to the project's own requirements.

    Attributes:
        added: further requirements, PEP 508.
        constraints: limits for whatever is installed, PEP 508.
        replaced: direct requirements whose text is another now: the old and the new one.
    """

    added: tuple[str, ...] = ()
    constraints: tuple[str, ...] = ()
    replaced: tuple[tuple[str, str], ...] = ()
    decisions: tuple[Decision, ...] = ()
    cautions: tuple[Caution, ...] = ()


@dataclass
class _Rules:
    """The rules as they are gathered."""

    bounds: Bounds = field(default_factory=Bounds)
    evidence: dict[str, tuple[Evidence, ...]] = field(default_factory=dict)
    added: dict[str, None] = field(default_factory=dict)
    constraints: dict[str, str] = field(default_factory=dict)
    replaced: dict[str, str] = field(default_factory=dict)
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
        text = _rewritten(self.replaced.get(fact.text, fact.text), limits=limits)
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
            decisions=tuple(self.decisions),
            cautions=tuple(self.cautions),
        )


def compatibility(project: Project, *, python: str) -> CompatibilityRules:
    """The rules for a project on a Python, X.Y. Pure, and driven by tables whose rows were each tried.

    Order: substitutes for distributions that an image cannot use, pins that this Python cannot have, the code's dated
    uses, partners of old releases, and what is missing altogether (a server, a driver's other half).
    """
    facts = project.dependencies
    rules = _Rules(added={one.text: None for one in facts.implied})
    if facts.lock:
        _check_lock(facts, rules)
    else:
        _open(facts, python, rules)
        _substitute(facts, rules)
        _relax(facts, python, rules)
        _date(facts, rules)
        _accompany(rules)
    _need(facts, rules)
    for requirement, reason, evidence in supplements(project):
        rules.added[requirement] = None
        rules.decide(requirement, reason, evidence, override="name another one in the project's requirements")
    _warn(project, rules)
    return rules.finished()


def era_bounds(facts: DependencyFacts, python: str) -> Bounds:
    """How new each distribution may be when nothing is locked: by the requirements, the code, and their partners."""
    rules = _Rules()
    _open(facts, python, rules)
    _date(facts, rules)
    _accompany(rules)
    return rules.bounds


def _open(facts: DependencyFacts, python: str, rules: _Rules) -> None:
    for one in (*facts.direct, *facts.constraints):
        if applies(one.text, python):
            rules.bounds.add(one.text)
            rules.evidence.setdefault(one.name, one.evidence)
    for one in facts.implied:
        rules.evidence.setdefault(one.name, one.evidence)


def _substitute(facts: DependencyFacts, rules: _Rules) -> None:
    for one in facts.direct:
        if one.name in SUBSTITUTES:
            substitute = SUBSTITUTES[one.name]
            text = _rewritten(one.text, name=substitute.name, limits=None if substitute.same_versions else "")
            rules.replaced[one.text] = text
            rules.decide(
                f"{one.name} → {text}", substitute.reason, one.evidence, override=f"name {substitute.name} itself"
            )


def _rewritten(text: str, *, name: str | None = None, limits: str | None = None) -> str:
    """A requirement under another name, or with other limits; None keeps what it has."""
    requirement = Requirement(text)
    extras = f"[{','.join(sorted(requirement.extras))}]" if requirement.extras and name is None else ""
    kept = str(requirement.specifier) if limits is None else limits
    marker = f"; {requirement.marker}" if requirement.marker else ""
    return f"{name or requirement.name}{extras}{kept}{marker}"


def _relax(facts: DependencyFacts, python: str, rules: _Rules) -> None:
    """Replace pins that cannot be installed on this Python by the nearest releases that can."""
    direct = {one.name: one for one in facts.direct if applies(one.text, python)}
    relaxed = set()
    for one in obstacles(facts, python):
        limits = _nearest(one)
        if one.pin is None or one.kind == "source" or limits is None or one.pin.name not in direct:
            continue
        pin, why = one.pin, "has no wheel for" if one.kind == "wheel" else "does not run on"
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
    for family in FAMILIES:
        cause = min(family & relaxed, default=None)
        for name in sorted(family - relaxed):
            one_more = direct.get(name)
            if cause and one_more and one_more.pinned:
                text = rules.replace(one_more, f">={one_more.pinned}")
                rules.decide(text, f"it must fit {cause}, whose pin could not be kept", one_more.evidence)


def _nearest(one: Obstacle) -> str | None:
    """The limits that take the place of a pin: from the first release that works, within its major version."""
    return one.instead or (f">={one.first},<{Version(one.first).major + 1}" if one.first else None)


def _date(facts: DependencyFacts, rules: _Rules) -> None:
    """Limits that the code itself calls for."""
    for use in facts.dated:
        if use.name == "python":
            continue
        below = use.limit.removeprefix("<")
        # Flask 1.1.3 and later limit Jinja2 to releases whose own needs have no wheels any more.
        wanted = "1.1.3" if use.name == "flask" and Version(below) == Version("2") else below
        if rules.bounds.allows_below(use.name, wanted):
            rules.limit(use.name, wanted, f"the code uses {use.what}, which {use.name} {below} removed", use.evidence)
        else:
            rules.cautions.append(
                Caution(
                    what=f"the code uses {use.what}, which {use.name} {below} removed, but the requirements "
                    f"ask for a newer one",
                    evidence=(*use.evidence, *rules.evidence.get(use.name, ())),
                )
            )


def _accompany(rules: _Rules) -> None:
    """Apply the table of partners until nothing changes: a limit on one may make another one old."""
    changed = True
    while changed:
        changed = False
        for row in COMPANIONS:
            if _concerns(row, rules) and rules.limit(
                row.partner,
                row.limit,
                f"{_described(row, rules.bounds.newest(row.name))} does not work with newer ones, and does not say so",
                rules.evidence.get(row.name, ()),
            ):
                changed = True


def _concerns(row: Companion, rules: _Rules) -> bool:
    """Whether the version of `row.name` that will be installed lies within the row's range."""
    newest = rules.bounds.newest(row.name)
    if row.upper is None:
        return row.name in rules.evidence
    if newest is None or not newest.is_below(row.upper):
        return False
    return row.lower is None or newest.reaches(row.lower)


def _described(row: Companion, newest: Limit | None) -> str:
    if newest is None or row.upper is None:
        return row.name
    return f"{row.name} {newest.version}" if newest.inclusive else f"{row.name} below {newest.version}"


def _check_lock(facts: DependencyFacts, rules: _Rules) -> None:
    """A lock is followed as it is: say which of its pins cannot live together."""
    locked = dict(facts.locked)
    for name, version in locked.items():
        rules.bounds.pin(name, version)
        rules.evidence.setdefault(name, ())
    for one in facts.direct:
        if one.name in locked:
            rules.evidence[one.name] = one.evidence
    for row in COMPANIONS:
        partner = rules.bounds.newest(row.partner)
        if row.name in locked and partner and _concerns(row, rules) and partner.reaches(Version(row.limit)):
            rules.cautions.append(
                Caution(
                    what=f"{facts.lock} pins {row.name} {locked[row.name]} with {row.partner} {locked[row.partner]}: "
                    f"it fails with {row.partner} {row.limit} and later",
                    hint=f"add {row.partner}<{row.limit} to the requirements and lock again",
                    evidence=rules.evidence.get(row.name, ()),
                )
            )


def _need(facts: DependencyFacts, rules: _Rules) -> None:
    """What distributions import without asking for it."""
    present = present_names(facts)
    for name, (requirement, below, reason) in NEEDS.items():
        newest = rules.bounds.newest(name)
        old = below is None or (newest is not None and newest.is_below(Version(below)))
        if name in present and old and Requirement(requirement).name not in present:
            rules.added[requirement] = None
            rules.decide(requirement, f"{name} needs it: {reason}", rules.evidence.get(name, ()))


def _warn(project: Project, rules: _Rules) -> None:
    """What no limit can repair."""
    names = present_names(project.dependencies)
    for service in project.services:
        if service.driver is None and service.kind in _DRIVERS and not _DRIVERS[service.kind] & names:
            rules.cautions.append(
                Caution(
                    what=f"the code speaks of a {service.kind} database, but no requirement brings a driver for it",
                    hint=_DRIVER_HINTS[service.kind],
                    evidence=service.evidence,
                )
            )
    for name, what, hint in _DEAD:
        if name in names:
            rules.cautions.append(Caution(what=what, hint=hint, evidence=rules.evidence.get(name, ())))


_DRIVERS = {
    "mysql": frozenset(
        {"aiomysql", "asyncmy", "flask-mysql", "flask-mysqldb", "mariadb", "mysql-connector-python", "mysqlclient"}
        | {"mysql-connector", "mysql-python", "pymysql"}
    ),
    "postgresql": frozenset({"asyncpg", "pg8000", "psycopg", "psycopg-binary", "psycopg2", "psycopg2-binary"}),
}
_DRIVER_HINTS = {
    "mysql": "add PyMySQL, and write the address as mysql+pymysql://… (a plain mysql:// needs mysqlclient)",
    "postgresql": "add psycopg2-binary, or psycopg[binary] with postgresql+psycopg://…",
}

_DEAD = (
    (
        "flask-restplus",
        "flask-restplus does not run on Python 3.10 and later, and was abandoned",
        "move to flask-restx: the imports change, the rest stays",
    ),
    (
        "flask-jwt",
        "Flask-JWT needs PyJWT below 1.5, which does not run on Python 3.10 and later",
        "move to Flask-JWT-Extended",
    ),
)
