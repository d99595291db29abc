"""What a failed build asks for, read from what it printed.

Sources that are years old meet a newer setuptools, Cython, numpy and compiler than they were written for, and few say
which libraries they link to. Each rule knows one complaint and what cures it; a cure is tried once.
"""

from __future__ import annotations

import re
from types import MappingProxyType

from msgspec import Struct
from msgspec.structs import replace

from packer.build.compilation.debian_names import HEADERS, LIBRARIES, PROGRAMS
from packer.regex import regex

__all__ = ["Means", "hopeless", "remedied"]


class Means(Struct, frozen=True, kw_only=True):
    """What a build is given beside what it asks for itself.

    Attributes:
        requirements: distributions, PEP 508.
        constraints: limits on the versions of distributions.
        packages: Debian packages, sorted.
        c_flags: further options for the C compiler.
    """

    requirements: tuple[str, ...] = ()
    constraints: tuple[str, ...] = ()
    packages: tuple[str, ...] = ()
    c_flags: tuple[str, ...] = ()


_MODULES = MappingProxyType(
    {
        "Cython": "cython<3",
        "cffi": "cffi",
        "jinja2": "jinja2",
        "mako": "mako",
        "numpy": "numpy",
        "packaging": "packaging",
        "pbr": "pbr",
        "pkgconfig": "pkgconfig",
        "pybind11": "pybind11",
        "semantic_version": "semantic-version",
        "setuptools_scm": "setuptools-scm",
        "six": "six",
        "toml": "toml",
        "versioneer": "versioneer",
    }
)
"""Modules that old set-up scripts import without asking for the distribution that has them."""

_MISSING_MODULE = regex(r"No module named '?(?P<module>\w+)")
_MISSING_HEADER = regex(r"fatal error: (?P<header>[\w./+-]+): No such file or directory")
_MISSING_LIBRARY = regex(r"cannot find -l(?P<library>[\w+.-]+)")
_ABSENT = r"not found|not be found|No such file|is required|is missing|not installed"
_SOUGHT = r"not find|Could not run|unable to (?:find|execute)|No such file or directory|[Pp]lease (?:install|add)"
_MISSING_PROGRAM = tuple(
    (re.compile(rf"\b{name}\b[^\n]{{0,80}}(?:{_ABSENT})|(?:{_SOUGHT})[^\n]{{0,60}}\b{name}\b"), package)
    for name, package in PROGRAMS.items()
)
_OLDER = (
    (re.compile(r"No module named '?pkg_resources|setuptools\.command\.test"), "setuptools<72"),
    (re.compile(r"use_2to3"), "setuptools<58"),
    (re.compile(r"cannot import name '?Feature"), "setuptools<46"),
    (re.compile(r"cython_sources|Cython\.Compiler\.Errors|\.pyx:\d+:\d+:"), "cython<3"),
    (re.compile(r"numpy/[\w./]+\.h: No such file|.NPY_\w+. undeclared|_PyArray_Descr|numpy\.distutils"), "numpy<2"),
)
"""Complaints about distributions that are too new, and the limit that cures each."""
_NO_LONGER_INCLUDED = regex(
    r"implicit declaration of function .(?:gettimeofday|select|close|read|write|getpid|usleep|sleep|strcasecmp|isatty|"
    r"dup|pipe|fork|lseek|unlink|access|ftruncate|strncasecmp|time|clock|gmtime|localtime|mktime)\W"
)
_INCLUDED_BEFORE = tuple(
    word for name in ("unistd.h", "time.h", "sys/time.h", "sys/select.h", "strings.h") for word in ("-include", name)
)
"""Headers that `Python.h` brought until 3.12, and that C code of its time forgot to include."""
_STRICTER_COMPILER = regex(r"\[-Wincompatible-pointer-types\]|\[-Wint-conversion\]|\[-Wimplicit-int\]")
_LENIENT = ("-Wno-error=incompatible-pointer-types", "-Wno-error=int-conversion", "-Wno-error=implicit-int")
"""Errors since gcc 14 that were warnings before. Undeclared functions stay errors: mostly Python no longer has them."""

_HOPELESS = (
    (
        re.compile(r"\b(?:cargo|rustc)\b[^\n]{0,60}not (?:found|installed)|can't find Rust compiler|No such.*'cargo'"),
        "it needs a Rust compiler, which pack does not bring",
    ),
    (
        re.compile(r"No module named '?(?:imp|distutils\.msvccompiler|lib2to3|asyncore)\b|'ImpImporter'"),
        "its set-up script uses parts of the standard library that this Python no longer has",
    ),
    (
        re.compile(
            r"fatal error: (?:longintrepr|pycore_\w+|node|graminit|eval)\.h: No such"
            r"|implicit declaration of function ._?Py|._?Py\w+. (?:undeclared|was not declared)"
            r"|.(?:Py\w+|struct _\w+). has no member named|.Py\w+. \{aka [^\n]{1,80} has no member named"
        ),
        "its C code uses what this Python no longer has",
    ),
)


def remedied(means: Means, output: str) -> Means | None:
    """More means after a build that printed `output`; None when nothing is known that would help."""
    for wish in (_with_packages, _with_module, _with_limit, _with_flags):
        more = wish(means, output)
        if more is not None:
            return more
    return None


def hopeless(output: str) -> str | None:
    """Why no means will help: one clause; None where it is not known."""
    return next((reason for pattern, reason in _HOPELESS if pattern.search(output)), None)


def _with_packages(means: Means, output: str) -> Means | None:
    found = {HEADERS.get(match["header"]) for match in _MISSING_HEADER.finditer(output)}
    found |= {LIBRARIES.get(match["library"]) for match in _MISSING_LIBRARY.finditer(output)}
    found |= {package for pattern, package in _MISSING_PROGRAM if pattern.search(output)}
    new = {package for package in found if package} - set(means.packages)
    return replace(means, packages=tuple(sorted({*means.packages, *new}))) if new else None


def _with_module(means: Means, output: str) -> Means | None:
    found = (_MODULES.get(match["module"]) for match in _MISSING_MODULE.finditer(output))
    wanted = next((wish for wish in found if wish and wish not in means.requirements), None)
    return replace(means, requirements=(*means.requirements, wanted)) if wanted else None


def _with_limit(means: Means, output: str) -> Means | None:
    limits = (limit for pattern, limit in _OLDER if pattern.search(output))
    limit = next((limit for limit in limits if limit not in means.constraints), None)
    return replace(means, constraints=(*means.constraints, limit)) if limit else None


def _with_flags(means: Means, output: str) -> Means | None:
    for complaint, flags in ((_NO_LONGER_INCLUDED, _INCLUDED_BEFORE), (_STRICTER_COMPILER, _LENIENT)):
        if complaint.search(output) and not set(flags) <= set(means.c_flags):
            return replace(means, c_flags=(*means.c_flags, *flags))
    return None
