"""Wheels brought to this machine: in parallel, each once, verified by the cache."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

from packer.errors import BuildError
from packer.oci.digest import Digest
from packer.store.cache import BlobCache
from packer.system.http import Http, Response
from packer.wheels.indexes import Indexes
from packer.wheels.model import SourceOnly, Wheel

__all__ = ["Fetched", "IndexHttp", "WheelFetcher"]

Fetched = Callable[[Wheel], None]
"""Told of every wheel that is there, from several threads."""

_WORKERS = 8


class IndexHttp:
    """An `Http` that shows the user's credentials to the package indexes they are for."""

    def __init__(self, http: Http, indexes: Indexes) -> None:
        self._http = http
        self._indexes = indexes

    def get(self, url: str, *, headers: Mapping[str, str] | None = None) -> AbstractContextManager[Response]:
        """As `Http.get`."""
        return self._http.get(url, headers={**self._indexes.authorization(url), **(headers or {})})


class _StoppableResponse:
    """A `Response` whose body ends with an error as soon as nobody waits for it any more."""

    def __init__(self, response: Response, stopped: threading.Event) -> None:
        self._response = response
        self._stopped = stopped

    @property
    def status(self) -> int:
        return self._response.status

    @property
    def headers(self) -> Mapping[str, str]:
        return self._response.headers

    def stream(self, chunk_size: int = 262_144) -> Iterator[bytes]:
        for chunk in self._response.stream(chunk_size):
            if self._stopped.is_set():
                raise _no_longer_wanted()
            yield chunk

    def read(self, limit: int) -> bytes:
        return self._response.read(limit)


class _StoppableHttp:
    """An `Http` that begins nothing more, and ends what it began, once it is stopped."""

    def __init__(self, http: Http, stopped: threading.Event) -> None:
        self._http = http
        self._stopped = stopped

    @contextmanager
    def get(self, url: str, *, headers: Mapping[str, str] | None = None) -> Iterator[Response]:
        if self._stopped.is_set():
            raise _no_longer_wanted()
        with self._http.get(url, headers=headers) as response:
            yield _StoppableResponse(response, self._stopped)


def _no_longer_wanted() -> BuildError:
    return BuildError("the download is no longer wanted: the build has ended")


class WheelFetcher:
    """Fetches wheels when they are asked for, or as soon as `start` names them.

    Args:
        cache: where they are kept.
        http: the network; see `IndexHttp` for private indexes. None for offline: what is not there is an error.
        fetched: told of every wheel that is there.
    """

    def __init__(self, cache: BlobCache, http: Http | None, *, fetched: Fetched = lambda _: None) -> None:
        self._cache = cache
        self._stopped = threading.Event()
        self._http = None if http is None else _StoppableHttp(http, self._stopped)
        self._fetched = fetched
        self._threads = ThreadPoolExecutor(_WORKERS, thread_name_prefix="fetch")
        self._lock = threading.Lock()
        self._futures: dict[Digest, Future[Path]] = {}
        self._verified: set[Digest] = set()

    def start(self, wheels: Iterable[Wheel]) -> None:
        """Begin to fetch, the largest first. Returns at once; failures show when the wheel is asked for."""
        for wheel in sorted(wheels, key=lambda wheel: -(wheel.size or 0)):
            self._future(wheel)

    def path(self, wheel: Wheel) -> Path:
        """The wheel's file, as soon as it is there. One that was damaged in the cache is fetched again.

        Raises:
            BuildError: it is not there, and may not be fetched.
            TrustError, TransientError, LockError: as `BlobCache.fetch`.
        """
        path = self._future(wheel).result()
        if wheel.digest in self._verified or self._cache.verify(wheel.digest):
            self._verified.add(wheel.digest)
            return path
        return self._get(wheel.digest, wheel.urls, wheel.size, f"wheel {wheel.filename}")

    def source(self, source: SourceOnly) -> Path:
        """The archive of a source distribution."""
        assert source.digest is not None
        what = f"the source of {source.name} {source.version}"
        return self._get(source.digest, (source.url,), None, what)

    def close(self) -> None:
        """Drop what has not begun, and end what has. May be called again."""
        self._stopped.set()
        self._threads.shutdown(wait=True, cancel_futures=True)

    def _future(self, wheel: Wheel) -> Future[Path]:
        with self._lock:
            future = self._futures.get(wheel.digest)
            if future is None:
                future = self._futures[wheel.digest] = self._threads.submit(self._fetch, wheel)
            return future

    def _fetch(self, wheel: Wheel) -> Path:
        path = self._get(wheel.digest, wheel.urls, wheel.size, f"wheel {wheel.filename}")
        self._fetched(wheel)
        return path

    def _get(self, digest: Digest, urls: tuple[str, ...], size: int | None, what: str) -> Path:
        path = self._cache.path(digest)
        if path is not None:
            return path
        if self._http is None or not urls:
            reason = "it may not be fetched offline" if urls else "it was built here and is gone"
            hint = "build once without --offline" if urls else "build again"
            raise BuildError(f"{what} is not in the cache: {reason}", hint=hint)
        path = self._cache.fetch(self._http, urls, digest=digest, size=size, what=what)
        self._verified.add(digest)
        return path
