"""Names that mean something other than a distribution that a Linux image could install."""

from __future__ import annotations

from packer.regex import regex

__all__ = ["FOREIGN", "NOT_INSTALLABLE", "distribution_name", "normalized_name"]

_SEPARATORS = regex(r"[-_.]+")
_NOT_IN_NAMES = regex(r"[^A-Za-z0-9.]+")

NOT_INSTALLABLE = {
    "distribute": "its place was taken by setuptools in 2013",
    "enum34": "a copy of a standard module that breaks newer Pythons",
    "functools32": "a copy of standard modules for Python 2",
    "futures": "a copy of a standard module for Python 2",
    "pkg-resources": "a line that `pip freeze` of an old Debian or Ubuntu writes by mistake",
    "python": "the interpreter is no distribution",
    "subprocess32": "a copy of a standard module for Python 2",
    "unittest2": "a copy of a standard module for Python 2",
}
"""Distributions that no Python of today can use, and why; whoever lists one is better off without it."""

FOREIGN = {
    "appnope": "darwin",
    "comtypes": "win32",
    "pyobjc": "darwin",
    "pyobjc-core": "darwin",
    "pypiwin32": "win32",
    "pyreadline": "win32",
    "pywin32": "win32",
    "pywinpty": "win32",
    "win-inet-pton": "win32",
    "win-unicode-console": "win32",
    "wincertstore": "win32",
    "windows-curses": "win32",
    "wmi": "win32",
}
"""Distributions that one `sys_platform` alone can use; `pip freeze` on that machine lists them without a marker."""


def normalized_name(name: str) -> str:
    """A distribution's name in the form that compares (PEP 503), without the import of a library that knows more.

    >>> normalized_name("Flask__SQL.Alchemy")
    'flask-sql-alchemy'
    """
    return _SEPARATORS.sub("-", name).lower()


def distribution_name(stated: str) -> str | None:
    """The normalised name of a distribution as its author states it; None where nothing of it can be a name.

    setup.py may say anything: setuptools puts a hyphen in the place of what no name may have.

    >>> distribution_name("Generative AI Project"), distribution_name("!?")
    ('generative-ai-project', None)
    """
    return normalized_name(_NOT_IN_NAMES.sub("-", stated).strip("-.")) or None
