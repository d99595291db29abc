"""What of a package an image does without: documentation, translations, build tools, the standard library's own tests.

Copyright files and dpkg's metadata stay, so that licences are kept and scanners know every package.
"""

from __future__ import annotations

import re

from packer.debian.releases import Release
from packer.regex import regex

__all__ = ["CERTIFICATE", "Selection"]

CERTIFICATE = regex(r"usr/share/ca-certificates/.+\.crt")
"""A certificate authority. Kept while a root is made; then one bundle holds them all."""

_LEFT_OUT = (
    r"boot",
    r"etc/(?:cron\.[a-z]+|default|init\.d|logrotate\.d|profile\.d|skel|systemd|update-motd\.d|ca-certificates)",
    r"etc/(?:bindresvport\.blacklist|issue|issue\.net|motd)",
    r"usr/(?:games|include|src)",
    r"usr/lib/(?:systemd|tmpfiles\.d|sysusers\.d|udev)",
    r"usr/lib/[^/]+/(?:gdb|pkgconfig|cmake)",
    r"usr/lib/[^/]+/[^/]+\.(?:a|la)",
    r"usr/share/(?:base-files|bash-completion|bug|debconf|debhelper|dict|doc-base|fish|gcc|gdb|info|lintian|locale)",
    r"usr/share/(?:man|menu|perl5|pixmaps|pkgconfig|zsh)",
    r"usr/share/zoneinfo/(?:posix|right)",
    # of libc-bin: what makes locales and time zones; `ldconfig -p` is what `ctypes.util.find_library` asks
    r"usr/bin/(?:getconf|iconv|ldd|locale|localedef|pldd|tzselect|zdump|ld\.so)",
    r"usr/bin/(?:innochecksum|resolveip)",  # of mariadb-server-core: 5 MB each, for repairs by hand
    r"usr/sbin/(?:iconvconfig|zic|update-ca-certificates)",
    r"var/(?:backups|cache|spool|local|lib/misc|lib/dpkg)",
)
_DOCUMENTATION = regex(r"usr/share/doc/(?P<package>[^/]+)/(?P<file>.+)")
_CONVERTERS = regex(r"usr/lib/[^/]+/gconv/(?P<file>.+)")
_COMMON_CONVERTERS = regex(r"(?:ISO8859-\d+|UTF-\d+|UNICODE|CP125\d|KOI8-.*|libISO.*)\.so|gconv-modules.*")
"""The character sets of `iconv` for Western, Greek, Cyrillic, … text. Python has codecs of its own: these serve
libraries only, and the whole set takes 8 MB."""
_UNUSED_MODULES = (
    r"test|idlelib|turtledemo|turtle\.py|tkinter|lib2to3|ensurepip|pydoc_data|config-[^/]+|distutils/tests",
    r"lib-dynload/(?:_test[a-z]+|_xx[a-z]+|xx[a-z]+|_ctypes_test|_tkinter|_dbm)\.[^/]+",
    r"(?:.*/)?__pycache__",
)


class Selection:
    """Decides by path (merged-/usr form). One for a release."""

    def __init__(self, release: Release) -> None:
        library = re.escape(f"usr/lib/python{release.python}")
        modules = "|".join(_UNUSED_MODULES)
        left_out = "|".join(_LEFT_OUT)
        self._left_out = re.compile(rf"(?:{left_out}|{library}/(?:{modules}))(?:/.*)?")

    def keeps(self, path: str) -> bool:
        """Whether the image has this path."""
        if self._left_out.fullmatch(path):
            return False
        converter = _CONVERTERS.fullmatch(path)
        if converter:
            return bool(_COMMON_CONVERTERS.fullmatch(converter["file"]))
        documentation = _DOCUMENTATION.fullmatch(path)
        return documentation is None or documentation["file"] == "copyright"
