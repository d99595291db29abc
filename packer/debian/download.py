"""Packages and indexes by hash: from the cache, a mirror, or Debian's snapshot archive."""

from __future__ import annotations

from pathlib import Path

from packer.debian.lock import BaseLock, LockedPackage
from packer.debian.mirrors import Mirrors, snapshot_url
from packer.errors import LockError, PackError
from packer.oci.digest import Digest
from packer.store.cache import BlobCache
from packer.system.http import Http

__all__ = ["fetch_package", "fetch_verified"]


def fetch_verified(
    urls: tuple[str, ...], *, http: Http, cache: BlobCache, digest: Digest, size: int, what: str
) -> Path:
    """`BlobCache.fetch`, with the bytes on this machine read once more: a damaged file is fetched again."""
    path = cache.fetch(http, urls, digest=digest, size=size, what=what)
    return path if cache.verify(digest) else cache.fetch(http, urls, digest=digest, size=size, what=what)


def fetch_package(
    lock: BaseLock,
    package: LockedPackage,
    *,
    http: Http,
    cache: BlobCache,
    mirrors: Mirrors,
) -> Path:
    """The file of one of a lock's packages.

    What every mirror has dropped is looked for in the snapshot archive. Raises `LockError` when that fails too,
    `TrustError` for wrong bytes, `TransientError` when no mirror answers.
    """
    digest, what = Digest.from_hex(package.sha256), f"Debian package {package}"
    urls = tuple(f"{mirror}/{package.filename}" for mirror in mirrors.of(package.archive))
    try:
        return fetch_verified(urls, http=http, cache=cache, digest=digest, size=package.size, what=what)
    except LockError as gone:
        past = snapshot_url(package.archive, lock.snapshot, package.filename, base=mirrors.snapshot)
        try:
            return cache.fetch(http, (past,), digest=digest, size=package.size, what=what)
        except PackError as cause:
            raise LockError(
                f"the mirror no longer has the locked {what}, and Debian's snapshot archive did not give it",
                where=gone.where,
                hint="take what the mirror has now: `pack lock --upgrade`",
            ) from cause
