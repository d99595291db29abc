"""What stands between the project's pins and a Python: no wheel, or code that this Python no longer runs."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import Literal

from msgspec import Struct
from packaging.specifiers import SpecifierSet
from packaging.tags import Tag, compatible_tags, cpython_tags
from packaging.utils import InvalidWheelFilename, parse_wheel_filename
from packaging.version import InvalidVersion, Version

from packer.plan.bounds import Bounds, Limit
from packer.plan.data.pythons import DEAD, FIRST_WHEEL, PURE_FALLBACK, DeadRange
from packer.plan.markers import applies
from packer.project.model import DependencyFacts, Evidence

__all__ = ["Obstacle", "Pin", "is_unusable", "obstacles", "pins_of"]

_PLATFORMS = ("x86_64", "aarch64")


class Pin(Struct, frozen=True, kw_only=True):
    """One exact version that the project asks for."""

    name: str
    version: str
    evidence: tuple[Evidence, ...] = ()


class Obstacle(Struct, frozen=True, kw_only=True):
    """One reason against a Python.

    `wheel`: a pinned distribution is compiled and has no wheel for it; `source`: it has none either, but is built
    without a compiler; `dead`: it imports what that Python no longer has; `code`: so does the project itself.
    `first` is the first version with a wheel, `instead` the limits to take in the pin's place, where they are known.
    """

    kind: Literal["wheel", "source", "dead", "code"]
    what: str
    pin: Pin | None = None
    first: str | None = None
    instead: str | None = None
    evidence: tuple[Evidence, ...] = ()


def pins_of(facts: DependencyFacts, python: str) -> list[list[Pin]]:
    """The pinned versions by distribution: of the lock, else of the requirements that are meant for a Python, X.Y.

    Versions that a lock forks by markers share a list.
    """
    found: dict[str, list[Pin]] = {}
    evidence = {one.name: one.evidence for one in facts.direct}
    if facts.locked:
        for name, version in facts.locked:
            found.setdefault(name, []).append(Pin(name=name, version=version, evidence=evidence.get(name, ())))
    else:
        for one in (*facts.direct, *facts.constraints):
            if one.pinned and applies(one.text, python):
                found.setdefault(one.name, []).append(Pin(name=one.name, version=one.pinned, evidence=one.evidence))
    return [found[name] for name in sorted(found)]


def obstacles(facts: DependencyFacts, python: str, bounds: Bounds | None = None) -> tuple[Obstacle, ...]:
    """Everything that stands against a Python, X.Y.

    Args:
        facts: the project's dependencies.
        python: X.Y.
        bounds: how new the unpinned distributions may be, where that is to count as well.
    """
    wheels = dict(facts.wheels)
    found = [one for pins in pins_of(facts, python) if (one := _obstacle(pins, wheels.get(pins[0].name), python))]
    found += [
        Obstacle(kind="code", what=use.what, evidence=use.evidence)
        for use in facts.dated
        if use.name == "python" and not SpecifierSet(use.limit).contains(f"{python}.0")
    ]
    if bounds is not None:
        found += _too_old(bounds, {pins[0].name for pins in pins_of(facts, python)}, python)
    return tuple(found)


def is_unusable(name: str, version: str, python: str) -> bool:
    """Whether a version is known to have no wheel for a Python, X.Y, or not to run on it."""
    return _obstacle([Pin(name=name, version=version)], None, python) is not None


def _too_old(bounds: Bounds, pinned: set[str], python: str) -> Iterator[Obstacle]:
    """Distributions that may not be as new as their first release with a wheel for a Python."""
    for name in FIRST_WHEEL:
        first, newest = _first_wheel(name, python), bounds.newest(name)
        if first and newest and name not in pinned and newest.is_below(Version(first)):
            kind: Literal["wheel", "source"] = "source" if name in PURE_FALLBACK else "wheel"
            yield Obstacle(kind=kind, what=f"{name} below {newest.version}", first=first)
    for name, ranges in DEAD.items():
        newest = bounds.newest(name)
        if newest and name not in pinned and any(_ends_in(newest, one, python) for one in ranges):
            yield Obstacle(kind="dead", what=f"{name} below {newest.version}")


def _ends_in(newest: Limit, dead: DeadRange, python: str) -> bool:
    """Whether the newest version that is allowed is one of those that a Python does not run."""
    return (
        _minor(dead.python) <= _minor(python)
        and newest.is_below(Version(dead.upper))
        and (dead.lower is None or newest.reaches(Version(dead.lower)))
    )


def _obstacle(pins: list[Pin], wheels: tuple[str, ...] | None, python: str) -> Obstacle | None:
    """What stands against every version that a distribution is pinned to, the mildest if they differ."""
    found = []
    for pin in pins:
        one = _dead(pin, python) or _without_wheel(pin, wheels, python)
        if one is None:
            return None
        found.append(one)
    return min(found, key=lambda one: one.kind != "source")


def _dead(pin: Pin, python: str) -> Obstacle | None:
    for one in DEAD.get(pin.name, ()):
        if _minor(one.python) > _minor(python) or not _is_older(pin.version, one.upper):
            continue
        if one.lower is None or not _is_older(pin.version, one.lower):
            what = f"{pin.name} {pin.version}"
            return Obstacle(kind="dead", what=what, pin=pin, instead=one.instead, evidence=pin.evidence)
    return None


def _minor(python: str) -> int:
    return int(python.split(".")[1])


def _without_wheel(pin: Pin, wheels: tuple[str, ...] | None, python: str) -> Obstacle | None:
    first = _first_wheel(pin.name, python)
    what = f"{pin.name} {pin.version}"
    if wheels:
        own = [name for name in wheels if _version_of(name) == _version(pin.version)]
        if not own or any(_fits(name, python) for name in own):
            return None
        # A distribution that has wheels for other Pythons is compiled: its source would need a compiler.
        kind: Literal["wheel", "source"] = "source" if _has_fallback(pin) else "wheel"
        return Obstacle(kind=kind, what=what, pin=pin, first=first, evidence=pin.evidence)
    if first is None or not _is_older(pin.version, first):
        return None
    kind = "source" if _has_fallback(pin) else "wheel"
    return Obstacle(kind=kind, what=what, pin=pin, first=first, evidence=pin.evidence)


def _has_fallback(pin: Pin) -> bool:
    oldest, newest = PURE_FALLBACK.get(pin.name, (None, None))
    if oldest is None or _is_older(pin.version, oldest):
        return False
    return newest is None or _is_older(pin.version, newest)


def _first_wheel(name: str, python: str) -> str | None:
    """The first version of a distribution with a wheel for a Python, by the nearest column at or below it."""
    known = FIRST_WHEEL.get(name, {})
    columns = [column for column in known if _minor(column) <= _minor(python)]
    return known[max(columns, key=_minor)] if columns else None


def _is_older(version: str, than: str) -> bool:
    own = _version(version)
    return own is not None and own < Version(than)


@lru_cache(maxsize=4096)
def _version(text: str) -> Version | None:
    try:
        return Version(text)
    except InvalidVersion:
        return None


def _version_of(wheel: str) -> Version | None:
    try:
        return parse_wheel_filename(wheel)[1]
    except InvalidWheelFilename:
        return None


def _fits(wheel: str, python: str) -> bool:
    try:
        tags = parse_wheel_filename(wheel)[3]
    except InvalidWheelFilename:
        return False
    return not tags.isdisjoint(_tags(python))


@lru_cache(maxsize=16)
def _tags(python: str) -> frozenset[Tag]:
    """The tags of a Python on Debian's glibc, on either of the platforms that are built for."""
    version = tuple(int(part) for part in python.split("."))
    return frozenset(_every_tag(version, python))


def _every_tag(version: tuple[int, ...], python: str) -> Iterator[Tag]:
    for machine in _PLATFORMS:
        platforms = [f"manylinux_2_{minor}_{machine}" for minor in range(36, 4, -1)]
        platforms += [f"{name}_{machine}" for name in ("manylinux2014", "manylinux2010", "manylinux1", "linux")]
        yield from cpython_tags(version, platforms=platforms)
        yield from compatible_tags(version, interpreter=f"cp{python.replace('.', '')}", platforms=platforms)
