"""Whether, and how, this process may act as root."""

from __future__ import annotations

import os
import shutil
import subprocess
from functools import cache

__all__ = ["NoPrivilegeError", "as_root"]


class NoPrivilegeError(Exception):
    """Root is needed, and neither this process nor a password-less sudo has it."""


@cache
def as_root() -> tuple[str, ...]:
    """The words to put before a command that needs root: none for root itself, else `sudo -n`.

    Raises `NoPrivilegeError` when there is no way that asks nobody.
    """
    if os.geteuid() == 0:
        return ()
    sudo = shutil.which("sudo")
    if sudo and subprocess.run([sudo, "-n", "true"], check=False, capture_output=True).returncode == 0:
        return (sudo, "-n")
    raise NoPrivilegeError("this is neither root nor a user with password-less sudo")
