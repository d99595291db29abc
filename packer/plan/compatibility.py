"""Rule: what keeps old and unlimited requirements working with the releases of today.

Most public projects state no upper limits, or pin a framework and leave its partners open. Where the project has a
complete lock, nothing is changed: what would fail is only said. Else limits are added that its pins, its own limits
and its code call for, each with a reason; whatever the project itself pins is never loosened, except where a pin
cannot be used on the chosen Python at all, a lock's pins included.
"""

from __future__ import annotations

from msgspec.structs import replace
from packaging.requirements import Requirement
from packaging.version import Version

from packer.plan.bounds import Bounds, Limit
from packer.plan.contradictions import heed_code, settle_pins
from packer.plan.data.companions import COMPANIONS, NEEDS, OUTLIVED, UNBUILDABLE, Companion
from packer.plan.former_names import FORMER_NAMES, wants_former_names
from packer.plan.markers import applies
from packer.plan.relaxation import relax, substitute, without_lock
from packer.plan.rules import CompatibilityRules, Rules
from packer.plan.supplements import present_names, supplements
from packer.project.model import Caution, DependencyFacts, Project
from packer.regex import regex

__all__ = ["CompatibilityRules", "compatibility", "era_bounds"]


def compatibility(project: Project, *, python: str) -> CompatibilityRules:
    """The rules for a project on a Python, X.Y. Pure, and driven by tables whose rows were each tried.

    Order: substitutes for distributions that an image cannot use, pins that this Python cannot have, the code's dated
    uses, partners of old releases, and what is missing altogether (a server, a driver's other half).
    """
    unlocked = without_lock(project.dependencies, python)
    facts = unlocked or project.dependencies
    rules = Rules(added={one.text: None for one in facts.implied})
    if unlocked:
        _set_aside(project.dependencies, python, rules)
    if facts.lock:
        _check_lock(facts, rules)
    else:
        _open(facts, python, rules)
        substitute(facts, rules)
        relax(facts, python, rules)
        _date(facts, rules)
        settle_pins(facts, python, rules)
        _accompany(rules)
        _leave_out(rules)
        _outlive(facts, rules)
    _need(facts, rules)
    added = tuple(supplements(project, python))
    for requirement, reason, evidence in added:
        rules.added[requirement] = None
        rules.decide(requirement, reason, evidence, override="name another one in the project's requirements")
    former_names = wants_former_names(facts, rules, python)
    _warn(project, present_names(project.dependencies) | {requirement for requirement, *_ in added}, rules)
    return replace(rules.finished(), unlocked=unlocked, former_names=former_names)


def _set_aside(facts: DependencyFacts, python: str, rules: Rules) -> None:
    """Say that the lock is not followed; what is taken instead is said of each pin."""
    what = (
        f"{facts.lock} pins releases that cannot be used on Python {python}: its other pins are taken as requirements"
    )
    rules.cautions.append(Caution(what=what, hint="lock again, or set `python` and `base` to an older Python"))
    rules.decide(
        f"the pins of {facts.lock} as requirements",
        f"some of them cannot be used on Python {python}",
        (),
        override='python = "X.Y" with a base that carries an older Python',
    )


def era_bounds(facts: DependencyFacts, python: str) -> Bounds:
    """How new each distribution may be when nothing is locked: by the requirements, the code, and their partners."""
    rules = Rules()
    _open(facts, python, rules)
    _date(facts, rules)
    _accompany(rules)
    return rules.bounds


def _open(facts: DependencyFacts, python: str, rules: Rules) -> None:
    for one in (*facts.direct, *facts.constraints):
        if applies(one.text, python):
            rules.bounds.add(one.text)
            rules.evidence.setdefault(one.name, one.evidence)
    for one in facts.implied:
        rules.evidence.setdefault(one.name, one.evidence)


def _date(facts: DependencyFacts, rules: Rules) -> None:
    """Limits that the code itself calls for."""
    for use in facts.dated:
        if use.name in ("python", FORMER_NAMES):
            continue
        below = use.limit.removeprefix("<")
        # Flask 1.1.3 and later limit Jinja2 to releases whose own needs have no wheels any more.
        wanted = "1.1.3" if use.name == "flask" and Version(below) == Version("2") else below
        if rules.bounds.allows_below(use.name, wanted):
            rules.limit(
                use.name, wanted, f"the code uses {use.what}, which only {use.name} below {below} has", use.evidence
            )
        elif not heed_code(facts, use, wanted, rules):
            rules.cautions.append(
                Caution(
                    what=f"the code uses {use.what}, which only {use.name} below {below} has, but the requirements "
                    f"ask for a newer one",
                    evidence=(*use.evidence, *rules.evidence.get(use.name, ())),
                )
            )


