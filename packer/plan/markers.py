"""Environment markers, evaluated for the image instead of the machine that pack runs on."""

from __future__ import annotations

from functools import lru_cache

from packaging.markers import UndefinedComparison, UndefinedEnvironmentName
from packaging.requirements import InvalidRequirement, Requirement

__all__ = ["applies"]


@lru_cache(maxsize=4096)
def applies(text: str, python: str) -> bool:
    """Whether a PEP 508 requirement is meant for a Python, X.Y, on Linux.

    >>> applies("greenlet<3; python_version < '3.12'", "3.13"), applies("flask", "3.13")
    (False, True)
    """
    try:
        marker = Requirement(text).marker
        return marker is None or marker.evaluate(_environment(python))
    except (InvalidRequirement, UndefinedComparison, UndefinedEnvironmentName):
        return True


def _environment(python: str) -> dict[str, str | set[str] | frozenset[str]]:
    # Patch level 5: markers that name patch levels ask for «after the first ones», and all are past those.
    full = f"{python}.5"
    return {
        "implementation_name": "cpython",
        "implementation_version": full,
        "os_name": "posix",
        "platform_machine": "x86_64",
        "platform_python_implementation": "CPython",
        "platform_release": "",
        "platform_system": "Linux",
        "platform_version": "",
        "python_full_version": full,
        "python_version": python,
        "sys_platform": "linux",
        "extra": "",
    }
