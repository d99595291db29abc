"""From root packages to the closed set that an image needs.

No solver: a stable release with its updates has one installable version of each package, the highest; what is
chosen is closed over `Pre-Depends` and `Depends`, and then checked against `Breaks` and `Conflicts`.
"""

from __future__ import annotations

from collections.abc import Iterable

from packer.debian.index import Package, Universe
from packer.debian.relations import Relation
from packer.errors import LockError

__all__ = ["ASSUMED", "resolve"]

ASSUMED = frozenset(
    {
        "awk",  # base-files wants one for maintainer scripts
        "cdebconf",
        "debconf",
        "debconf-2.0",
        "dpkg",
        "install-info",
        "libglx-mesa0",  # libGL.so.1 loads without a driver, and a server draws on no screen: 170 MB with LLVM
        "openssl",  # ca-certificates rehashes with it; the bundle is written instead
        "init-system-helpers",
        "perl",
        "perl-base",
        "python3",  # a base has its own interpreter: `pythonX.Y-minimal`
        "python3-lib2to3",  # python3-distutils wants it for a converter of Python 2 sources
        "readline-common",  # a default inputrc
        "sensible-utils",
        "ucf",
    }
)
"""Taken as present: what only maintainer scripts, which are never run, use."""

_STANDARD_LIBRARY = "libpython"
_UNUSED_BY_PYTHON = frozenset({"libdb5.3", "libdb5.3t64"})
"""Berkeley DB: 1.9 MB for `dbm.ndbm`, which `dbm` and `shelve` do without. Others that link to it get it."""


def resolve(universe: Universe, roots: Iterable[str]) -> tuple[Package, ...]:
    """The closure of `roots`, sorted by name.

    Alternatives are tried left to right, one that is chosen already wins; a virtual package is satisfied by a chosen
    provider, else by the first one by name. Raises `LockError` for what cannot be satisfied, or does not go together.
    """
    chosen: dict[str, Package] = {}
    pending: list[tuple[tuple[Relation, ...], str]] = [
        ((Relation(root),), "") for root in sorted(set(roots), reverse=True)
    ]
    while pending:
        alternatives, wanted_by = pending.pop()
        if wanted_by and any(_needless(relation.name, wanted_by) for relation in alternatives):
            continue
        if any(package.satisfies(relation) for relation in alternatives for package in chosen.values()):
            continue
        package = _first_candidate(universe, alternatives, wanted_by, chosen)
        chosen[package.name] = package
        pending.extend((group, package.name) for group in reversed(package.depends))
    _check_exclusions(chosen)
    return tuple(chosen[name] for name in sorted(chosen))


def _needless(name: str, wanted_by: str) -> bool:
    return name in ASSUMED or (name in _UNUSED_BY_PYTHON and wanted_by.startswith(_STANDARD_LIBRARY))


def _first_candidate(
    universe: Universe, alternatives: tuple[Relation, ...], wanted_by: str, chosen: dict[str, Package]
) -> Package:
    for relation in alternatives:
        package = universe.newest(relation)
        if package is None:
            package = next(iter(universe.providers(relation)), None)
        if package is not None and package.name not in chosen:
            return package
    wish = " | ".join(map(str, alternatives))
    if not wanted_by:
        raise LockError(
            f"the Debian release has no package {wish}",
            hint="check the spelling in the setting `packages`, or leave it out",
        )
    raise LockError(
        f"{wanted_by} depends on {wish}, which the Debian release cannot satisfy",
        hint="the mirror may be in the middle of an update: try again later, or set another `debian.mirror`",
    )


def _check_exclusions(chosen: dict[str, Package]) -> None:
    for package in chosen.values():
        for relation in package.excludes:
            for other in chosen.values():
                if other.name != package.name and other.satisfies(relation):
                    raise LockError(
                        f"{package.name} {package.version} cannot be together with {other.name} {other.version}",
                        hint="ask for one of them only",
                    )
