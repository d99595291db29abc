"""Rule: Debian packages that distributions need, by their names.

The build half is what a compiler needs to make a wheel from the source distribution; the run-time half is what the
made wheel loads. Distributions whose wheels carry their libraries have no entry. What this table misses is found at
build time by reading which shared libraries the wheels ask for.
"""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType

from packer.project.model import Project

__all__ = ["SystemPackages", "build_packages", "build_packages_of", "runtime_packages"]


@dataclass(frozen=True, slots=True)
class SystemPackages:
    """The Debian packages of one distribution, by when they are needed."""

    build: tuple[str, ...] = ()
    runtime: tuple[str, ...] = ()


_MARIADB = SystemPackages(("libmariadb-dev", "pkgconf"), ("libmariadb3",))
_POSTGRESQL = SystemPackages(("libpq-dev",), ("libpq5",))
_XML = SystemPackages(("libxml2-dev", "libxslt1-dev"), ("libxml2", "libxslt1.1"))

_TABLE = MappingProxyType(
    {
        "dlib": SystemPackages(("cmake",), ()),
        "flask-mysqldb": _MARIADB,
        "mariadb": _MARIADB,
        "mysqlclient": _MARIADB,
        "psycopg2": _POSTGRESQL,
        "pycairo": SystemPackages(("libcairo2-dev", "pkgconf"), ("libcairo2",)),
        "pycurl": SystemPackages(("libcurl4-openssl-dev", "libssl-dev"), ("libcurl4",)),
        "pygraphviz": SystemPackages(("libgraphviz-dev", "pkgconf"), ("libcgraph6",)),
        "pyodbc": SystemPackages(("unixodbc-dev",), ("libodbc2",)),
        "python-ldap": SystemPackages(("libldap-dev", "libsasl2-dev"), ("libldap2",)),
        "python-magic": SystemPackages((), ("libmagic1",)),
        "python-snappy": SystemPackages(("libsnappy-dev",), ("libsnappy1v5",)),
        "pyzbar": SystemPackages((), ("libzbar0",)),
        "uwsgi": SystemPackages((), ()),
        "weasyprint": SystemPackages((), ("libpango-1.0-0", "libpangoft2-1.0-0", "libharfbuzz-subset0")),
        "xmlsec": SystemPackages(("libxmlsec1-dev", "pkgconf", *_XML.build), ("libxmlsec1-openssl",)),
    }
)


def runtime_packages(project: Project) -> tuple[str, ...]:
    """The run-time halves for the project's distributions, sorted."""
    return tuple(sorted({package for name in _distributions(project) for package in _of(name).runtime}))


def build_packages(project: Project) -> tuple[str, ...]:
    """The build halves for the project's distributions, sorted."""
    return tuple(sorted({package for name in _distributions(project) for package in _of(name).build}))


def build_packages_of(distribution: str) -> tuple[str, ...] | None:
    """The build half for one distribution, by its normalised name; None for one that is not known to need any."""
    known = _of(distribution).build
    return tuple(sorted(known)) if known else None


def _distributions(project: Project) -> set[str]:
    facts = project.dependencies
    return {requirement.name for requirement in facts.direct} | {name for name, _ in facts.locked}


def _of(name: str) -> SystemPackages:
    return _TABLE.get(name, SystemPackages())
