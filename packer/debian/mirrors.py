"""Where Debian's archives are fetched from: the setting, else what this machine's apt uses, else Debian itself.

Reading apt's sources is a pure function over their texts; `machine_sources` is the only part that reads the disk.
Formats: sources.list(5). The suites that the machine itself uses do not matter: a mirror carries them all.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import suppress
from pathlib import Path

from msgspec import Struct

from packer.debian.control import parse_stanzas
from packer.debian.releases import Archive
from packer.errors import UsageError
from packer.regex import regex

__all__ = [
    "DEFAULT_MIRROR",
    "SNAPSHOT_ARCHIVE",
    "Mirrors",
    "find_mirrors",
    "machine_sources",
    "mirrors_in",
    "snapshot_url",
]

DEFAULT_MIRROR = "http://ftp.debian.org/debian"
SNAPSHOT_ARCHIVE = DEFAULT_MIRROR.replace("//ftp.", "//snapshot.").removesuffix("/debian") + "/archive"
"""What Debian's archives looked like at any past time, for packages that mirrors have dropped."""

_SECURITY_PATH = "debian-security"
_ONE_LINE = regex(r"deb\s+(?:\[[^\]]*\]\s+)?(\S+)\s+\S+")
_USABLE = regex(r"(?:https?|file)://\S+")
_DEBIAN_PATH = regex(r"/debian/*$")
_SECURITY = regex(r"/debian-security/*$|//security\.[^/]+/*$")
_LARGEST_SOURCE = 1 << 20


class Mirrors(Struct, frozen=True, kw_only=True):
    """Base addresses of the two archives, best first, and of the archive of the past, without trailing slashes."""

    debian: tuple[str, ...]
    security: tuple[str, ...]
    snapshot: str = SNAPSHOT_ARCHIVE

    def of(self, archive: Archive) -> tuple[str, ...]:
        """The addresses of one archive."""
        return self.debian if archive == "debian" else self.security


def find_mirrors(
    setting: str | None,
    sources: Mapping[str, str],
    *,
    security_setting: str | None = None,
    snapshot_setting: str | None = None,
) -> Mirrors:
    """The mirrors to use.

    Args:
        setting: the user's mirror of the main archive; its security sibling is derived unless it is set too.
        sources: apt's source files by name (`machine_sources`).
        security_setting: the user's mirror of the security archive.
        snapshot_setting: the user's archive of the past.

    Raises `UsageError` for a setting that is no http, https or file address.
    """
    found = mirrors_in(sources)
    debian = (_checked(setting),) if setting else found.debian or (DEFAULT_MIRROR,)
    if security_setting:
        security: tuple[str, ...] = (_checked(security_setting),)
    elif setting or not found.security:
        security = tuple(_security_sibling(url) for url in debian)
    else:
        security = found.security
    snapshot = _checked(snapshot_setting) if snapshot_setting else SNAPSHOT_ARCHIVE
    return Mirrors(debian=debian, security=security, snapshot=snapshot)


def mirrors_in(sources: Mapping[str, str]) -> Mirrors:
    """The Debian archives that apt's sources name, in order, each once.

    An address is one of Debian's by its path, which ends in `/debian` or `/debian-security`: how mirrors are laid out.
    The security archive may also have a host of its own, named so.
    """
    debian: dict[str, None] = {}
    security: dict[str, None] = {}
    for name in sorted(sources, key=lambda name: (not name.endswith("sources.list"), name)):
        addresses = _deb822(sources[name]) if name.endswith(".sources") else _one_line(sources[name])
        for address in addresses:
            url = address.rstrip("/")
            if not _USABLE.fullmatch(url):
                continue
            if _SECURITY.search(url):
                security[url] = None
            elif _DEBIAN_PATH.search(url):
                debian[url] = None
    return Mirrors(debian=tuple(debian), security=tuple(security))


def machine_sources(root: Path = Path("/etc/apt")) -> dict[str, str]:
    """Apt's source files on this machine by path; what cannot be read counts as absent."""
    texts: dict[str, str] = {}
    parts = root / "sources.list.d"
    for path in (root / "sources.list", *sorted(parts.glob("*.list")), *sorted(parts.glob("*.sources"))):
        with suppress(OSError):
            if path.stat().st_size <= _LARGEST_SOURCE:
                texts[path.as_posix()] = path.read_text(encoding="utf-8", errors="replace")
    return texts


def snapshot_url(archive: Archive, timestamp: str, filename: str, *, base: str = SNAPSHOT_ARCHIVE) -> str:
    """Where Debian's snapshot archive has a file of the time `timestamp` (`20261121T091544Z`)."""
    return f"{base}/{archive}/{timestamp}/{filename}"


def _checked(setting: str) -> str:
    url = setting.strip().rstrip("/")
    if not _USABLE.fullmatch(url):
        raise UsageError(
            f"{setting!r} is not the address of a Debian mirror",
            hint='write it like debian.mirror = "https://HOST/debian"',
        )
    return url


def _security_sibling(url: str) -> str:
    """The security archive beside a mirror of the main one.

    >>> _security_sibling("https://mirror.test/debian")
    'https://mirror.test/debian-security'
    """
    return _DEBIAN_PATH.sub("", url) + "/" + _SECURITY_PATH


def _one_line(text: str) -> Iterable[str]:
    for line in text.splitlines():
        match = _ONE_LINE.match(line.partition("#")[0].strip())
        if match:
            yield match[1]


def _deb822(text: str) -> Iterable[str]:
    for fields in parse_stanzas(text):
        enabled = fields.get("enabled", "yes").lower() not in ("no", "false", "0", "off", "disable", "without")
        if enabled and "deb" in fields.get("types", "").split():
            yield from fields.get("uris", "").split()
