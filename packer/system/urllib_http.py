"""The HTTP client: the one place that opens connections to the outside, over urllib3.

Certificates and proxies come from the environment in the ways that people already know (`SSL_CERT_FILE`,
`REQUESTS_CA_BUNDLE`, `HTTPS_PROXY`, `NO_PROXY`, …).
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import IO, TYPE_CHECKING, cast
from urllib.parse import urljoin, urlsplit

from msgspec import Struct

from packer.errors import BuildError, TransientError, TrustError, UsageError
from packer.system.file_response import open_file_url
from packer.system.host_trust import HostTrust
from packer.system.http import ByteStream, Request, Response, RetryPolicy
from packer.system.proxies import Proxies
from packer.system.transport import explained, retry_after
from packer.system.urls import basic_authorization, origin, redacted, without_userinfo

if TYPE_CHECKING:
    import urllib3

__all__ = ["UrllibHttp"]

_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_MAX_REDIRECTS = 10
_SECRET_HEADERS = frozenset({"authorization", "cookie", "proxy-authorization"})
_BLOCK_BYTES = 262_144
"""How much of a body is sent at once."""
_DRAINED_BYTES = 65_536
"""An unread rest up to this size is read, so that the connection can be used again; a longer one is cut off."""


class _Setback(Struct, frozen=True):
    """Why one attempt failed, how many there may be, and for how long the server asks to wait."""

    error: TransientError
    attempts: int
    asked: float | None = None


class UrllibHttp:
    """The `Http` and `Exchange` ports over urllib3.

    Args:
        environment: where the proxy and certificate variables are read.
        user_agent: what the client calls itself.
        connect_timeout: seconds until a connection must stand.
        read_timeout: seconds that a server may stay silent.
        retry: how often to try again.
        sleep: waits; an argument so that tests need not.
        now: the wall clock, for a `Retry-After` that is a date.
        trust: whom to trust at hosts that have certificates of their own.
    """

    def __init__(
        self,
        environment: Mapping[str, str],
        *,
        user_agent: str = "pack",
        connect_timeout: float = 15.0,
        read_timeout: float = 60.0,
        retry: RetryPolicy | None = None,
        sleep: Callable[[float], None] = time.sleep,
        now: Callable[[], float] = time.time,
        trust: HostTrust | None = None,
    ) -> None:
        self._environment = dict(environment)
        self._proxies = Proxies.from_environment(self._environment)
        self._user_agent = user_agent
        self._timeouts = (connect_timeout, read_timeout)
        self._retry = retry or RetryPolicy()
        self._sleep = sleep
        self._now = now
        self._trust = trust or HostTrust()
        self._managers: dict[tuple[str, str | None, str | None], urllib3.PoolManager] = {}
        self._lock = threading.Lock()

    @contextmanager
    def get(self, url: str, *, headers: Mapping[str, str] | None = None) -> Iterator[Response]:
        """See `Http.get`. Raises `TrustError` for a certificate that does not hold or a redirect from TLS to none."""
        if url.startswith("file:"):
            with open_file_url(url) as local:
                yield local
            return
        if not _can_be_fetched(url):
            raise UsageError(f"{redacted(url)!r} is not an address that pack can fetch", hint="use http, https or file")
        raw, address = self._follow(url, dict(headers or {}))
        response = _UrllibResponse(raw, address)
        try:
            yield response
        finally:
            response.release()

    @contextmanager
    def send(self, request: Request) -> Iterator[Response]:
        """See `Exchange.send`."""
        if not _can_be_fetched(request.url):
            raise UsageError(f"{redacted(request.url)!r} is not an address that pack can reach")
        from urllib3.exceptions import HTTPError  # noqa: PLC0415 - see `_attempt`

        body = request.body.open() if request.body else None
        try:
            fields = {"User-Agent": self._user_agent, "Accept-Encoding": "identity", **request.headers}
            if request.body or request.method in ("POST", "PUT", "PATCH"):
                fields["Content-Length"] = str(request.body.size if request.body else 0)
            raw = self._request(request.method, request.url, fields, body)
        except HTTPError as error:
            proxy = self._proxies.proxy_for(request.url)
            raise explained(error, request.url, proxy=proxy, method=request.method) from error
        finally:
            if body is not None:
                body.close()
        response = _UrllibResponse(raw, request.url)
        try:
            yield response
        finally:
            response.release()

    def _follow(self, url: str, headers: dict[str, str]) -> tuple[urllib3.BaseHTTPResponse, str]:
        """The first answer that is no redirect, and the address that gave it."""
        for _ in range(_MAX_REDIRECTS):
            raw = self._persist(url, headers)
            location = raw.headers.get("location")
            if raw.status not in _REDIRECTS or not location:
                return raw, url
            raw.drain_conn()
            target = _redirect_target(url, location)
            if urlsplit(url).scheme == "https" and urlsplit(target).scheme != "https":
                raise TrustError("a server redirects from an encrypted to an open connection", where=redacted(url))
            if origin(target) != origin(url):
                headers = {name: value for name, value in headers.items() if name.lower() not in _SECRET_HEADERS}
            elif "@" not in urlsplit(target).netloc:
                headers = {**basic_authorization(url), **headers}
            url = target
        raise TransientError("a server redirects without end", where=redacted(url))

    def _persist(self, url: str, headers: Mapping[str, str]) -> urllib3.BaseHTTPResponse:
        """One address asked until it answers, or until the policy gives up."""
        attempt = 0
        while True:
            attempt += 1
            answer = self._attempt(url, headers)
            if not isinstance(answer, _Setback):
                return answer
            if attempt >= answer.attempts:
                raise answer.error
            self._sleep(self._retry.pause(attempt, answer.asked))

    def _attempt(self, url: str, headers: Mapping[str, str]) -> urllib3.BaseHTTPResponse | _Setback:
        """The answer that counts, or why it may be worth to ask again. Raises what asking again cannot change."""
        # urllib3 takes 40 ms to import, and most commands need no network.
        from urllib3.exceptions import ConnectTimeoutError, HTTPError  # noqa: PLC0415

        try:
            raw = self._ask(url, headers)
        except HTTPError as error:
            failure = explained(error, url, proxy=self._proxies.proxy_for(url))
            if not isinstance(failure, TransientError):
                raise failure from error
            failure.__cause__ = error
            unreachable = isinstance(error, ConnectTimeoutError)
            return _Setback(failure, self._retry.unreachable_attempts if unreachable else self._retry.attempts)
        if raw.status not in (408, 429) and raw.status < 500:
            return raw
        raw.close()
        what = f"{urlsplit(url).hostname} answers {raw.status} {raw.reason or ''}".rstrip()
        hint = "this server limits requests: try again later" if raw.status == 429 else "try again later"
        asked = retry_after(raw.headers.get("retry-after"), self._now())
        return _Setback(TransientError(what, where=redacted(url), hint=hint), self._retry.attempts, asked)

    def _ask(self, url: str, headers: Mapping[str, str]) -> urllib3.BaseHTTPResponse:
        """One GET, without retry or redirect."""
        fields = {"User-Agent": self._user_agent, "Accept-Encoding": "identity", **basic_authorization(url), **headers}
        return self._request("GET", without_userinfo(url), fields, None)

    def _request(
        self, method: str, url: str, fields: Mapping[str, str], body: ByteStream | None
    ) -> urllib3.BaseHTTPResponse:
        return self._manager(url).request(
            method,
            url,
            headers=fields,
            body=cast("IO[bytes] | None", body),  # urllib3 reads and does no more
            redirect=False,
            retries=False,
            preload_content=False,
            decode_content=False,
        )

    def _manager(self, url: str) -> urllib3.PoolManager:
        """The pools for the URL's scheme, proxy and trust, made at first need: trust stores take time to load."""
        parts = urlsplit(url)
        host = parts.netloc.rpartition("@")[2].lower()
        key = (parts.scheme, self._proxies.proxy_for(url), host if self._trust.is_special(host) else None)
        with self._lock:
            if key not in self._managers:
                self._managers[key] = self._new_manager(*key)
            return self._managers[key]

    def _new_manager(self, scheme: str, proxy: str | None, host: str | None) -> urllib3.PoolManager:
        import urllib3  # noqa: PLC0415 - see `_attempt`

        from packer.system.tls import client_context, host_context  # noqa: PLC0415 - ssl is as slow as urllib3

        timeout = urllib3.Timeout(connect=self._timeouts[0], read=self._timeouts[1])
        encrypted = "https" in (scheme, urlsplit(proxy or "").scheme)
        context = client_context(self._environment) if encrypted else None
        inner = host_context(self._environment, host, self._trust) if encrypted and host else context
        if host in self._trust.unverified:
            urllib3.disable_warnings()  # the user knows, and said so
        if proxy is None:
            return urllib3.PoolManager(timeout=timeout, maxsize=16, blocksize=_BLOCK_BYTES, ssl_context=inner)
        return urllib3.ProxyManager(
            without_userinfo(proxy),
            proxy_headers={f"Proxy-{name}": value for name, value in basic_authorization(proxy).items()},
            timeout=timeout,
            maxsize=16,
            blocksize=_BLOCK_BYTES,
            ssl_context=inner,
            proxy_ssl_context=context,
        )


