"""A project's own locks on disk: `pack.lock`, and `pylock.toml` where pack wrote it."""

from __future__ import annotations

import os
from pathlib import Path

from packer.build.lockfile import FILE_NAME, PackLock, parse
from packer.errors import LockError
from packer.oci.digest import Digest
from packer.project.model import DependencyFacts
from packer.system.files import read_regular

__all__ = ["dependency_inputs", "read_pack_lock"]

_LARGEST = 4 * 1024 * 1024
_HINT = "write it anew: pack lock"


def read_pack_lock(folder: Path) -> PackLock | None:
    """The project's `pack.lock`, None if there is none. Raises `LockError` for one that cannot be read."""
    path = folder / FILE_NAME
    if not os.path.lexists(path):
        return None
    content = read_regular(path, limit=_LARGEST + 1)
    if content is None or not path.resolve().is_relative_to(folder.resolve()):
        raise LockError(f"{FILE_NAME} is not a file of the project that can be read", where=FILE_NAME, hint=_HINT)
    if len(content) > _LARGEST:
        raise LockError(f"{FILE_NAME} is larger than {_LARGEST} bytes", where=FILE_NAME, hint=_HINT)
    try:
        return parse(content.decode())
    except UnicodeDecodeError as error:
        raise LockError(f"{FILE_NAME} is not UTF-8", where=FILE_NAME, hint=_HINT) from error


def dependency_inputs(facts: DependencyFacts) -> str:
    """64 hexadecimal digits for what the project asks for; a lock made from something else is stale."""
    direct, limits = (sorted(one.text for one in group) for group in (facts.direct, facts.constraints))
    return Digest.of("\0".join((*direct, "", *limits)).encode()).hex
