"""Old entries of a cache that a team shares in a registry: found by when they were written, and removed."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from msgspec import Struct

from packer.registry.shared_cache import Entry, SharedCache

__all__ = ["SharedPruned", "prune_shared"]

_SCHEMA = 1


class SharedPruned(Struct, frozen=True, kw_only=True):
    """What was removed, and what is left; `only_looked`: nothing was, it only would be."""

    repository: str
    removed: tuple[Entry, ...]
    kept: tuple[Entry, ...]
    only_looked: bool

    def to_json(self) -> dict[str, Any]:
        """The document of `pack cache prune --registry REF --json`."""
        return {
            "schema": _SCHEMA,
            "repository": self.repository,
            "dry_run": self.only_looked,
            "removed": [_row(entry) for entry in self.removed],
            "kept": [_row(entry) for entry in self.kept],
        }

    def summary(self) -> str:
        """A line for people."""
        verb = "would be removed" if self.only_looked else "removed"
        return f"{self.repository}: {_count(self.removed)} {verb}, {len(self.kept)} left"


def prune_shared(cache: SharedCache, *, before: datetime, only_look: bool = False) -> SharedPruned:
    """Remove what was written before a time, and what does not say when: such a thing is broken.

    An entry in use is written anew every week. Costs a request for each page of tags, one for each entry, and one for
    each that goes. Nobody loses an image by it: whoever misses an entry makes layers again.

    Raises:
        RegistryError: the registry refuses. What was removed so far stays removed.
        TransientError: it does not answer.
    """
    entries = tuple(cache.entries())
    old = tuple(entry for entry in entries if entry.written is None or entry.written < before)
    if not only_look:
        for entry in {one.digest: one for one in old}.values():
            cache.remove(entry)
    kept = tuple(entry for entry in entries if entry not in old)
    return SharedPruned(repository=cache.repository.name, removed=old, kept=kept, only_looked=only_look)


def _row(entry: Entry) -> dict[str, Any]:
    written = entry.written.strftime("%Y-%m-%dT%H:%M:%SZ") if entry.written else None
    return {"tag": entry.tag, "digest": str(entry.digest), "written": written}


def _count(entries: tuple[Entry, ...]) -> str:
    return f"{len(entries)} {'entry' if len(entries) == 1 else 'entries'}"
