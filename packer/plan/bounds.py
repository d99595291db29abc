"""How far a project lets each distribution go: the newest version that its requirements leave open."""

from __future__ import annotations

import re

from msgspec import Struct
from packaging.requirements import InvalidRequirement, Requirement
from packaging.specifiers import Specifier, SpecifierSet
from packaging.utils import canonicalize_name
from packaging.version import InvalidVersion, Version

__all__ = ["Bounds", "Limit"]


class Limit(Struct, frozen=True):
    """The newest version allowed: `version` itself, or everything below it."""

    version: Version
    inclusive: bool

    def is_below(self, other: Version) -> bool:
        """Whether no version that this limit allows reaches `other`."""
        return self.version < other if self.inclusive else self.version <= other

    def reaches(self, other: Version) -> bool:
        """Whether the newest version that this limit allows is `other` or newer."""
        return not self.is_below(other)


class Bounds:
    """The upper and lower limits by distribution, which further limits may tighten."""

    def __init__(self) -> None:
        self._upper: dict[str, Limit] = {}
        self._lower: dict[str, Version] = {}

    def add(self, text: str) -> None:
        """Take in a PEP 508 requirement. Its marker is taken to hold: a limit for some environments is one."""
        try:
            requirement = Requirement(text)
        except InvalidRequirement:
            return
        name = canonicalize_name(requirement.name)
        for limit in _upper_limits(requirement.specifier):
            self._tighten(name, limit)
        for version in _lower_limits(requirement.specifier):
            self._lower[name] = max(version, self._lower.get(name, version))

    def pin(self, name: str, version: str) -> None:
        """Take in an exact version."""
        parsed = _version(version)
        if parsed is not None:
            self._upper[name] = Limit(parsed, inclusive=True)
            self._lower[name] = parsed

    def newest(self, name: str) -> Limit | None:
        """The newest version allowed; None when nothing limits it."""
        return self._upper.get(name)

    def allows_below(self, name: str, limit: str) -> bool:
        """Whether some version below `limit` is allowed."""
        lower = self._lower.get(name)
        return lower is None or lower < Version(limit)

    def limit(self, name: str, limit: str) -> bool:
        """Keep a distribution below a version. False when it is there already, or must not be."""
        version = Version(limit)
        known = self._upper.get(name)
        if (known and known.is_below(version)) or not self.allows_below(name, limit):
            return False
        self._tighten(name, Limit(version, inclusive=False))
        return True

    def forget(self, name: str) -> None:
        """Drop what is known of a distribution: its requirement is replaced."""
        self._upper.pop(name, None)
        self._lower.pop(name, None)

    def _tighten(self, name: str, limit: Limit) -> None:
        known = self._upper.get(name)
        if known is None or (limit.version, limit.inclusive) < (known.version, known.inclusive):
            self._upper[name] = limit


def _version(text: str) -> Version | None:
    try:
        return Version(text)
    except InvalidVersion:
        return None


def _upper_limits(specifiers: SpecifierSet) -> list[Limit]:
    found = []
    for one in specifiers:
        version = _version(one.version.removesuffix(".*"))
        if version is None:
            continue
        if one.operator in {"<", "<="}:
            found.append(Limit(version, inclusive=one.operator == "<="))
        elif one.operator in {"==", "==="} and not one.version.endswith(".*"):
            found.append(Limit(version, inclusive=True))
        elif one.operator in {"~=", "=="}:
            found.append(Limit(_next(one, version), inclusive=False))
    return found


def _next(one: Specifier, version: Version) -> Version:
    """The first version that a prefix (`==1.2.*`, `~=1.2.3`) no longer allows."""
    release = list(version.release)
    keep = release if one.version.endswith(".*") else release[:-1] or release
    # `one.version` has lost no zeros: 1.0.* keeps two parts.
    given = [int(part) for part in re.findall(r"\d+", one.version.removesuffix(".*"))][: len(keep)] or release
    return Version(".".join(map(str, [*given[:-1], given[-1] + 1])))


def _lower_limits(specifiers: SpecifierSet) -> list[Version]:
    found = []
    for one in specifiers:
        version = _version(one.version.removesuffix(".*"))
        if version is not None and one.operator in {">", ">=", "==", "===", "~="}:
            found.append(version)
    return found
