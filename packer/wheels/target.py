"""What wheels are chosen for: a CPython, a platform and its C library. Never the machine that builds."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import TYPE_CHECKING

from msgspec import Struct

from packer.errors import PlanError
from packer.oci.platform import Platform

if TYPE_CHECKING:
    from packaging.tags import Tag

__all__ = ["Target", "pure_tags"]

_MACHINES = {"amd64": "x86_64", "arm64": "aarch64"}
_LEGACY_ALIASES = {(2, 17): "manylinux2014", (2, 12): "manylinux2010", (2, 5): "manylinux1"}
_OLDEST_GLIBC = {"x86_64": 5, "aarch64": 17}
"""The minor version of the oldest manylinux tag of a machine (PEP 513, 571, 599, 600)."""
_UV_GLIBC = (40, 39, 38, 37, 36, 35, 34, 33, 32, 31, 28, 17)
"""The minor versions for which uv has a `--python-platform`."""


class Target(Struct, frozen=True, kw_only=True):
    """The environment that wheels must fit.

    Attributes:
        python: X.Y of CPython.
        platform: linux/amd64 or linux/arm64.
        glibc: the C library's version in the base: (2, 41) in trixie, (2, 36) in bookworm.
        python_full: X.Y.Z, for the markers that ask for it.
    """

    python: str
    platform: Platform
    glibc: tuple[int, int]
    python_full: str = ""

    @property
    def machine(self) -> str:
        """The processor as Python spells it. Raises `PlanError` for one that pack does not build for."""
        machine = _MACHINES.get(self.platform.architecture)
        if self.platform.os != "linux" or machine is None:
            raise PlanError(f"no wheels can be chosen for {self.platform}", hint="build for linux/amd64 or linux/arm64")
        return machine

    @property
    def python_tag(self) -> str:
        """`cp313`."""
        return f"cp{self.python.replace('.', '')}"

    @property
    def uv_platform(self) -> str:
        """The `--python-platform` for uv: the newest it knows that is not newer than the base."""
        minor = next((known for known in _UV_GLIBC if (2, known) <= self.glibc), _UV_GLIBC[-1])
        return f"{self.machine}-manylinux_2_{minor}"

    @property
    def key(self) -> tuple[str, ...]:
        """What of the target a cached choice depends on."""
        return (self.python, self.python_full, str(self.platform), ".".join(map(str, self.glibc)))

    def tags(self) -> dict[Tag, int]:
        """Every wheel tag that fits, with its rank: 0 fits best."""
        return _tags(self)

    def markers(self) -> dict[str, str]:
        """The values of PEP 508's environment markers."""
        full = self.python_full or f"{self.python}.0"
        return {
            "implementation_name": "cpython",
            "implementation_version": full,
            "os_name": "posix",
            "platform_machine": self.machine,
            "platform_python_implementation": "CPython",
            "platform_release": "",
            "platform_system": "Linux",
            "platform_version": "",
            "python_full_version": full,
            "python_version": self.python,
            "sys_platform": "linux",
        }


def pure_tags() -> frozenset[Tag]:
    """The tags of wheels that fit every Python 3 on every platform."""
    from packaging.tags import parse_tag  # noqa: PLC0415 (slow to import, rarely needed)

    return parse_tag("py3-none-any")


@cache
def _tags(target: Target) -> dict[Tag, int]:
    from packaging.tags import compatible_tags, cpython_tags  # noqa: PLC0415 (slow to import, rarely needed)

    major, minor = (int(part) for part in target.python.split("."))
    platforms = list(_platforms(target))
    tags = [
        *cpython_tags((major, minor), abis=[target.python_tag], platforms=platforms),
        *compatible_tags((major, minor), interpreter=target.python_tag, platforms=platforms),
    ]
    return {tag: rank for rank, tag in reversed(list(enumerate(tags)))}


def _platforms(target: Target) -> Iterator[str]:
    """Platform tags, the newest first."""
    machine, (major, newest) = target.machine, target.glibc
    if major != 2:
        raise PlanError(f"glibc {major}.{newest} is not known to pack")
    for minor in range(newest, _OLDEST_GLIBC[machine] - 1, -1):
        yield f"manylinux_2_{minor}_{machine}"
        if (2, minor) in _LEGACY_ALIASES:
            yield f"{_LEGACY_ALIASES[2, minor]}_{machine}"
    yield f"linux_{machine}"