class _UrllibResponse:
    """The `Response` port over a streamed urllib3 answer."""

    def __init__(self, raw: urllib3.BaseHTTPResponse, url: str) -> None:
        self._raw = raw
        self._url = url

    @property
    def status(self) -> int:
        return self._raw.status

    @property
    def headers(self) -> Mapping[str, str]:
        return self._raw.headers

    def stream(self, chunk_size: int = 262_144) -> Iterator[bytes]:
        from urllib3.exceptions import HTTPError  # noqa: PLC0415 - loaded already by whoever made `raw`

        try:
            yield from self._raw.stream(chunk_size, decode_content=False)
        except HTTPError as error:
            raise TransientError(
                "a download broke off before its end", where=redacted(self._url), hint="try again"
            ) from error

    def read(self, limit: int) -> bytes:
        chunks: list[bytes] = []
        size = 0
        for chunk in self.stream():
            size += len(chunk)
            if size > limit:
                raise BuildError(f"a server's answer is larger than {limit} bytes", where=redacted(self._url))
            chunks.append(chunk)
        return b"".join(chunks)

    def release(self) -> None:
        """Give the connection back, or close it when much is still unread."""
        rest = self._raw.length_remaining
        if rest is not None and rest <= _DRAINED_BYTES:
            self._raw.drain_conn()
            self._raw.release_conn()
        else:
            self._raw.close()


def _can_be_fetched(url: str) -> bool:
    try:
        parts = urlsplit(url)
        return parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False


def _redirect_target(url: str, location: str) -> str:
    """The address that an answer's `Location` leads to. Raises `TransientError` when it leads nowhere."""
    try:
        target = urljoin(url, location)
    except ValueError:
        target = ""
    if not _can_be_fetched(target):
        raise TransientError("a server redirects to something that is no address", where=redacted(url))
    return target
