"""Rule: Debian packages that distributions need, by their names.

The build half is what a compiler needs to make a wheel from the source distribution; the run-time half is what the
made wheel loads. Distributions whose wheels carry their libraries have no entry. What this table misses is found at
build time by reading which shared libraries the wheels ask for.
"""

from __future__ import annotations

from types import MappingProxyType

from msgspec import Struct

from packer.project.model import Project

__all__ = ["SystemPackages", "build_packages", "build_packages_of", "runtime_packages"]


class SystemPackages(Struct, frozen=True):
    """The Debian packages of one distribution, by when they are needed."""

    build: tuple[str, ...] = ()
    runtime: tuple[str, ...] = ()


_MARIADB = SystemPackages(("libmariadb-dev", "pkgconf"), ("libmariadb3",))
_POSTGRESQL = SystemPackages(("libpq-dev",), ("libpq5",))
_XML = SystemPackages(("libxml2-dev", "libxslt1-dev"), ("libxml2", "libxslt1.1"))

_IMAGES = SystemPackages(("libfreetype-dev", "libjpeg-dev", "libtiff-dev", "libwebp-dev", "zlib1g-dev"))
_KERBEROS = SystemPackages(("libkrb5-dev",))

_TABLE = MappingProxyType(
    {
        "berkeleydb": SystemPackages(("libdb-dev",)),
        "bsddb3": SystemPackages(("libdb-dev",)),
        "cffi": SystemPackages(("libffi-dev", "pkgconf")),
        "confluent-kafka": SystemPackages(("librdkafka-dev",)),
        "dbus-python": SystemPackages(("libdbus-1-dev", "libglib2.0-dev", "pkgconf")),
        "dlib": SystemPackages(("cmake",)),
        "flask-mysqldb": _MARIADB,
        "gmpy2": SystemPackages(("libgmp-dev", "libmpc-dev", "libmpfr-dev")),
        "gssapi": _KERBEROS,
        "kerberos": _KERBEROS,
        "lxml": SystemPackages(_XML.build),
        "m2crypto": SystemPackages(("libssl-dev", "swig")),
        "mariadb": _MARIADB,
        "mysqlclient": _MARIADB,
        "pcapy": SystemPackages(("libpcap-dev",)),
        "pillow": _IMAGES,
        "plyvel": SystemPackages(("libleveldb-dev",)),
        "psycopg2": _POSTGRESQL,
        "pyaudio": SystemPackages(("portaudio19-dev",)),
        "pycairo": SystemPackages(("libcairo2-dev", "pkgconf"), ("libcairo2",)),
        "pycups": SystemPackages(("libcups2-dev",)),
        "pycurl": SystemPackages(("libcurl4-openssl-dev", "libssl-dev"), ("libcurl4",)),
        "pygit2": SystemPackages(("libgit2-dev", "libffi-dev")),
        "pygraphviz": SystemPackages(("libgraphviz-dev", "pkgconf"), ("libcgraph6",)),
        "pyicu": SystemPackages(("libicu-dev", "pkgconf")),
        "pykerberos": _KERBEROS,
        "pylibacl": SystemPackages(("libacl1-dev",)),
        "pylibmc": SystemPackages(("libmemcached-dev", "zlib1g-dev")),
        "pymssql": SystemPackages(("freetds-dev", "libkrb5-dev")),
        "pyodbc": SystemPackages(("unixodbc-dev",), ("libodbc2",)),
        "python-ldap": SystemPackages(("libldap-dev", "libsasl2-dev")),  # each release names libldap differently
        "python-lzo": SystemPackages(("liblzo2-dev",)),
        "python-magic": SystemPackages((), ("libmagic1",)),
        "python-snappy": SystemPackages(("libsnappy-dev",), ("libsnappy1v5",)),
        "pyxattr": SystemPackages(("libattr1-dev",)),
        "pyzbar": SystemPackages((), ("libzbar0",)),
        "pyzmq": SystemPackages(("libzmq3-dev",)),
        "scrypt": SystemPackages(("libssl-dev",)),
        "shapely": SystemPackages(("libgeos-dev",)),
        "systemd-python": SystemPackages(("libsystemd-dev", "pkgconf")),
        "weasyprint": SystemPackages((), ("libpango-1.0-0", "libpangoft2-1.0-0", "libharfbuzz-subset0")),
        "xmlsec": SystemPackages(("libxmlsec1-dev", "pkgconf", *_XML.build), ("libxmlsec1-openssl",)),
    }
)
_COMPILER_ONLY = frozenset(
    {
        "gevent",
        "greenlet",
        "hiredis",
        "netifaces",
        "psutil",
        "pycrypto",
        "python-levenshtein",
        "regex",
        "ujson",
        "uwsgi",
    }
)
"""Distributions of native code that link to no library of the system."""


def runtime_packages(project: Project) -> tuple[str, ...]:
    """The run-time halves for the project's distributions, sorted."""
    return tuple(sorted({package for name in _distributions(project) for package in _of(name).runtime}))


def build_packages(project: Project) -> tuple[str, ...]:
    """The build halves for the project's distributions, sorted."""
    return tuple(sorted({package for name in _distributions(project) for package in _of(name).build}))


def build_packages_of(distribution: str) -> tuple[str, ...] | None:
    """The build half for one distribution, by its normalised name; None for one that may well have no native code."""
    known = _of(distribution).build
    return tuple(sorted(known)) if known or distribution in _COMPILER_ONLY else None


def _distributions(project: Project) -> set[str]:
    facts = project.dependencies
    return {requirement.name for requirement in facts.direct} | {name for name, _ in facts.locked}


def _of(name: str) -> SystemPackages:
    return _TABLE.get(name, SystemPackages())
