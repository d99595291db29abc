"""What pinned releases bring along, held below the breaking releases that came after the pins.

A list of pins names what somebody chose, seldom what that brought along. Left open, a pinned release of years ago
gets partners of today, which it never met and whose changes its metadata could not foresee. The time is known: the
index says when each pinned release was published, and the newest is the nearest to when the list worked. What only
pinned releases ask for is held below the next breaking release after the one of that time: the next major version,
or minor version below 1. Repairs within it are still taken.

Nothing is held that the project names itself, that something without a pin asks for as well, or that would have no
wheel for the image's Python or be too old for it. Where the project's own choices would change, nothing is held at all.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any

from msgspec import Struct

from packer.plan.data.pythons import FIRST_WHEEL
from packer.plan.pins import is_unusable
from packer.wheels.partners import quarrels
from packer.wheels.toml import parse_toml

if TYPE_CHECKING:
    from packaging.tags import Tag

__all__ = ["Compile", "Held", "hold"]

Compile = Callable[[Sequence[str], Sequence[str], Sequence[str]], bytes | None]
"""Resolves requirements under constraints with further options of uv's; None where that cannot be."""

_GRACE = timedelta(days=30)
"""After the newest pin: a list is used for some time after its last change, and partners' repairs come late."""
_WHEELS_SINCE = {
    "3.10": datetime(2022, 1, 1, tzinfo=timezone.utc),
    "3.11": datetime(2023, 2, 1, tzinfo=timezone.utc),
    "3.12": datetime(2024, 1, 1, tzinfo=timezone.utc),
    "3.13": datetime(2025, 1, 1, tzinfo=timezone.utc),
}
"""From when on a compiled distribution can be expected to have wheels for a Python: three months after its release."""
_OLDEST = datetime(2018, 6, 27, tzinfo=timezone.utc)
"""The day of Python 3.7. What is older never saw the Pythons that warned of what 3.10 and later no longer have."""
_FIRST_YEAR = 1900
"""From here on a major version is a year, which breaks nothing by itself."""
_BUILD_TOOLS = ("flit-core", "hatchling", "pbr", "pip", "poetry-core", "setuptools", "setuptools-scm", "wheel")
"""Never held: what builds a source has to run on today's Python."""


class Held(Struct, frozen=True, kw_only=True):
    """The lock with partners of then.

    Attributes:
        content: a `pylock.toml`.
        limits: what was held, `name<version`, by name.
        pin: the newest pin, `name version`.
        day: when that was published, as in `2019-11-22`.
    """

    content: bytes
    limits: tuple[str, ...]
    pin: str
    day: str


class _Release(Struct, frozen=True, kw_only=True):
    """A locked distribution."""

    name: str
    version: str
    published: datetime | None
    wheels: tuple[str, ...]


def hold(
    content: bytes,
    *,
    pinned: Mapping[str, str],
    others: Mapping[str, str],
    python: str,
    tags: Iterable[Tag],
    compile_lock: Compile,
) -> Held | None:
    """Resolve again with partners of the time of the pins; None where that is needless or does not fit.

    Args:
        content: the `pylock.toml` of a resolution without regard to time.
        pinned: the requirements that leave one version to choose, by normalised name.
        others: all the other direct requirements, by normalised name.
        python: X.Y of the image.
        tags: the wheel tags that fit it.
        compile_lock: the resolver.
    """
    now, direct = _releases(content), {*pinned, *others}
    newest = _newest(now, pinned)
    if newest is None or newest.published is None:
        return None
    time = newest.published + _GRACE
    partners = {
        name for name, one in now.items() if name not in direct and (one.published is None or one.published > time)
    }
    then = _releases(compile_lock(tuple(pinned.values()), (), _options(time, pinned, python))) if partners else {}
    limits = {
        name: limit for name in partners & then.keys() if (limit := _limit(now[name].version, then[name].version))
    }
    if limits and others:
        shared = _releases(compile_lock(tuple(others.values()), (), ()))
        limits = {name: limit for name, limit in limits.items() if name not in shared}
    held = _resolved(limits, (*pinned.values(), *others.values()), compile_lock, python, frozenset(tags))
    if held is None or any(now.get(name) != _releases(held[0]).get(name) for name in direct):
        return None
    day = newest.published.date().isoformat()
    return Held(content=held[0], limits=held[1], pin=f"{newest.name} {newest.version}", day=day)


