"""What a build fetches from, and whether this machine's clock agrees with it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from email.utils import parsedate_to_datetime
from pathlib import Path
from urllib.parse import unquote, urlsplit

from msgspec import Struct

from packer.errors import PackError, TransientError, TrustError
from packer.plan.finding import Area, Finding
from packer.system.http import Exchange, Request
from packer.system.urls import redacted, without_userinfo

__all__ = ["Heard", "clock_agrees", "hear", "index_answers", "mirror_answers", "server_time"]

_NOTABLE_SECONDS = 60
_BROKEN_SECONDS = 300
"""What registries' tokens and signatures allow for clocks that differ."""
_PROJECT = "pip"
"""A page that every package index has: the list of all of them may be very long."""
_SUBJECT = "package index"


class Heard(Struct, frozen=True, kw_only=True):
    """A server's answer: its status, and what its clock said, None where it did not."""

    place: str
    status: int
    date: float | None


def hear(exchange: Exchange, url: str, *, headers: Mapping[str, str] | None = None) -> Heard:
    """Ask for nothing but the head of a page. Raises `TransientError`, `TrustError`."""
    with exchange.send(Request(method="HEAD", url=url, headers=headers or {})) as response:
        return Heard(place=redacted(url), status=response.status, date=server_time(response.headers))


def server_time(headers: Mapping[str, str]) -> float | None:
    """The server's clock as it answered; a cache on the way says how old its answer is."""
    try:
        date = parsedate_to_datetime(headers.get("date") or "").timestamp()
    except (ValueError, TypeError, OverflowError):
        return None
    age = headers.get("age") or "0"
    return date + (int(age) if age.isascii() and age.isdigit() and len(age) < 10 else 0)


def clock_agrees(heard: Sequence[Heard], now: float) -> Finding | None:
    """This machine's clock is right, going by the servers that said theirs; the nearest of them counts."""
    skews = [(abs(now - one.date), now - one.date, one.place) for one in heard if one.date is not None]
    if not skews:
        return None
    apart, skew, place = min(skews)
    host = urlsplit(place).hostname or place
    if apart < _NOTABLE_SECONDS:
        return Finding(area="network", subject="clock", state="ok", what=f"it agrees with {host}")
    way = "ahead of" if skew > 0 else "behind"
    return Finding(
        area="network",
        subject="clock",
        state="broken" if apart >= _BROKEN_SECONDS else "warning",
        what=f"this machine's clock is {_duration(apart)} {way} {host}: certificates, tokens and signatures go by it",
        fix="set the clock: sudo timedatectl set-ntp true",
    )


def mirror_answers(
    exchange: Exchange, mirrors: Sequence[str], release: str, *, needed: bool, told: Callable[[Heard], object]
) -> Finding:
    """A Debian mirror has the release: one of several is enough. `told` hears the answer."""
    failure: PackError | None = None
    for mirror in mirrors:
        url = f"{mirror}/dists/{release}/InRelease"
        if mirror.startswith("file:"):
            return _folder("Debian mirror", url)
        try:
            heard = hear(exchange, url)
        except (TransientError, TrustError) as error:
            failure = failure or error
            continue
        told(heard)
        if heard.status < 400:
            return Finding(area="network", subject="Debian mirror", state="ok", what=f"{mirror} has {release}")
        failure = failure or PackError(f"{mirror} answers {heard.status} for {release}")
    return Finding(
        area="network",
        subject="Debian mirror",
        state="broken" if needed else "warning",
        what=failure.what if failure else "no Debian mirror is known",
        fix="see what is in the way (HTTPS_PROXY?), name another (debian.mirror under [tool.pack.debian]), or say "
        "--offline if all that a build needs is cached",
    )


def index_answers(exchange: Exchange, index: str, *, headers: Mapping[str, str]) -> Finding:
    """A package index answers, and lets us in. `headers` are what it is shown."""
    address = without_userinfo(index).rstrip("/")
    if "://" not in address or address.startswith("file:"):
        return _folder(_SUBJECT, address)
    try:
        heard = hear(exchange, f"{address}/{_PROJECT}/", headers=headers)
    except (TransientError, TrustError) as error:
        fix = error.hint or "see what is in the way (HTTPS_PROXY?), or name another index (PIP_INDEX_URL)"
        return _broken(_SUBJECT, error.what, fix)
    if heard.status in (401, 403, 407):
        who = "the proxy" if heard.status == 407 else address
        fix = "give it a name and a password: pip.conf, PIP_INDEX_URL or ~/.netrc"
        return _broken(_SUBJECT, f"{who} does not let us in ({heard.status})", fix)
    if heard.status >= 500 or heard.status == 429:
        return _broken(_SUBJECT, f"{address} answers {heard.status}", "try again later")
    return Finding(area="network", subject=_SUBJECT, state="ok", what=f"{address} answers")


def _folder(subject: str, address: str) -> Finding:
    """A mirror or index that is on this machine: an address, or a path as pip takes it, too."""
    place = Path(unquote(urlsplit(address).path)) if address.startswith("file:") else Path(address).expanduser()
    if place.exists():
        return Finding(area="network", subject=subject, state="ok", what=f"{place} is on this machine")
    return _broken(subject, f"there is no {place}", "name one that is there")


def _broken(subject: str, what: str, fix: str) -> Finding:
    area: Area = "network"
    return Finding(area=area, subject=subject, state="broken", what=what, fix=fix)


def _duration(seconds: float) -> str:
    """A time for people.

    >>> _duration(90), _duration(7300), _duration(400_000)
    ('90 s', '122 min', '4.6 days')
    """
    if seconds < 300:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 86400 else f"{seconds / 86400:.1f} days"
