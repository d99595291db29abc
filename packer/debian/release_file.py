"""A suite's release file: what it is, how long it holds, and the hashes of its indexes.

Format: https://wiki.debian.org/DebianRepository/Format#A.22Release.22_files
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta, timezone
from types import MappingProxyType

from msgspec import Struct

from packer.debian.control import Fields, parse_stanza
from packer.debian.releases import Suite
from packer.debian.trust import CLOCK_LEEWAY
from packer.errors import TrustError
from packer.regex import regex

__all__ = ["IndexFile", "ReleaseFile", "check_release", "parse_release"]

_CHECKSUM = regex(r"([0-9a-f]{64}) +(\d{1,12}) +(\S+)")
_DATE = regex(r"[A-Z][a-z]{2}, (\d{1,2}) ([A-Z][a-z]{2}) (\d{4}) (\d\d):(\d\d):(\d\d) (?:UTC|GMT|\+0000|Z)")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_MATCHING_HINT = "set a `debian.mirror` that has this release, or choose another Debian release"


class IndexFile(Struct, frozen=True):
    """An index as the release file lists it: its SHA-256 in hexadecimal digits, its size in bytes."""

    sha256: str
    size: int


class ReleaseFile(Struct, frozen=True, kw_only=True):
    """A parsed release file. `files` are by path under the suite's folder."""

    codename: str
    suite: str
    date: datetime
    valid_until: datetime | None
    by_hash: bool
    architectures: frozenset[str]
    files: Mapping[str, IndexFile]


def parse_release(text: str, *, where: str) -> ReleaseFile:
    """Read the signed text. Raises `TrustError` when it lacks its date or its SHA-256 list."""
    fields = parse_stanza(text)
    files = MappingProxyType(
        {match[3]: IndexFile(match[1], int(match[2])) for match in _CHECKSUM.finditer(fields.get("sha256", ""))}
    )
    date = _date(fields, "date", where)
    if date is None or not files:
        raise TrustError("the release file states no date or no SHA-256 hashes", where=where, hint="use another mirror")
    return ReleaseFile(
        codename=fields.get("codename", ""),
        suite=fields.get("suite", ""),
        date=date,
        valid_until=_date(fields, "valid-until", where),
        by_hash=fields.get("acquire-by-hash", "").lower() == "yes",
        architectures=frozenset(fields.get("architectures", "").split()),
        files=files,
    )


def check_release(release: ReleaseFile, suite: Suite, *, now: datetime, allow_expired: bool, where: str) -> None:
    """Whether this is the suite that was asked for, and of today. Raises `TrustError`."""
    if release.codename != suite.codename:
        found = release.codename or release.suite or "nothing"
        raise TrustError(
            f"the mirror answers with {found} where {suite.codename} was asked for", where=where, hint=_MATCHING_HINT
        )
    if release.date > now + CLOCK_LEEWAY:
        raise TrustError(
            f"the release file of {suite.codename} is dated {_text(release.date)}, but now is {_text(now)}",
            where=where,
            hint="check this machine's clock",
        )
    if release.valid_until is not None and release.valid_until < now and not allow_expired:
        raise TrustError(
            f"the release file of {suite.codename} expired on {_text(release.valid_until)}, {_age(release, now)} ago",
            where=where,
            hint="check the clock; use a mirror that is up to date; or accept old metadata with the setting "
            "`debian.allow-expired = true`",
        )


def _date(fields: Fields, name: str, where: str) -> datetime | None:
    text = fields.get(name)
    if text is None:
        return None
    match = _DATE.fullmatch(text)
    try:
        if match is None:
            raise ValueError(text)  # noqa: TRY301 - both ways to be no date end in one message
        day, month, year, hour, minute, second = match.groups()
        date = (int(year), _MONTHS.index(month) + 1, int(day))
        return datetime(*date, int(hour), int(minute), int(second), tzinfo=timezone.utc)
    except ValueError as cause:
        raise TrustError(f"the release file's {name} is no date: {text[:60]!r}", where=where) from cause


def _age(release: ReleaseFile, now: datetime) -> str:
    assert release.valid_until is not None
    late = now - release.valid_until
    return f"{late.days} days" if late >= timedelta(days=2) else f"{int(late.total_seconds() // 3600)} hours"


def _text(moment: datetime) -> str:
    return moment.astimezone(timezone.utc).strftime("%Y-%m-%d %H:%M UTC")
