"""What packages' `postinst` scripts would have done. None is ever run.

Most packages have none, or one that does nothing on a first installation. The scripts named here were read, and what
an image needs of their work is done in `packer.debian.configuration`. Alternatives are followed by reading the
commands that register them. Whatever else has a script is reported, so that surprises have a name.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import MappingProxyType

from msgspec import Struct

from packer.regex import regex

__all__ = ["READ_SCRIPTS", "Alternative", "alternatives", "is_idle"]

READ_SCRIPTS: Mapping[str, str] = MappingProxyType(
    {
        "base-files": "folders and links are made here; shell profiles are not needed without a shell",
        "base-passwd": "accounts are made here",
        "ca-certificates": "the bundle is made here",
        "fontconfig": "fonts are scanned at first use",
        "fontconfig-config": "preferences of displays",
        "iproute2": "file capabilities of `ip`, which nothing in an image calls",
        "libc-bin": "nsswitch.conf and ld.so.cache are made here",
        "libc6": "restarts services after upgrades",
        "libgcrypt20": "cleans up after upgrades",
        "libglib2.0-0": "schemas and modules of desktop programs",
        "libglib2.0-0t64": "schemas and modules of desktop programs",
        "libgssapi-krb5-2": "moves a file of old versions",
        "libpam-modules": "logins",
        "libpam0g": "restarts services after upgrades",
        "libpython3.11-minimal": "sitecustomize.py is made here",
        "libpython3.13-minimal": "sitecustomize.py is made here",
        "libselinux1": "cleans up after upgrades",
        "mariadb-common": "registers a client configuration, which is followed as an alternative",
        "mysql-common": "registers a client configuration, which is followed as an alternative",
        "nginx": "starts the service",
        "nginx-common": "folders of logs and sites that the configuration does not use",
        "netbase": "/etc/hosts is the container engine's",
        "python3.11-minimal": "bytecode is made here",
        "python3.13-minimal": "bytecode is made here",
        "python3-distutils": "bytecode is made here",
        "tzdata": "the time zone is set here",
    }
)
"""Packages whose scripts need not run, and why."""

_COMMENT = regex(r"^\s*(?:#.*)?$")
_IDLE_LINE = regex(r"\s*(?:set -e[u]?|exit 0|dpkg-maintscript-helper .*|ldconfig|update-alternatives .*)\s*")
_ALTERNATIVE = regex(
    r"""update-alternatives\s+(?:--quiet\s+)?--install\s+["']?(/[^\s"'$`*]+)["']?\s+\S+\s+["']?(/[^\s"'$`*]+)["']?\s+(\d+)"""
)


class Alternative(Struct, frozen=True, order=True):
    """A registered alternative: `link` is to lead to `path`; the highest priority wins. Paths have no leading slash."""

    priority: int
    link: str
    path: str


def alternatives(script: str) -> Iterator[Alternative]:
    """The alternatives that a script registers with literal paths."""
    for match in _ALTERNATIVE.finditer(script.replace("\\\n", " ")):
        yield Alternative(int(match[3]), match[1].strip("/"), match[2].strip("/"))


def is_idle(package: str, script: str) -> bool:
    """Whether nothing is lost by not running a package's script."""
    lines = script.replace("\\\n", " ").splitlines()
    return package in READ_SCRIPTS or all(_COMMENT.match(line) or _IDLE_LINE.fullmatch(line) for line in lines)
