"""A requirements file that pins its whole closure, as pip-compile, `uv pip compile` and `uv export` write it."""

from __future__ import annotations

from packer.project.dependencies.locks.graph import Node, lock_of
from packer.project.dependencies.sources import Lock, Manifest

__all__ = ["requirements_lock"]


def requirements_lock(manifest: Manifest) -> Lock | None:
    """The lock that a requirements file is, None when it does not pin everything."""
    if not manifest.pinned:
        return None
    nodes = [Node(name=fact.name, version=fact.pinned) for fact in manifest.requirements]
    return lock_of(
        nodes,
        format="requirements",
        manager="pip",
        path=manifest.path,
        local_packages=manifest.local_packages,
    )
