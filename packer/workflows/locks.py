"""A project's own locks on disk: `pack.lock`, and `pylock.toml` where pack wrote it."""

from __future__ import annotations

from pathlib import Path

from packer.build.lockfile import FILE_NAME, PackLock, parse
from packer.errors import LockError
from packer.oci.digest import Digest
from packer.plan.model import DependencyPlan

__all__ = ["dependency_inputs", "read_pack_lock"]

_LARGEST = 4 * 1024 * 1024
_HINT = "write it anew: pack lock"


def read_pack_lock(folder: Path) -> PackLock | None:
    """The project's `pack.lock`, None if there is none. Raises `LockError` for one that cannot be read."""
    path = folder / FILE_NAME
    try:
        with path.open("rb") as stream:
            content = stream.read(_LARGEST + 1)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise LockError(f"{FILE_NAME} cannot be read: {error.strerror}", where=FILE_NAME) from error
    if len(content) > _LARGEST:
        raise LockError(f"{FILE_NAME} is larger than {_LARGEST} bytes", where=FILE_NAME, hint=_HINT)
    try:
        return parse(content.decode())
    except UnicodeDecodeError as error:
        raise LockError(f"{FILE_NAME} is not UTF-8", where=FILE_NAME, hint=_HINT) from error


def dependency_inputs(plan: DependencyPlan) -> str:
    """64 hexadecimal digits for what the distributions are resolved from; a lock made from others is stale."""
    limits = sorted((*plan.constraints, *plan.advice))
    parts = (*sorted(plan.requirements), "", *sorted(plan.added), "", *limits)
    return Digest.of("\0".join(parts).encode()).hex
