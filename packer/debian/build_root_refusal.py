"""Why a machine does not let an unprivileged process make namespaces, and what its user can do about it."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

from packer.errors import BuildError

__all__ = ["read_kernel_setting", "refusal"]

KernelSetting = Callable[[str], str | None]
"""The value of a setting below /proc/sys (`user/max_user_namespaces`), or None where the kernel has no such."""

_SETTINGS = (
    ("kernel/unprivileged_userns_clone", "0", "1"),
    ("kernel/apparmor_restrict_unprivileged_userns", "1", "0"),
    ("user/max_user_namespaces", "0", "15000"),
)
"""Settings that forbid user namespaces, the value that does, and one that allows them."""
_CONTAINER_SIGNS = (Path("/.dockerenv"), Path("/run/.containerenv"))


def refusal(
    step: str, number: int, *, kernel_setting: KernelSetting, container: Callable[[], bool] | None = None
) -> BuildError:
    """The error for a step that the kernel refused.

    Args:
        step: what was to be made: `a user namespace`.
        number: the `errno` of the refusal.
        kernel_setting: reads this machine's settings.
        container: whether pack itself runs in a container; found out when None.
    """
    what = f"source distributions cannot be compiled here: the kernel refuses {step} ({os.strerror(number)})"
    for name, forbidden, allowed in _SETTINGS:
        if kernel_setting(name) == forbidden:
            setting = name.replace("/", ".")
            return BuildError(
                f"{what}, because {setting} is {forbidden}",
                hint=f"allow it (as root: sysctl -w {setting}={allowed}), or use a version that has a wheel",
            )
    if (container or _in_container)():
        return BuildError(
            f"{what}, as container engines tell it to",
            hint="run pack outside of the container, or start it with `--security-opt seccomp=unconfined "
            "--security-opt apparmor=unconfined --security-opt systempaths=unconfined`",
        )
    return BuildError(what, hint="run pack on a machine that allows user namespaces, or use a version with a wheel")


def read_kernel_setting(name: str) -> str | None:
    """A setting of this machine's kernel."""
    try:
        return Path("/proc/sys", name).read_text(encoding="ascii").strip()
    except (OSError, ValueError):
        return None


def _in_container() -> bool:
    return any(sign.exists() for sign in _CONTAINER_SIGNS)
