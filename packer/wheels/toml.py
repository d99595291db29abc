"""Reading TOML, with one error for whatever is wrong with it."""

from __future__ import annotations

import sys
from typing import Any

from packer.errors import LockError

__all__ = ["parse_toml"]


def parse_toml(content: bytes, *, where: str) -> dict[str, Any]:
    """The document. Raises `LockError` when it is not valid UTF-8 or TOML, or nested too deeply."""
    if sys.version_info >= (3, 11):
        import tomllib  # noqa: PLC0415 (slow to import, rarely needed)
    else:
        import tomli as tomllib  # noqa: PLC0415 (slow to import, rarely needed)
    try:
        return tomllib.loads(content.decode("utf-8-sig"))
    except (ValueError, RecursionError) as cause:
        raise LockError(f"the lock is not valid TOML: {cause}"[:300], where=where, hint="lock again") from cause
