"""Rule: where the base image comes from."""

from __future__ import annotations

from types import MappingProxyType
from typing import Literal

from packer.errors import PlanError
from packer.plan.model import ArchiveBase, Base, DebianBase, LayoutBase, ReferenceBase
from packer.project.model import Decision

__all__ = ["DEBIAN_GLIBC", "DEBIAN_PYTHONS", "REGISTRY_PYTHONS", "choose_base", "default_reference", "require_room_for"]

DEBIAN_PYTHONS: MappingProxyType[str, Literal["bookworm", "trixie"]] = MappingProxyType(
    {"3.13": "trixie", "3.11": "bookworm"}
)
"""The Python that each supported Debian release carries, newest first."""

REGISTRY_PYTHONS = ("3.14", "3.12", "3.10", "3.9")
"""What is taken from a registry where the project allows none of Debian's, the best choice first."""

DEBIAN_GLIBC: MappingProxyType[str, tuple[int, int]] = MappingProxyType({"bookworm": (2, 36), "trixie": (2, 41)})
"""The C library of each release, which stays the same for its life; it decides which wheels fit."""


def default_reference(python: str) -> str:
    """The registry base for a Python that no supported Debian release carries."""
    return f"docker.io/library/python:{python}-slim"


def choose_base(wish: str | None, python: str, packages: tuple[str, ...]) -> tuple[Base, Decision]:
    """The base for a Python version: what the setting `base` says, else Debian where a release carries it.

    Args:
        wish: the setting: None, `debian`, `oci:DIR`, `archive:FILE`, or a registry reference.
        python: X.Y.
        packages: Debian packages that the app needs at run time.
    """
    if wish and wish != "debian":
        return _named(wish), _decision(wish, "the setting names it")
    release = DEBIAN_PYTHONS.get(python)
    if release:
        base = DebianBase(release=release, packages=tuple(sorted(set(packages))))
        return base, _decision(f"debian {release}", f"this Debian release carries Python {python}")
    reference = default_reference(python)
    return ReferenceBase(reference=reference), _decision(
        reference, f"no supported Debian release carries Python {python}"
    )


def require_room_for(packages: tuple[str, ...], base: Base) -> None:
    """Raise `PlanError` where the setting `packages` asks for something that the base cannot take."""
    if not packages or isinstance(base, DebianBase):
        return
    name = base.reference if isinstance(base, ReferenceBase) else base.path
    raise PlanError(
        f"{', '.join(packages)} cannot be added to the base {name}, which is a finished image",
        where="packages",
        hint='take them out of `packages` and make sure that the image has them, or set base = "debian"',
    )


def _named(wish: str) -> Base:
    scheme, _, rest = wish.partition(":")
    if scheme == "oci" and rest:
        return LayoutBase(path=rest)
    if scheme == "archive" and rest:
        return ArchiveBase(path=rest)
    return ReferenceBase(reference=wish)


def _decision(choice: str, reason: str) -> Decision:
    return Decision(
        subject="base",
        choice=choice,
        reason=reason,
        override='base = "debian" | "REFERENCE" | "oci:DIR" | "archive:FILE"',
    )
