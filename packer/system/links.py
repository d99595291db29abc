"""Symbolic links of a project: where they lead, and whether that is inside it."""

from __future__ import annotations

from pathlib import Path

__all__ = ["inner_target"]


def inner_target(root: Path, path: str) -> str | None:
    """Where the link at `path` leads, relative to the root; None if that is outside, missing, or a loop.

    `root` must be resolved. Links on the way are followed, too: what a link leads to by way of outside is outside.
    """
    try:
        resolved = (root / path).resolve(strict=True)
    except (OSError, RuntimeError):
        return None
    if not resolved.is_relative_to(root):
        return None
    return resolved.relative_to(root).as_posix()
