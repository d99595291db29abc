"""Cache: what is in it, and less of it."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from contextlib import suppress
from datetime import datetime, timezone
from itertools import groupby
from pathlib import Path
from typing import Any

from msgspec import Struct

from packer.errors import BuildError, TransientError
from packer.store.cache import DiskCache
from packer.store.contents import CachePart, cache_parts, remove_part
from packer.store.images import ImageStore
from packer.store.pruning import dispensable

__all__ = ["CacheSummary", "KindSummary", "Pruned", "clear_cache", "prune_cache", "prune_when_due", "summarize_cache"]

_SCHEMA = 1
_DAY = 24 * 3600.0
_KEPT_DAYS = 30
"""What was not used for so long is removed without being asked for."""
_LONGEST_SECONDS = 2.0
"""How long a build that has ended may be kept waiting by that; what is left over is for the next day."""
_MARK = "pruned"


class KindSummary(Struct, frozen=True, kw_only=True):
    """One kind of parts: how many, their bytes, and when the first and the last of them were used."""

    kind: str
    parts: int
    size: int
    oldest: float
    newest: float


class CacheSummary(Struct, frozen=True, kw_only=True):
    """What is in a cache, by kind."""

    root: Path
    kinds: tuple[KindSummary, ...]

    @property
    def size(self) -> int:
        """Bytes of everything."""
        return sum(kind.size for kind in self.kinds)

    def to_json(self) -> dict[str, Any]:
        """The document of `pack cache --json`."""
        rows = [
            {
                "kind": one.kind,
                "parts": one.parts,
                "size": one.size,
                "oldest_use": _moment(one.oldest),
                "newest_use": _moment(one.newest),
            }
            for one in self.kinds
        ]
        return {"schema": _SCHEMA, "root": str(self.root), "size": self.size, "kinds": rows}


class Pruned(Struct, frozen=True, kw_only=True):
    """What was removed, and how many bytes that freed; the bytes that are left."""

    parts: int
    freed: int
    left: int

    def to_json(self) -> dict[str, Any]:
        """The document of `pack cache prune --json` and `pack cache clear --json`."""
        return {"schema": _SCHEMA, "parts": self.parts, "freed": self.freed, "left": self.left}


def summarize_cache(root: Path) -> CacheSummary:
    """What is in the cache."""
    parts = sorted(cache_parts(root), key=lambda part: part.kind)
    kinds = [(kind, list(group)) for kind, group in groupby(parts, key=lambda part: part.kind)]
    return CacheSummary(root=root, kinds=tuple(_summary(kind, group) for kind, group in kinds))


def prune_cache(
    cache: DiskCache, store: ImageStore, *, unused_since: float | None, largest: int | None = None
) -> Pruned:
    """Remove what was least recently used. Arguments as `dispensable`.

    Raises:
        TransientError: another pack is using the cache.
        BuildError: the image store cannot be read, so nobody knows which blobs its images need.
    """
    with cache.alone():
        needed = store.needed()
        parts = tuple(cache_parts(cache.root))
        return _without(parts, dispensable(parts, needed=needed, unused_since=unused_since, largest=largest))


def clear_cache(cache: DiskCache, store: ImageStore) -> Pruned:
    """Remove everything but the blobs of stored images. Raises as `prune_cache`."""
    return prune_cache(cache, store, unused_since=math.inf)


def prune_when_due(cache: DiskCache, store: ImageStore, *, now: float, clock: Callable[[], float]) -> None:
    """Once a day: remove what was not used for a month, for a moment, and only if nobody else uses the cache."""
    mark = cache.root / _MARK
    with suppress(OSError, BuildError, TransientError):
        if mark.exists() and now - mark.stat().st_mtime < _DAY:
            return
        mark.touch()
        end = clock() + _LONGEST_SECONDS
        with cache.alone(timeout=0):
            needed = store.needed()
            parts = cache_parts(cache.root, measured=False)
            for part in dispensable(parts, needed=needed, unused_since=now - _KEPT_DAYS * _DAY):
                if clock() > end:
                    break
                remove_part(part)


def _without(parts: Iterable[CachePart], gone: tuple[CachePart, ...]) -> Pruned:
    for part in gone:
        remove_part(part)
    freed = sum(part.size for part in gone)
    return Pruned(parts=len(gone), freed=freed, left=sum(part.size for part in parts) - freed)


def _summary(kind: str, parts: list[CachePart]) -> KindSummary:
    used = [part.used for part in parts]
    return KindSummary(
        kind=kind, parts=len(parts), size=sum(part.size for part in parts), oldest=min(used), newest=max(used)
    )


def _moment(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, timezone.utc).isoformat(timespec="seconds").replace("+00:00", "Z")
