"""What of a cache may go: a decision over its parts, which touches nothing."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from packer.oci.digest import Digest
from packer.store.contents import CachePart

__all__ = ["dispensable"]


def dispensable(
    parts: Iterable[CachePart],
    *,
    needed: Collection[Digest],
    unused_since: float | None = None,
    largest: int | None = None,
) -> tuple[CachePart, ...]:
    """The parts that go, the least recently used first.

    Args:
        parts: the whole cache.
        needed: blobs that stay whatever their age: those of stored images.
        unused_since: seconds since the epoch; what was not used since then goes. None: age does not matter.
        largest: bytes that the cache may have; the least recently used goes until it fits. None: size does not matter.
    """
    everything = tuple(parts)
    free = sorted(
        (part for part in everything if part.digest is None or part.digest not in needed),
        key=lambda part: (part.used, str(part.path)),
    )
    size = sum(part.size for part in everything)
    gone: list[CachePart] = []
    for part in free:
        old = unused_since is not None and part.used < unused_since
        if not old and (largest is None or size <= largest):
            break
        gone.append(part)
        size -= part.size
    return tuple(gone)
