"""The content-addressed cache: blobs by digest, and small records by key.

Everything is written beside its place, verified, and renamed into it; a reader never sees half a file, two writers
of one blob agree, and a blob that no longer matches its name is thrown away and made again.

    <root>/blobs/sha256/<2 hex>/<64 hex>   blobs
    <root>/records/<kind>/<2 hex>/<key>    records: what is known about something, sealed
    <root>/tmp/                            files being written
    <root>/locks/                          locks of folders elsewhere that are being written
    <root>/use.lock                        held by every process that uses the cache, so that nothing is pruned then

The time of modification says when something was last used, to half a day.
"""

from __future__ import annotations

import hashlib
import threading
import time
import weakref
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import BinaryIO, Protocol

from packer.errors import ArchiveError, BuildError, LockError, PackError, TransientError, TrustError
from packer.oci.digest import Digest
from packer.oci.layer import Layer, LayerRecipe
from packer.regex import regex
from packer.system.chunks import chunks_of, copy_digested
from packer.system.files import file_lock, note_use, unfinished_file, write_atomically
from packer.system.http import Http
from packer.system.urls import redacted

__all__ = ["BlobCache", "DiskCache", "LayerCache", "default_cache_root"]

_SEAL = 16
"""Bytes before the content of a record, by which a damaged one is known."""
_KEY = regex(r"[0-9a-f]{64}")
_KIND = regex(r"[a-z0-9][a-z0-9-]*")
_LARGEST_DOWNLOAD = 16 << 30
"""What is downloaded at most when the size is not known."""
_ABANDONED_SECONDS = 24 * 3600.0
"""An unfinished file that was not written to for so long belongs to a killed process."""
_CACHE_TAG = (
    b"Signature: 8a477f597d28d172789f06886806bc55\n# This is the cache of pack; it can be removed at any time.\n"
)
"""By which programs that save or copy folders know a cache (https://bford.info/cachedir/)."""
_USE = "use.lock"
_DOWNLOAD_ATTEMPTS = 3
"""How often one address is asked when its answer breaks off."""


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