def _resolved(
    limits: Mapping[str, str],
    requirements: tuple[str, ...],
    compile_lock: Compile,
    python: str,
    fitting: frozenset[Tag],
) -> tuple[bytes, tuple[str, ...]] | None:
    """The lock under the limits; a second time without those that lead to what the Python cannot use."""
    for _ in range(2):
        texts = tuple(f"{name}<{limits[name]}" for name in sorted(limits))
        content = compile_lock(requirements, texts, ()) if texts else None
        if content is None:
            return None
        found = _releases(content)
        useless = {name for name in limits if name in found and not _is_usable(found[name], python, fitting)}
        useless |= limits.keys() & _broken(found)
        if not useless:
            return content, texts
        limits = {name: limit for name, limit in limits.items() if name not in useless}
    return None


def _broken(found: Mapping[str, _Release]) -> set[str]:
    """Releases that are known not to work with the partner that they got: Jinja2 2 with today's MarkupSafe."""
    return {row.name for row in quarrels({name: one.version for name, one in found.items()})}


def _releases(content: bytes | None) -> dict[str, _Release]:
    """By name; of several versions for several environments, the last."""
    lock = parse_toml(content, where="pylock.toml") if content else {}
    return {str(package["name"]): _release(package) for package in lock.get("packages", ())}


def _release(package: Mapping[str, Any]) -> _Release:
    """A release counts as published with its first file: wheels for newer Pythons come later."""
    files = [*package.get("wheels", ()), *([package["sdist"]] if "sdist" in package else [])]
    times = [time for file in files if isinstance(time := file.get("upload-time"), datetime)]
    return _Release(
        name=str(package["name"]),
        version=str(package.get("version", "")),
        published=min(times, default=None),
        wheels=tuple(str(wheel.get("url") or wheel.get("path")) for wheel in package.get("wheels", ())),
    )


def _newest(releases: Mapping[str, _Release], names: Iterable[str]) -> _Release | None:
    """The release that was published last; None where one has no date, which may be newer than all others."""
    found = [releases[name] for name in names if name in releases]
    if any(one.published is None for one in found):
        return None
    return max(found, key=lambda one: (str(one.published), one.name), default=None)


def _options(time: datetime, pinned: Iterable[str], python: str) -> tuple[str, ...]:
    """Options of uv for the index as it was. Pins are free of it: their wheels may have been added since."""
    free = {*pinned, *_BUILD_TOOLS}
    since = _WHEELS_SINCE.get(python)
    if since is None or time < since:
        free |= FIRST_WHEEL.keys()
    exempt = [word for name in sorted(free) for word in ("--exclude-newer-package", f"{name}=false")]
    return ("--exclude-newer", time.strftime("%Y-%m-%dT%H:%M:%SZ"), *exempt)


def _limit(now: str, then: str) -> str | None:
    """The first breaking release after `then`, where `now` is or follows it."""
    from packaging.version import InvalidVersion, Version  # noqa: PLC0415 (slow to import, rarely needed)

    try:
        old, new = Version(then), Version(now)
    except InvalidVersion:
        return None
    if old.major >= _FIRST_YEAR or old.epoch:
        return None
    limit = f"0.{old.minor + 1}" if old.major == 0 else str(old.major + 1)
    return limit if new >= Version(limit) else None


def _is_usable(release: _Release, python: str, fitting: frozenset[Tag]) -> bool:
    """Whether it has a wheel that fits, and nothing is known or to be feared against it on the Python."""
    from packaging.utils import InvalidWheelFilename, parse_wheel_filename  # noqa: PLC0415 (slow, rarely needed)

    if release.published is None or release.published < _OLDEST or is_unusable(release.name, release.version, python):
        return False
    for address in release.wheels:
        try:
            tags = parse_wheel_filename(address.rpartition("/")[2])[3]
        except InvalidWheelFilename:
            continue
        if not tags.isdisjoint(fitting):
            return True
    return False
