"""What pack knows of each Debian release: its Python, its suites, and which packages a Python base is made of."""

from __future__ import annotations

from types import MappingProxyType
from typing import Literal

from msgspec import Struct

from packer.errors import UsageError

__all__ = [
    "ARCHITECTURES",
    "CERTIFICATE_BUNDLE",
    "RELEASES",
    "SYSTEM_ROOTS",
    "Architecture",
    "Archive",
    "Release",
    "Suite",
    "architecture_of",
    "release_named",
]

CERTIFICATE_BUNDLE = "etc/ssl/certs/ca-certificates.crt"
"""The one file of certificate authorities in every base."""

SYSTEM_ROOTS = ("base-files", "ca-certificates", "libc-bin", "media-types", "netbase", "tzdata")
"""What every base is resolved from, sorted; a Python base has more."""

Archive = Literal["debian", "debian-security"]
"""Debian's two archives; the security one has its own mirrors."""


class Suite(Struct, frozen=True, kw_only=True):
    """One suite: its archive, its path under `dists/`, and the codename that its release file must state."""

    archive: Archive
    path: str
    codename: str


class Architecture(Struct, frozen=True, kw_only=True):
    """What a processor architecture means in file names and ELF files.

    Attributes:
        name: Debian's and OCI's name.
        triplet: the multiarch folder under `usr/lib`.
        loader: the dynamic loader's path in a merged-usr root.
        cache_flags: `flags` of the entries of `ld.so.cache` (glibc, sysdeps/generic/ldconfig.h).
        elf_machine: `e_machine`.
        top_links: links of the root folder that merged-/usr wants.
    """

    name: str
    triplet: str
    loader: str
    cache_flags: int
    elf_machine: int
    top_links: tuple[str, ...]


class Release(Struct, frozen=True, kw_only=True):
    """A Debian release that a Python base can be made from.

    Attributes:
        name: codename.
        python: X.Y of the Python that it carries.
        library_packages: packages beside Debian's three that complete the standard library.
        zone_packages: packages beside tzdata that complete its time zones.
    """

    name: str
    python: str
    library_packages: frozenset[str] = frozenset()
    zone_packages: frozenset[str] = frozenset()

    @property
    def suites(self) -> tuple[Suite, ...]:
        """The release, its updates, its security updates."""
        name = self.name
        return (
            Suite(archive="debian", path=name, codename=name),
            Suite(archive="debian", path=f"{name}-updates", codename=f"{name}-updates"),
            Suite(archive="debian-security", path=f"{name}-security", codename=f"{name}-security"),
        )

    @property
    def python_packages(self) -> frozenset[str]:
        """The packages of the interpreter and its standard library: the image's second layer."""
        version = self.python
        three = {f"python{version}-minimal", f"libpython{version}-minimal", f"libpython{version}-stdlib"}
        return self.library_packages | three

    @property
    def roots(self) -> tuple[str, ...]:
        """What a Python base is resolved from, sorted.

        libgcc-s1 and libstdc++6 are what the manylinux policies let wheels count on beside the C library.
        """
        roots = {*SYSTEM_ROOTS, "libgcc-s1", "libstdc++6", *self.zone_packages, *self.python_packages}
        return tuple(sorted(roots))


RELEASES = MappingProxyType(
    {
        release.name: release
        for release in (
            Release(name="trixie", python="3.13", zone_packages=frozenset({"tzdata-legacy"})),
            Release(name="bookworm", python="3.11", library_packages=frozenset({"python3-distutils"})),
        )
    }
)
"""Newest first."""

ARCHITECTURES = MappingProxyType(
    {
        architecture.name: architecture
        for architecture in (
            Architecture(
                name="amd64",
                triplet="x86_64-linux-gnu",
                loader="usr/lib64/ld-linux-x86-64.so.2",
                cache_flags=0x0303,
                elf_machine=62,
                top_links=("bin", "lib", "lib64", "sbin"),
            ),
            Architecture(
                name="arm64",
                triplet="aarch64-linux-gnu",
                loader="usr/lib/ld-linux-aarch64.so.1",
                cache_flags=0x0A03,
                elf_machine=183,
                top_links=("bin", "lib", "sbin"),
            ),
        )
    }
)


def release_named(name: str) -> Release:
    """Raises `UsageError` for a release that pack does not know."""
    if name not in RELEASES:
        raise UsageError(f"{name!r} is not a Debian release that pack makes bases from", hint=_one_of(RELEASES))
    return RELEASES[name]


def architecture_of(name: str) -> Architecture:
    """Raises `UsageError` for an architecture that pack does not know."""
    if name not in ARCHITECTURES:
        raise UsageError(f"pack makes no Debian base for {name!r}", hint=_one_of(ARCHITECTURES))
    return ARCHITECTURES[name]


def _one_of(names: MappingProxyType[str, Release] | MappingProxyType[str, Architecture]) -> str:
    return f"use one of: {', '.join(names)}"
