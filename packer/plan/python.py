"""Rule: which Python runs the app: the newest that the project allows and that its pins can be installed on."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from msgspec import Struct
from packaging.specifiers import SpecifierSet

from packer.errors import PlanError
from packer.plan.compatibility import era_bounds
from packer.plan.pins import Obstacle, obstacles
from packer.project.model import Caution, Decision, Evidence, Project, PythonHint

__all__ = ["PythonChoice", "choose_python"]

_OVERRIDE = 'python = "X.Y" (with base = "REFERENCE" where no Debian release carries it)'


class PythonChoice(Struct, frozen=True, kw_only=True):
    """The Python, X.Y, the others against which no more pins and code speak, best first, and why."""

    version: str
    alternatives: tuple[str, ...]
    decisions: tuple[Decision, ...] = ()
    cautions: tuple[Caution, ...] = ()


class _Option(Struct, frozen=True, kw_only=True):
    """One version that could be taken, and what stands against it."""

    version: str
    obstacles: tuple[Obstacle, ...]
    unmet: tuple[PythonHint, ...]

    @property
    def blocked(self) -> int:
        return sum(one.kind != "source" for one in self.obstacles)

    @property
    def sources(self) -> int:
        return sum(one.kind == "source" for one in self.obstacles)


def choose_python(project: Project, *, available: Sequence[str], wanted: str | None = None) -> PythonChoice:
    """Choose among the versions that bases are available for.

    Promises (requires-python, a lock's limit) are kept. Then counts, in this order: pins and code that cannot work
    on a version; what the project's environment files wish for; pins that would have to be built from source; and the
    newer version before the older one, unless something stands against every one of them: then the older is nearer to
    the time that the pins are from.

    Args:
        project: the facts.
        available: X.Y versions, in any order.
        wanted: the user's own choice, which is taken whatever speaks against it, and told what does.

    Raises:
        PlanError: no version is available that the project's promises allow.
    """
    if wanted:
        return _wanted(project, wanted)
    allowed = [version for version in sorted(available, key=_key, reverse=True) if not _broken(project, version)]
    if not allowed:
        raise _impossible(project, available)
    soft = tuple(hint for hint in project.python.hints if not hint.hard)
    facts = project.dependencies
    options = [
        _Option(
            version=version,
            obstacles=obstacles(facts, version, None if facts.lock else era_bounds(facts, version)),
            unmet=tuple(hint for hint in soft if not _meets(hint, version)),
        )
        for version in allowed
    ]
    troubled = all(option.obstacles for option in options)
    ranked = sorted(options, key=lambda option: _rank(option, soft, prefer_old=troubled))
    best = ranked[0]
    return PythonChoice(
        version=best.version,
        alternatives=tuple(option.version for option in ranked[1:] if option.blocked <= best.blocked),
        decisions=(_decision(best, ranked[1:], project),),
        cautions=tuple(_cautions(best)),
    )


def _key(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split("."))


def _meets(hint: PythonHint, version: str) -> bool:
    """Whether some patch release of X.Y fits: `>=3.11.4` is no word against 3.11, which has newer ones."""
    limits = SpecifierSet(hint.specifier)
    return any(limits.contains(f"{version}.{patch}", prereleases=True) for patch in (99, 0, 5, 10, 15))


def _broken(project: Project, version: str) -> list[PythonHint]:
    return [hint for hint in project.python.hints if hint.hard and not _meets(hint, version)]


def _rank(option: _Option, soft: Sequence[PythonHint], *, prefer_old: bool) -> tuple[int, int, int, int, int]:
    minor = _key(option.version)[1]
    return (
        option.blocked,
        len(option.unmet),
        _distance(option.version, soft) if option.unmet else 0,
        option.sources,
        minor if prefer_old else -minor,
    )


def _distance(version: str, soft: Sequence[PythonHint]) -> int:
    """How far a version is from the first wish; a newer one is nearer: code of 3.12 runs on 3.13 rather than 3.11."""
    wish = next((hint for hint in soft if not _meets(hint, version)), None)
    minor = _key(version)[1]
    for reach in range(1, 40):
        if wish and _meets(wish, f"3.{minor - reach}"):
            return 2 * reach - 1
        if wish and _meets(wish, f"3.{minor + reach}"):
            return 2 * reach
    return 99


def _wanted(project: Project, wanted: str) -> PythonChoice:
    option = _Option(version=wanted, obstacles=obstacles(project.dependencies, wanted), unmet=())
    broken = [
        Caution(
            what=f"Python {wanted} is set, but {hint.source} asks for {hint.specifier}",
            evidence=hint.evidence,
        )
        for hint in project.python.hints
        if not _meets(hint, wanted)
    ]
    decision = Decision(
        subject="python.version", choice=wanted, reason="the setting or the base names it", override=_OVERRIDE
    )
    return PythonChoice(version=wanted, alternatives=(), decisions=(decision,), cautions=(*broken, *_cautions(option)))


def _decision(best: _Option, others: Iterable[_Option], project: Project) -> Decision:
    newer = [option for option in others if _key(option.version) > _key(best.version)]
    promises = [hint for hint in project.python.hints if hint.hard]
    wishes = [hint for hint in project.python.hints if not hint.hard and _meets(hint, best.version)]
    evidence: tuple[Evidence, ...] = ()
    if newer and newer[-1].obstacles and len(newer[-1].obstacles) > len(best.obstacles):
        reason = f"{newer[-1].version} does not suit {_named(newer[-1].obstacles)}"
        evidence = newer[-1].obstacles[0].evidence
    elif wishes:
        reason = f"{wishes[0].source} asks for it"
        evidence = wishes[0].evidence
    elif newer:
        reason = "something stands against every version, and the older one is nearer to the time of the pins"
    elif promises:
        reason = f"it is the newest that a base is available for, and {promises[0].source} allows it"
        evidence = promises[0].evidence
    else:
        reason = "it is the newest that a base is available for"
    return Decision(subject="python.version", choice=best.version, reason=reason, evidence=evidence, override=_OVERRIDE)


def _named(found: Sequence[Obstacle]) -> str:
    shown = ", ".join(dict.fromkeys(one.what for one in found[:3]))
    return shown + (f" and {len(found) - 3} more" if len(found) > 3 else "")


def _cautions(option: _Option) -> Iterable[Caution]:
    for hint in option.unmet:
        yield Caution(
            what=f"{hint.source} asks for Python {hint.specifier}; {option.version} is used, which a base is made for",
            hint=f"set {_OVERRIDE} to have exactly that one",
            evidence=hint.evidence,
        )
    for one in option.obstacles:
        if one.kind == "code":
            yield Caution(
                what=f"the code imports {one.what}, which Python {option.version} does not have",
                hint=f"set {_OVERRIDE} to an older one, or replace the module",
                evidence=one.evidence,
            )


def _impossible(project: Project, available: Sequence[str]) -> PlanError:
    promises = [hint for hint in project.python.hints if hint.hard]
    shown = "; ".join(f"{hint.source} asks for Python {hint.specifier}" for hint in promises)
    first = promises[0].evidence[0] if promises and promises[0].evidence else None
    return PlanError(
        f"no available Python fits the project: {shown or 'there is no base'} "
        f"(available: {', '.join(available) or 'none'})",
        where=f"{first.path}:{first.line}" if first else None,
        hint='widen the limit, or set python = "X.Y" to take a base with that version from a registry',
    )
