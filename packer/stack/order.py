"""In which order containers are stopped: none before those that need it."""

from __future__ import annotations

from collections.abc import Iterable

from packer.stack.members import Member

__all__ = ["stopping_waves"]


def stopping_waves(members: Iterable[Member]) -> tuple[tuple[Member, ...], ...]:
    """Groups of containers, those of a group at once: whoever depends on a service is gone before it.

    Services that depend on one another go together.
    """
    left = list(members)
    waves: list[tuple[Member, ...]] = []
    while left:
        needed = frozenset[str]().union(*(one.dependencies for one in left))
        wave = tuple(one for one in left if one.service not in needed) or tuple(left)
        waves.append(wave)
        left = [one for one in left if one not in wave]
    return tuple(waves)
