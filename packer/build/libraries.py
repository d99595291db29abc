"""Shared libraries that wheels want of the base, and the Debian packages that bring them."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct

from packer.build.foundation import Foundation
from packer.debian.lock import BaseLock
from packer.project.model import Caution, Decision
from packer.store.cache import BlobCache
from packer.wheels.audit import GLIBC, MissingLibrary, missing_libraries
from packer.wheels.fetch import WheelFetcher
from packer.wheels.model import Wheel
from packer.wheels.system_libraries import debian_package
from packer.wheels.target import Target

__all__ = ["Libraries", "find_libraries"]


class Libraries(Struct, frozen=True, kw_only=True):
    """What the base lacks.

    Attributes:
        packages: Debian packages to add, sorted.
        decisions: why each is added.
        cautions: libraries that no package is known for, or that this kind of base cannot be given.
    """

    packages: tuple[str, ...] = ()
    decisions: tuple[Decision, ...] = ()
    cautions: tuple[Caution, ...] = ()


def find_libraries(
    wheels: Sequence[Wheel],
    target: Target,
    foundation: Foundation,
    base: BaseLock | None,
    *,
    fetcher: WheelFetcher,
    cache: BlobCache,
) -> Libraries:
    """Compare what the wheels need with what the base has. Nothing is said of a base whose content is not known."""
    if foundation.sonames is None:
        return Libraries()
    missing = missing_libraries(
        wheels, machine=target.machine, fetcher=fetcher, cache=cache, provided=GLIBC | foundation.sonames
    )
    found = [(library, debian_package(library.soname, base.release) if base else None) for library in missing]
    known = [(library, package) for library, package in found if package]
    return Libraries(
        packages=tuple(sorted({package for _, package in known})),
        decisions=tuple(
            Decision(
                subject="base.package",
                choice=package,
                reason=f"{_asker(library)} needs {library.soname}",
                override="packages = […] adds more",
            )
            for library, package in known
        ),
        cautions=tuple(_unknown(library, base) for library, package in found if not package),
    )


def _asker(library: MissingLibrary) -> str:
    return library.needed_by[0].partition(":")[0]


def _unknown(library: MissingLibrary, base: BaseLock | None) -> Caution:
    given = "use a base that has it: nothing can be added to an image that is given"
    return Caution(
        what=f"{library.soname} is missing in the image, and {_asker(library)} needs it",
        hint='add the Debian package that has it: packages = ["…"] under [tool.pack]' if base else given,
    )
