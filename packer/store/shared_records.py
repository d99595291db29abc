"""What builds know about what they make, in a form that a team shares: the cache's own records, by their keys.

A record says what is made from what: which layer a recipe becomes, what a wheel's libraries need, which packages a
base consists of. Each stands under a key made of everything that it depends on, so one that fits is never stale.
"""

from __future__ import annotations

import gzip
import threading
import zlib
from collections.abc import Mapping
from io import BytesIO
from pathlib import Path
from types import MappingProxyType
from typing import BinaryIO

from msgspec import DecodeError, Struct, json

from packer.errors import ArchiveError
from packer.oci.digest import Digest
from packer.store.cache import BlobCache
from packer.system.http import Http

__all__ = ["MAX_SHARED_BYTES", "RecordKey", "SharingCache", "contradictions", "from_bytes", "to_bytes"]

_SCHEMA = 1
_KINDS = frozenset({"debian-base", "debian-facts", "elf", "image-base", "layer", "selection"})
"""The kinds that mean the same on every machine. Others name folders, or are large and quickly made."""
_TIMELESS = frozenset({"debian-facts", "elf", "image-base", "layer"})
"""The kinds of which every machine finds out the same at any time. Others say what was newest when they were made."""
_LARGEST_RECORD = 4 << 20
MAX_SHARED_BYTES = 32 << 20
"""A larger collection is not read."""

RecordKey = tuple[str, str]
"""Kind and key."""


class _Record(Struct, frozen=True):
    kind: str
    key: str
    content: str


class _Collection(Struct, frozen=True):
    schema: int
    records: tuple[_Record, ...]


def to_bytes(records: Mapping[RecordKey, bytes]) -> bytes:
    """A collection's bytes: equal records give equal bytes."""
    entries = tuple(_Record(kind, key, content.decode()) for (kind, key), content in sorted(records.items()))
    return gzip.compress(json.encode(_Collection(_SCHEMA, entries)), compresslevel=6, mtime=0)


def from_bytes(content: bytes) -> Mapping[RecordKey, bytes]:
    """Read a collection. Raises `ArchiveError` for one that is broken, too large, or of another schema."""
    try:
        with gzip.GzipFile(fileobj=BytesIO(content)) as stream:
            plain = stream.read(MAX_SHARED_BYTES + 1)
        if len(plain) > MAX_SHARED_BYTES:
            raise ArchiveError(f"the shared records are larger than {MAX_SHARED_BYTES} bytes")
        collection = json.decode(plain, type=_Collection)
    except (OSError, EOFError, zlib.error, DecodeError, RecursionError) as error:
        raise ArchiveError("the shared records cannot be read") from error
    if collection.schema != _SCHEMA:
        raise ArchiveError(f"the shared records are of schema {collection.schema}, not {_SCHEMA}")
    return MappingProxyType(
        {(one.kind, one.key): one.content.encode() for one in collection.records if one.kind in _KINDS}
    )


def contradictions(
    said: Mapping[RecordKey, bytes], found: Mapping[RecordKey, bytes]
) -> tuple[tuple[RecordKey, ...], int]:
    """What is said otherwise than it was found, and how much is said as it was found."""
    both = [one for one in sorted(said.keys() & found.keys()) if one[0] in _TIMELESS]
    wrong = tuple(one for one in both if said[one] != found[one])
    return wrong, len(both) - len(wrong)


class SharingCache:
    """A `BlobCache` that also knows what others shared, and notes what this build used of what can be shared.

    What others shared is never written to this machine's cache: it counts for one build, and only where this machine
    has no record of its own.

    Args:
        cache: this machine's.
    """

    def __init__(self, cache: BlobCache) -> None:
        self._cache = cache
        self._shared: Mapping[RecordKey, bytes] = {}
        self._used: dict[RecordKey, bytes] = {}
        self._believed: set[RecordKey] = set()
        self._lock = threading.Lock()

    @property
    def used(self) -> Mapping[RecordKey, bytes]:
        """The records that were asked for or written, of the kinds that can be shared."""
        with self._lock:
            return dict(self._used)

    @property
    def believed(self) -> frozenset[RecordKey]:
        """The records of others that were asked for."""
        with self._lock:
            return frozenset(self._believed)

    def learn(self, records: Mapping[RecordKey, bytes]) -> None:
        """Know what others shared. This machine's own records win."""
        self._shared = records

    @property
    def root(self) -> Path:
        """See `BlobCache.root`."""
        return self._cache.root

    def record(self, kind: str, key: str) -> bytes | None:
        """See `BlobCache.record`."""
        content = self._cache.record(kind, key)
        if content is None and (content := self._shared.get((kind, key))) is not None:
            with self._lock:
                self._believed.add((kind, key))
        if content is not None:
            self._note(kind, key, content)
        return content

    def put_record(self, kind: str, key: str, content: bytes) -> None:
        """See `BlobCache.put_record`."""
        self._cache.put_record(kind, key, content)
        self._note(kind, key, content)

    def path(self, digest: Digest) -> Path | None:
        """See `BlobCache.path`."""
        return self._cache.path(digest)

    def add(self, stream: BinaryIO, *, expected: Digest | None = None) -> Digest:
        """See `BlobCache.add`."""
        return self._cache.add(stream, expected=expected)

    def fetch(self, http: Http, urls: tuple[str, ...], *, digest: Digest, size: int | None, what: str) -> Path:
        """See `BlobCache.fetch`."""
        return self._cache.fetch(http, urls, digest=digest, size=size, what=what)

    def verify(self, digest: Digest) -> bool:
        """See `BlobCache.verify`."""
        return self._cache.verify(digest)

    def _note(self, kind: str, key: str, content: bytes) -> None:
        if kind in _KINDS and len(content) <= _LARGEST_RECORD:
            with self._lock:
                self._used[kind, key] = content
