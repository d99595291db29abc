"""Pins that nobody can have any more: which one a failed resolution is about, and what takes its place.

Requirements that were frozen years ago name releases that have no file for a Python of today, whose source no longer
builds, or that were taken from the index. What still runs is most often the nearest later release.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from msgspec import Struct
from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name
from packaging.version import InvalidVersion, Version

from packer.plan.rules import rewritten
from packer.regex import regex

__all__ = ["Loosened", "loosen", "lift"]

_PIN = r"`?(?P<name>[A-Za-z0-9][\w.-]*)==(?P<version>[^\s,`]+)"
_ABSENT = tuple(
    re.compile(text)
    for text in (
        rf"there is no version of {_PIN}",
        rf"{_PIN}`? (?:has no|depends on Python)",
        rf"[Ff]ailed to (?:download and )?build[:\s]+{_PIN}",
    )
)
"""What a resolver says of a release that cannot be had."""
_LONGEST_COMPLAINT = 16_384
"""What the resolver says is read so far: a name without end would be searched in for minutes."""
_LACKING = regex(r"has no (?:usable )?wheels|[Tt]here is no version of|depends on Python|versions of .* are available")
_FLOOR = regex(r"depends on (?P<name>[A-Za-z0-9][\w.-]*)>=?(?P<version>[^\s,`]+)")
_REQUIRED = regex(r"you require (?P<name>[A-Za-z0-9][\w.-]*)(?P<operator>==|>=)")


class Loosened(Struct, frozen=True, kw_only=True):
    """Requirements, PEP 508, and those pins among them that have given way, in that order.

    `moved` holds the normalised name, the pin, and how often it gave way; `lifted` the name, the pin, and the
    limits that others need instead.
    """

    lines: tuple[str, ...]
    moved: tuple[tuple[str, str, int], ...] = ()
    lifted: tuple[tuple[str, str, str], ...] = ()

    @property
    def remarks(self) -> tuple[str, ...]:
        """For people: what gave way to what."""
        gone = tuple(
            f"{name} {version} cannot be had for this Python: {_limits(version)[step - 1] or 'any release'} is used"
            for name, version, step in self.moved
        )
        return gone + tuple(
            f"{name} {version} is below what others need: {limits} is used" for name, version, limits in self.lifted
        )


def loosen(state: Loosened, stderr: str) -> Loosened | None:
    """The requirements with the pin that a resolver's error is about loosened by one step; None where there is none.

    First any later release of the same major version will do, then any later one, then any.
    """
    moved = {name: (version, step) for name, version, step in state.moved}
    pins = {name: pin for line in state.lines if (name := _name(line)) and (pin := _pin(line))}
    for name in _blamed(stderr, frozenset(moved)):
        version, step = moved.get(name) or (pins.get(name), 0)
        if version is None or step == len(_limits(version)):
            continue
        limits = _limits(version)[step]
        lines = tuple(rewritten(line, limits=limits) if _name(line) == name else line for line in state.lines)
        others = tuple(one for one in state.moved if one[0] != name)
        return Loosened(lines=lines, moved=(*others, (name, version, step + 1)), lifted=state.lifted)
    return None


def lift(state: Loosened, stderr: str) -> Loosened | None:
    """The requirements with the pins lifted that are below what others need; None where there is none.

    Robots that raise one pin for its security leave those of its partners behind. What a distribution needs at least
    it seldom runs without; what it needs at most is a guess, and no pin is lowered for it.
    """
    pins = {name: pin for line in state.lines if (name := _name(line)) and (pin := _pin(line))}
    wanted: dict[str, str] = {}
    for match in _FLOOR.finditer(" ".join(stderr.split())):
        needed = canonicalize_name(match["name"])
        if needed in pins and _is_below(wanted.get(needed, pins[needed]), match["version"]):
            wanted[needed] = match["version"]
    if not wanted:
        return None
    limits = {name: _limits(floor)[0] for name, floor in wanted.items()}
    lines = tuple(
        rewritten(line, limits=limits[name]) if (name := _name(line) or "") in limits else line for line in state.lines
    )
    lifted = tuple((name, pins[name], limits[name]) for name in sorted(limits))
    return Loosened(lines=lines, moved=state.moved, lifted=(*state.lifted, *lifted))


def _is_below(version: str, floor: str) -> bool:
    try:
        return Version(version) < Version(floor)
    except InvalidVersion:
        return False


def _blamed(stderr: str, moved: frozenset[str]) -> Iterator[str]:
    """Normalised names, the likeliest first. A range is one that a pin gave way to, or is not to be touched."""
    text = " ".join(stderr[:_LONGEST_COMPLAINT].split())
    for pattern in _ABSENT:
        yield from (canonicalize_name(match["name"]) for match in pattern.finditer(text))
    if _LACKING.search(text):
        for match in _REQUIRED.finditer(text):
            name = canonicalize_name(match["name"])
            if match["operator"] == "==" or name in moved:
                yield name


def _limits(version: str) -> tuple[str, ...]:
    try:
        parsed = Version(version)
    except InvalidVersion:
        return ("",)
    return (f">={parsed.public},<{parsed.major + 1}", f">={parsed.public}", "")


def _name(line: str) -> str | None:
    try:
        return canonicalize_name(Requirement(line).name)
    except InvalidRequirement:
        return None  # a path or an address that only the resolver understands


def _pin(line: str) -> str | None:
    specifiers = list(Requirement(line).specifier)
    pinned = len(specifiers) == 1 and specifiers[0].operator == "==" and not specifiers[0].version.endswith(".*")
    return specifiers[0].version if pinned else None