def _accompany(rules: Rules) -> None:
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


def _leave_out(rules: Rules) -> None:
    """Keep a resolver from the releases that would only fail to build."""
    for name, (lower, upper, text) in UNBUILDABLE.items():
        newest = rules.bounds.newest(name)
        if newest and newest.is_below(upper) and newest.reaches(lower):
            rules.constraints[name] = f"{name}{text}"
            rules.decide(
                rules.constraints[name],
                "these releases have no wheels, and their source does not build with today's tools",
                rules.evidence.get(name, ()),
            )


def _outlive(facts: DependencyFacts, rules: Rules) -> None:
    """Set aside limits of distributions that nobody maintains, where they keep a project from this Python."""
    for name, (requirement, reason) in OUTLIVED.items():
        if name in present_names(facts):
            rules.overrides.append(requirement)
            rules.decide(requirement, reason, rules.evidence.get(name, ()))


def _concerns(row: Companion, rules: Rules) -> bool:
    """Whether the version of `row.name` that will be installed lies within the row's range."""
    newest = rules.bounds.newest(row.name)
    if row.name == "flask" and row.partner.startswith("flask-") and row.partner not in rules.evidence:
        return False
    if row.upper is None:
        return row.name in rules.evidence
    if newest is None or not newest.is_below(row.upper):
        return False
    return row.lower is None or newest.reaches(row.lower)


def _described(row: Companion, newest: Limit | None) -> str:
    if newest is None or row.upper is None:
        return row.name
    return f"{row.name} {newest.version}" if newest.inclusive else f"{row.name} below {newest.version}"


def _check_lock(facts: DependencyFacts, rules: Rules) -> None:
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


def _need(facts: DependencyFacts, rules: Rules) -> None:
    """What distributions import without asking for it."""
    present = present_names(facts)
    for name, (requirement, below, reason) in NEEDS.items():
        newest = rules.bounds.newest(name)
        old = below is None or (newest is not None and newest.is_below(Version(below)))
        if name in present and old and Requirement(requirement).name not in present:
            rules.added[requirement] = None
            rules.decide(requirement, f"{name} needs it: {reason}", rules.evidence.get(name, ()))


def _warn(project: Project, names: frozenset[str], rules: Rules) -> None:
    """What neither limits nor `names`, the distributions that will be installed, can repair."""
    for service in project.services:
        if service.driver is None and service.kind in _DRIVERS and not _DRIVERS[service.kind] & names:
            rules.cautions.append(
                Caution(
                    what=f"the code speaks of a {service.kind} database, but no requirement brings a driver for it",
                    hint=_DRIVER_HINTS[service.kind],
                    evidence=service.evidence,
                )
            )
        elif service.kind == "mysql" and not _MYSQLDB & names:
            lines = tuple(one for one in service.evidence if _PLAIN_MYSQL.search(one.excerpt))
            if lines:
                rules.cautions.append(Caution(what=_NO_MYSQLDB, hint=_DRIVER_HINTS["mysql"], evidence=lines))
    for name, what, hint in _DEAD:
        if name in names:
            rules.cautions.append(Caution(what=what, hint=hint, evidence=rules.evidence.get(name, ())))


_PLAIN_MYSQL = regex(r"\bmysql://")
_MYSQLDB = frozenset({"flask-mysqldb", "mysql-python", "mysqlclient"})
_NO_MYSQLDB = "a mysql:// address selects the MySQLdb module, which no requirement brings"

_DRIVERS = {
    "mysql": frozenset(
        {"aiomysql", "asyncmy", "flask-mysql", "flask-mysqldb", "mariadb", "mysql-connector-python", "mysqlclient"}
        | {"mysql-connector", "mysql-python", "pymysql"}
    ),
    "postgresql": frozenset({"asyncpg", "pg8000", "psycopg", "psycopg-binary", "psycopg2", "psycopg2-binary"}),
}
_DRIVER_HINTS = {
    "mysql": "use PyMySQL, and write the address as mysql+pymysql://… (a plain mysql:// needs mysqlclient)",
    "postgresql": "add psycopg2-binary, or psycopg[binary] with postgresql+psycopg://…",
}

_DEAD = (
    (
        "flask-restplus",
        "flask-restplus was abandoned before Python 3.10, and runs only with names that pack gives back to Python",
        "move to flask-restx: the imports change, the rest stays",
    ),
)
