"""The lock of a Debian base: which packages, by version and SHA-256. What `pack.lock` holds, without host names."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from typing import Any

from msgspec import Struct

from packer.debian.releases import ARCHITECTURES, RELEASES, Archive
from packer.debian.versions import Version
from packer.errors import LockError, PackError
from packer.regex import regex

__all__ = ["BaseLock", "LockedPackage"]

_NAME = regex(r"[a-z0-9][a-z0-9+.-]{1,127}")
_DIGEST = regex(r"[0-9a-f]{64}")
_FILENAME = regex(r"pool/[A-Za-z0-9+._~:%-]+(?:/[A-Za-z0-9+._~:%-]+)*\.deb")
_SNAPSHOT = regex(r"\d{8}T\d{6}Z")
_ARCHIVES: Mapping[str, Archive] = {"debian": "debian", "debian-security": "debian-security"}
_LARGEST_PACKAGE = 1 << 32
_HINT = "make it anew with `pack lock --upgrade`"


class LockedPackage(Struct, frozen=True, kw_only=True, order=True):
    """A binary package, pinned. `filename` is its path in the archive, `size` its bytes."""

    name: str
    version: str
    architecture: str
    archive: Archive
    filename: str
    sha256: str
    size: int

    def __str__(self) -> str:
        """`name version`."""
        return f"{self.name} {self.version}"


class BaseLock(Struct, frozen=True, kw_only=True):
    """A base, pinned.

    Attributes:
        release: codename.
        architecture: amd64 or arm64.
        roots: what was asked for, sorted; a lock follows its wishes while this stays the same.
        snapshot: a time (`YYYYMMDDTHHMMSSZ`) at which Debian's archives had all these packages.
        packages: sorted by name.
    """

    release: str
    architecture: str
    roots: tuple[str, ...]
    snapshot: str
    packages: tuple[LockedPackage, ...]

    @property
    def key(self) -> str:
        """64 hexadecimal digits that stand for the packages' contents."""
        inputs = [self.release, self.architecture, *(package.sha256 for package in self.packages)]
        return hashlib.sha256("\n".join(inputs).encode()).hexdigest()

    def package(self, name: str) -> LockedPackage:
        """The package `name`. Raises `LockError` when it is not in the lock."""
        for package in self.packages:
            if package.name == name:
                return package
        raise LockError(f"the Debian base in the lock lacks {name}", hint=_HINT)

    def to_data(self) -> dict[str, Any]:
        """Plain data, fit for TOML and JSON."""
        return {
            "release": self.release,
            "architecture": self.architecture,
            "roots": list(self.roots),
            "snapshot": self.snapshot,
            "packages": [
                {
                    "name": package.name,
                    "version": package.version,
                    "architecture": package.architecture,
                    "archive": package.archive,
                    "filename": package.filename,
                    "sha256": package.sha256,
                    "size": package.size,
                }
                for package in self.packages
            ],
        }

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> BaseLock:
        """Read plain data. Raises `LockError` when it is not what `to_data` writes, or not safe to follow."""
        try:
            lock = cls(
                release=_one_of(RELEASES, data["release"]),
                architecture=_one_of(ARCHITECTURES, data["architecture"]),
                roots=_ascending(tuple(_matching(_NAME, root) for root in data["roots"])),
                snapshot=_matching(_SNAPSHOT, data["snapshot"]),
                packages=tuple(_package(entry) for entry in data["packages"]),
            )
            _ascending(tuple(package.name for package in lock.packages))
        except (KeyError, TypeError, ValueError, AttributeError, PackError) as cause:
            raise LockError(f"the Debian base in the lock cannot be read ({cause!r:.120})", hint=_HINT) from cause
        return lock


def _package(entry: Mapping[str, Any]) -> LockedPackage:
    size = entry["size"]
    if type(size) is not int or not 0 < size <= _LARGEST_PACKAGE:
        raise ValueError(size)
    filename = _matching(_FILENAME, entry["filename"])
    if ".." in filename.split("/"):
        raise ValueError(filename)
    return LockedPackage(
        name=_matching(_NAME, entry["name"]),
        version=Version(entry["version"]).text,
        architecture=_matching(_NAME, entry["architecture"]),
        archive=_ARCHIVES[entry["archive"]],
        filename=filename,
        sha256=_matching(_DIGEST, entry["sha256"]),
        size=size,
    )


def _one_of(names: Mapping[str, object], value: Any) -> str:
    if not isinstance(value, str) or value not in names:
        raise ValueError(value)
    return value


def _ascending(names: tuple[str, ...]) -> tuple[str, ...]:
    if names != tuple(sorted(set(names))):
        raise ValueError("not in order, each once")
    return names


def _matching(shape: re.Pattern[str], value: Any) -> str:
    if not isinstance(value, str) or len(value) > 512 or not shape.fullmatch(value):
        raise ValueError(value)
    return value
