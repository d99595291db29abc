"""The content-addressed cache: blobs by digest, and small records by key.

Everything is written beside its place, verified, and renamed into it; a reader never sees half a file, two writers
of one blob agree, and a blob that no longer matches its name is thrown away and made again.

    <root>/blobs/sha256/<2 hex>/<64 hex>   blobs
    <root>/records/<kind>/<2 hex>/<key>    records: what is known about something, as JSON bytes
    <root>/tmp/                            files being written
"""

from __future__ import annotations

from pathlib import Path
from typing import BinaryIO, Protocol

from packer.oci.digest import Digest
from packer.oci.layer import Layer, LayerRecipe
from packer.system.http import Http

__all__ = ["BlobCache", "LayerCache"]


class BlobCache(Protocol):
    """Blobs and records on this machine. Safe for several threads and processes."""

    @property
    def root(self) -> Path:
        """The cache folder."""
        ...

    def path(self, digest: Digest) -> Path | None:
        """The blob's file if it is there (size and name are trusted; `verify` reads it)."""
        ...

    def add(self, stream: BinaryIO, *, expected: Digest | None = None) -> Digest:
        """Store a stream. Raises `TrustError` when `expected` is given and differs; nothing is kept then."""
        ...

    def fetch(self, http: Http, urls: tuple[str, ...], *, digest: Digest, size: int | None, what: str) -> Path:
        """The blob's file, downloaded from the first URL that gives the right bytes when it is not there.

        `what` names it in messages (`wheel flask-3.1.2-py3-none-any.whl`). Raises `TrustError` for wrong bytes,
        `TransientError` when no URL answers, `LockError` when every URL says that it is gone (404, 410).
        """
        ...

    def record(self, kind: str, key: str) -> bytes | None:
        """A record, None if it is not known. `key` is 64 hexadecimal digits."""
        ...

    def put_record(self, kind: str, key: str, content: bytes) -> None:
        """Write a record, atomically, replacing an older one."""
        ...

    def verify(self, digest: Digest) -> bool:
        """Read the blob and compare; a corrupt one is removed. False when it is not there (any more)."""
        ...


class LayerCache(Protocol):
    """Recipes become layers here."""

    def layer(self, recipe: LayerRecipe) -> Layer:
        """The recipe's layer: looked up by its key, else made (tar, compressed, both digests in one pass) and kept.

        `cached` of the result says which.
        """
        ...
