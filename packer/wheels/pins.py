"""What the locks of other tools say, in one form: exact versions for one target, with the hashes that are allowed.

A lock may list everything for every group and platform, with only the edges between distributions (older Poetry and
PDM): then `reachable` walks from the project's own requirements, following the markers of the target.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from msgspec import Struct

from packer.errors import LockError
from packer.wheels.target import Target

__all__ = ["LockedPackage", "Pin", "holds", "is_wanted", "reachable"]


class Pin(Struct, frozen=True, kw_only=True):
    """One distribution at one version.

    Attributes:
        name: normalised.
        version: exact; empty when `url` says it all, or the lock leaves it open.
        hashes: `sha256:<hex>` of the files that the lock allows; empty for a lock without hashes.
        url: a direct reference (`git+https://…@commit`, an archive's address), None for an index's release.
    """

    name: str
    version: str
    hashes: tuple[str, ...] = ()
    url: str | None = None

    @property
    def requirement(self) -> str:
        """As PEP 508 has it."""
        if self.url:
            return f"{self.name} @ {self.url}"
        return f"{self.name}=={self.version}" if self.version else self.name


class LockedPackage(Struct, frozen=True, kw_only=True):
    """An entry of a lock.

    Attributes:
        pin: what it locks; None for a folder of the project, which is not installed but has dependencies.
        name: normalised.
        requires: PEP 508 requirements that always hold.
        extras: PEP 508 requirements by extra.
        marker: when the whole entry holds, as the lock says.
    """

    name: str
    pin: Pin | None
    requires: tuple[str, ...] = ()
    extras: tuple[tuple[str, tuple[str, ...]], ...] = ()
    marker: str | None = None


def holds(marker: str | None, target: Target, *, where: str, extra: str = "") -> bool:
    """Whether an environment marker is true for the target, with an extra asked for. No marker is always true."""
    if not marker:
        return True
    from packaging.markers import InvalidMarker, Marker, UndefinedEnvironmentName  # noqa: PLC0415 (slow to import)

    try:
        return Marker(marker).evaluate({**target.markers(), "extra": extra})
    except (InvalidMarker, UndefinedEnvironmentName, RecursionError) as cause:
        raise LockError(f"the lock has a marker that cannot be read: {marker[:120]!r}", where=where) from cause


def reachable(
    packages: Iterable[LockedPackage], roots: Iterable[str], target: Target, *, where: str
) -> tuple[LockedPackage, ...]:
    """The packages that the roots need on the target, in order of name.

    Args:
        packages: the whole lock.
        roots: PEP 508 requirements to start from; folders of the project in the lock count as roots too.
        target: whose markers decide.
        where: the lock's name in messages.

    Raises:
        LockError: something needed is not in the lock.
    """
    by_name: dict[str, list[LockedPackage]] = {}
    for package in packages:
        if holds(package.marker, target, where=where):
            by_name.setdefault(package.name, []).append(package)
    folders = [entry.name for entries in by_name.values() for entry in entries if entry.pin is None]
    waiting = [(text, "") for text in (*roots, *folders)]
    seen: dict[str, set[str]] = {}
    found: dict[str, LockedPackage] = {}
    while waiting:
        text, extra = waiting.pop()
        wish = _wish(text, target, extra, where)
        if wish is None:
            continue
        name, extras, specifier = wish
        new = extras - seen.get(name, set()) if name in found else {"", *extras}
        if not new:
            continue
        seen.setdefault(name, set()).update(new)
        package = found.setdefault(name, _entry(by_name, name, specifier, where))
        if "" in new:
            waiting.extend((line, "") for line in package.requires)
        by_extra = dict(package.extras)
        waiting.extend((line, extra) for extra in sorted(new) for line in by_extra.get(extra, ()))
    return tuple(found[name] for name in sorted(found))


def is_wanted(name: str, roots: Iterable[str], target: Target, *, where: str) -> bool:
    """Whether the project's own requirements leave a distribution in on the target; one that they do not name stays."""
    from packaging.requirements import Requirement  # noqa: PLC0415 (slow to import)
    from packaging.utils import canonicalize_name  # noqa: PLC0415 (slow to import)

    own = [root for root in roots if canonicalize_name(Requirement(root).name) == name]
    return not own or any(_wish(root, target, "", where) for root in own)


def _wish(text: str, target: Target, extra: str, where: str) -> tuple[str, set[str], str] | None:
    """Name, extras and specifier of a requirement; None when its marker does not hold."""
    from packaging.requirements import InvalidRequirement, Requirement  # noqa: PLC0415 (slow to import)
    from packaging.utils import canonicalize_name  # noqa: PLC0415 (slow to import)

    try:
        requirement = Requirement(text)
    except (InvalidRequirement, RecursionError) as cause:
        raise LockError(f"the lock has a requirement that cannot be read: {text[:120]!r}", where=where) from cause
    if requirement.marker is not None and not holds(str(requirement.marker), target, where=where, extra=extra):
        return None
    extras: set[str] = {canonicalize_name(extra) for extra in requirement.extras}
    return canonicalize_name(requirement.name), extras, str(requirement.specifier)


def _entry(by_name: Mapping[str, list[LockedPackage]], name: str, specifier: str, where: str) -> LockedPackage:
    """The entry for a name; of several versions the one that the requirement allows."""
    from packaging.specifiers import SpecifierSet  # noqa: PLC0415 (slow to import)

    entries = by_name.get(name)
    if not entries:
        raise LockError(
            f"the lock does not hold {name}, which is needed", where=where, hint="lock again: it is out of date"
        )
    allowed = SpecifierSet(specifier)
    return next(
        (entry for entry in entries if entry.pin and allowed.contains(entry.pin.version, prereleases=True)), entries[0]
    )