class DiskCache:
    """The `BlobCache` in a folder, made at its first use, and held from then on against pruning until it is let go.

    Args:
        root: the cache folder.
    """

    def __init__(self, root: Path) -> None:
        self._root = root
        self._scratch = root / "tmp"
        self._swept = False
        self._held: Callable[[], object] | None = None
        self._holding = threading.Lock()

    @property
    def root(self) -> Path:
        """The cache folder."""
        return self._root

    def path(self, digest: Digest) -> Path | None:
        """See `BlobCache.path`."""
        self._hold()
        path = self._blob(digest)
        return path if note_use(path) else None

    def add(self, stream: BinaryIO, *, expected: Digest | None = None) -> Digest:
        """See `BlobCache.add`. Bytes that are there already are written anew: that heals them."""
        return self._store(chunks_of(stream), expected=expected)

    def fetch(self, http: Http, urls: tuple[str, ...], *, digest: Digest, size: int | None, what: str) -> Path:
        """See `BlobCache.fetch`. A cached file of the wrong size is fetched again."""
        path = self._blob(digest)
        with suppress(FileNotFoundError):
            if self.path(digest) and size in (None, path.stat().st_size):
                return path
        failures: list[PackError] = []
        for url in urls:
            failure = self._download(http, url, digest=digest, size=size)
            if failure is None:
                return path
            failures.append(failure)
        raise _worst(failures, what)

    def record(self, kind: str, key: str) -> bytes | None:
        """See `BlobCache.record`. A damaged one is not known."""
        self._hold()
        path = self._record(kind, key)
        try:
            stored = path.read_bytes()
        except OSError:
            return None
        note_use(path)
        seal, content = stored[:_SEAL], stored[_SEAL:]
        return content if seal == _seal(content) else None

    def put_record(self, kind: str, key: str, content: bytes) -> None:
        """See `BlobCache.put_record`."""
        self._sweep()
        write_atomically(self._record(kind, key), _seal(content) + content, scratch=self._scratch)

    def verify(self, digest: Digest) -> bool:
        """See `BlobCache.verify`."""
        path = self._blob(digest)
        try:
            with path.open("rb") as stream:
                found = hashlib.sha256()
                for chunk in chunks_of(stream):
                    found.update(chunk)
        except OSError:
            return False
        if found.hexdigest() == digest.hex:
            return True
        path.unlink(missing_ok=True)
        return False

    def discard(self, digest: Digest) -> None:
        """Remove a blob, if it is there. Only for who is `alone`."""
        with suppress(OSError):
            self._blob(digest).unlink()

    @contextmanager
    def alone(self, *, timeout: float = 60.0) -> Iterator[None]:
        """Let nobody else use the cache in the block: for removing from it. No other thread may use it meanwhile.

        Raises `TransientError` when somebody still uses it after `timeout` seconds.
        """
        with self._holding:
            if self._held:
                self._held()
                self._held = None
            with file_lock(self._root / _USE, what="the cache", timeout=timeout):
                self._held = _nothing
                try:
                    yield
                finally:
                    self._held = None

    def _hold(self) -> None:
        """Keep others from removing what this process may be about to use, until it ends or wants to be alone."""
        if self._held is not None:
            return
        with self._holding:
            if self._held is None:
                hold = ExitStack()
                with suppress(BuildError):  # where the cache cannot be written, nobody removes anything either
                    hold.enter_context(file_lock(self._root / _USE, what="the cache", shared=True))
                self._held = weakref.finalize(self, hold.close)

    def _blob(self, digest: Digest) -> Path:
        return self._root / "blobs" / "sha256" / digest.hex[:2] / digest.hex

    def _record(self, kind: str, key: str) -> Path:
        if not _KIND.fullmatch(kind) or not _KEY.fullmatch(key):
            raise ValueError(f"not a record: {kind}/{key}")
        return self._root / "records" / kind / key[:2] / key

    def _store(self, chunks: Iterable[bytes], *, expected: Digest | None = None, limit: int | None = None) -> Digest:
        """Write, verify, rename. Nothing stays when the bytes are not the expected ones."""
        self._sweep()
        with unfinished_file(self._scratch) as file:
            digest, _ = copy_digested(chunks, file.stream, limit=limit)
            if expected is not None and digest != expected:
                raise TrustError(f"the bytes have the digest {digest}, not {expected}")
            file.become(self._blob(digest))
            return digest

    def _download(self, http: Http, url: str, *, digest: Digest, size: int | None) -> PackError | None:
        """Fetch one address into the cache, again when it breaks off; the reason why it could not be."""
        failure: PackError | None = None
        for _ in range(_DOWNLOAD_ATTEMPTS):
            failure = self._download_once(http, url, digest=digest, size=size)
            if not isinstance(failure, TransientError):
                break
        return failure

    def _download_once(self, http: Http, url: str, *, digest: Digest, size: int | None) -> PackError | None:
        try:
            with http.get(url) as response:
                if response.status != 200:
                    return _refusal(response.status, url)
                self._store(response.stream(), expected=digest, limit=size or _LARGEST_DOWNLOAD)
        except TransientError as error:
            return error
        except (TrustError, ArchiveError) as error:
            return TrustError(error.what, where=redacted(url))
        return None

    def _sweep(self) -> None:
        """Once: mark the folder as a cache, and remove what killed processes left unfinished."""
        self._hold()
        if self._swept:
            return
        self._swept = True
        if not (self._root / "CACHEDIR.TAG").exists():
            write_atomically(self._root / "CACHEDIR.TAG", _CACHE_TAG)
        oldest = time.time() - _ABANDONED_SECONDS
        with suppress(OSError):
            for path in self._scratch.iterdir():
                with suppress(OSError):
                    if path.stat().st_mtime < oldest:
                        path.unlink()


def _nothing() -> None:
    """What it takes to let go of a cache that is not held."""


def _seal(content: bytes) -> bytes:
    return hashlib.blake2b(content, digest_size=_SEAL).digest()


def default_cache_root(override: str | None = None) -> Path:
    """The cache folder: `override` (the setting `PACK_CACHE_DIR`) when there is one, else the platform's own place."""
    if override:
        return Path(override).expanduser().absolute()
    from platformdirs import user_cache_path  # noqa: PLC0415 - an override saves its import

    return user_cache_path("packer", appauthor=False)


class _GoneError(LockError):
    """One address no longer has what was looked for."""


def _refusal(status: int, url: str) -> PackError:
    where = redacted(url)
    if status in (404, 410):
        return _GoneError(f"the server answers {status}", where=where)
    hint = "check the credentials of this source" if status in (401, 403) else None
    return BuildError(f"the server answers {status}", where=where, hint=hint)


def _worst(failures: list[PackError], what: str) -> PackError:
    """One error for all the addresses: wrong bytes before silence, silence before refusals, `LockError` if all gone."""
    if all(isinstance(failure, _GoneError) for failure in failures):
        where = failures[0].where if failures else None
        hint = "refresh the lock with `pack lock`"
        return LockError(f"{what} is no longer where the lock says", where=where, hint=hint)
    for kind in (TrustError, TransientError, BuildError):
        for failure in failures:
            if isinstance(failure, kind) and not isinstance(failure, _GoneError):
                return kind(f"{what} cannot be fetched: {failure.what}", where=failure.where, hint=failure.hint)
    raise AssertionError(failures)
