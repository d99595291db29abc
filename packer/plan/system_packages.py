"""Rule: Debian packages that distributions need, by their names.

The build half is what a compiler needs to make a wheel from the source distribution; the run-time half is what the
made wheel loads. Distributions whose wheels carry their libraries have no entry. What this table misses is found at
build time by reading which shared libraries the wheels ask for.
"""

from __future__ import annotations

from types import MappingProxyType

from msgspec import Struct

from packer.project.model import Project
from packer.regex import regex

__all__ = ["TABLE", "SystemPackages", "build_packages", "build_packages_of", "runtime_packages"]


class SystemPackages(Struct, frozen=True):
    """The Debian packages of one distribution, by when they are needed."""

    build: tuple[str, ...] = ()
    runtime: tuple[str, ...] = ()


_EXTRAS = regex(r"^[A-Za-z0-9._-]+\s*\[([^\]]*)\]")

_MARIADB = SystemPackages(("libmariadb-dev", "pkgconf"), ("libmariadb3",))
_POSTGRESQL = SystemPackages(("libpq-dev",), ("libpq5",))
_XML = SystemPackages(("libxml2-dev", "libxslt1-dev"), ("libxml2", "libxslt1.1"))

_IMAGES = SystemPackages(("libfreetype-dev", "libjpeg-dev", "libtiff-dev", "libwebp-dev", "zlib1g-dev"))
_CAIRO = SystemPackages((), ("libcairo2",))
_FFMPEG = SystemPackages((), ("ffmpeg",))
_OPENCV = SystemPackages((), ("libgl1", "libglib2.0-0"))
_GDAL = SystemPackages(("libgdal-dev",))
_KERBEROS = SystemPackages(("libkrb5-dev",))

TABLE = MappingProxyType(
    {
        "berkeleydb": SystemPackages(("libdb-dev",)),
        "bsddb3": SystemPackages(("libdb-dev",)),
        "cairocffi": _CAIRO,
        "cairosvg": _CAIRO,
        "cffi": SystemPackages(("libffi-dev", "pkgconf")),
        "confluent-kafka": SystemPackages(("librdkafka-dev",)),
        "dbus-python": SystemPackages(("libdbus-1-dev", "libglib2.0-dev", "pkgconf")),
        "dlib": SystemPackages(("cmake",)),
        "ffmpeg-python": _FFMPEG,
        "fiona": _GDAL,
        "flask-mysqldb": _MARIADB,
        "gdal": _GDAL,
        "gitpython": SystemPackages((), ("git",)),
        "gmpy2": SystemPackages(("libgmp-dev", "libmpc-dev", "libmpfr-dev")),
        "gssapi": _KERBEROS,
        "graphviz": SystemPackages((), ("graphviz",)),
        "h5py": SystemPackages(("libhdf5-dev", "pkgconf")),
        "kerberos": _KERBEROS,
        "libvirt-python": SystemPackages(("libvirt-dev", "pkgconf"), ("libvirt0",)),
        "lightgbm": SystemPackages((), ("libgomp1",)),
        "lxml": SystemPackages(_XML.build),
        "m2crypto": SystemPackages(("libssl-dev", "swig")),
        "mariadb": _MARIADB,
        "mysqlclient": _MARIADB,
        "opencv-contrib-python": _OPENCV,
        "opencv-python": _OPENCV,
        "pcapy": SystemPackages(("libpcap-dev",)),
        "pdf2image": SystemPackages((), ("poppler-utils",)),
        "pillow": _IMAGES,
        "plyvel": SystemPackages(("libleveldb-dev",)),
        "psycopg-c": _POSTGRESQL,
        "psycopg2": _POSTGRESQL,
        "pyaudio": SystemPackages(("portaudio19-dev",)),
        "pycairo": SystemPackages(("libcairo2-dev", "pkgconf"), ("libcairo2",)),
        "pycups": SystemPackages(("libcups2-dev",)),
        "pydub": _FFMPEG,
        "pyenchant": SystemPackages((), ("libenchant-2-2",)),
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
        "pyproj": SystemPackages(("libproj-dev",)),
        "pysqlcipher3": SystemPackages(("libsqlcipher-dev",)),
        "pytesseract": SystemPackages((), ("tesseract-ocr",)),
        "pyvips": SystemPackages((), ("libvips42",)),
        "pyxattr": SystemPackages(("libattr1-dev",)),
        "pyzbar": SystemPackages((), ("libzbar0",)),
        "pyzmq": SystemPackages(("libzmq3-dev",)),
        "scrypt": SystemPackages(("libssl-dev",)),
        "shapely": SystemPackages(("libgeos-dev",)),
        "sounddevice": SystemPackages((), ("libportaudio2",)),
        "systemd-python": SystemPackages(("libsystemd-dev", "pkgconf")),
        "wand": SystemPackages((), ("imagemagick",)),
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
    """The names of all distributions that are known of; an extra is mostly one of its own (`psycopg[binary]`)."""
    facts = project.dependencies
    extras = {
        f"{requirement.name}-{extra.strip()}"
        for requirement in facts.direct
        if (listed := _EXTRAS.search(requirement.text))
        for extra in listed[1].split(",")
    }
    return {requirement.name for requirement in facts.direct} | {name for name, _ in facts.locked} | extras


def _of(name: str) -> SystemPackages:
    return TABLE.get(name, SystemPackages())
