"""Requests to one registry: authorized, tried again where that may help, redirected without showing credentials."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from types import MappingProxyType
from urllib.parse import urljoin, urlsplit

from msgspec.structs import replace

from packer.errors import PackError, RegistryError, TransientError
from packer.registry.challenge import parse_challenges
from packer.registry.endpoint import Endpoint, is_inner
from packer.registry.patience import Patience
from packer.registry.problem import asked_for, problem
from packer.registry.scope import Scope
from packer.registry.tokens import Authorizer
from packer.system.http import Body, Exchange, Request, Response
from packer.system.transport import DisconnectedError
from packer.system.urls import origin, redacted

__all__ = ["Session"]

_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_MAX_REDIRECTS = 5
_RENEWALS = 2
"""How often one request may lead to a new token."""


class Session:
    """Requests to one registry. Safe for several threads.

    Args:
        endpoint: the registry.
        authorizer: what to send as `Authorization`.
        exchange: the network.
        patience: when to try again.
        encrypted: where the registry is if it turns out to want TLS, None if it does not: asked once, after an answer
            that a server gives to whom speaks without.
    """

    def __init__(
        self,
        endpoint: Endpoint,
        authorizer: Authorizer,
        exchange: Exchange,
        *,
        patience: Patience | None = None,
        encrypted: Callable[[], Endpoint | None] | None = None,
    ) -> None:
        self._encrypted = encrypted
        self._doubt = threading.Lock()
        self.endpoint = endpoint
        self.patience = patience or Patience()
        self._authorizer = authorizer
        self._exchange = exchange

    @contextmanager
    def request(
        self,
        method: str,
        path: str,
        *,
        what: str,
        expected: frozenset[int],
        scope: Scope,
        headers: Mapping[str, str] = MappingProxyType({}),
        body: Body | None = None,
        retried: bool = True,
    ) -> Iterator[Response]:
        """The answer to a request, with one of the expected statuses.

        Args:
            method: `GET`, `HEAD`, `POST`, `PUT`, `PATCH` or `DELETE`.
            path: below the registry (`/v2/…`), or an address that the registry gave.
            what: what is tried, as a verb phrase for messages: `take the layer cryptography`.
            expected: the statuses that are answers; others are refusals.
            scope: the right it needs.
            headers: more header fields.
            body: what to send.
            retried: whether to try again after a setback; else it is raised at once.

        Raises:
            RegistryError: it is refused (`RefusedError`), or the registry misbehaves.
            TransientError: no answer in spite of all attempts.
            TrustError: a certificate does not hold.
        """
        request = Request(method=method, url=self.url(path), headers=headers, body=body)
        with ExitStack() as stack:

            def once() -> Response:
                stack.pop_all().close()
                response = self._authorized(stack, request, scope)
                if response.status not in expected:
                    raise self._problem(response, what, request, scope)
                return response

            yield self.patience.persist(once, attempts=None if retried else 1)

    def url(self, path: str, *, base: str = "/") -> str:
        """The whole address of what the registry names in an answer from `base`: also another host's, if it may.

        Raises `RegistryError` for what is no address, or none to be trusted.
        """
        return self._checked(urljoin(f"{self.endpoint.url}/", base), path)

    def _problem(self, response: Response, what: str, request: Request, scope: Scope) -> PackError:
        return problem(
            response,
            what,
            request=request,
            registry=self.endpoint.registry,
            scope=scope,
            source=self._authorizer.source(scope.repository),
            now=self.patience.now(),
        )

    def _authorized(self, stack: ExitStack, request: Request, scope: Scope) -> Response:
        """The answer; 401 only leads to asking again with what the registry asks for."""
        renewed = 0
        while True:
            header = self._authorizer.header(scope)
            try:
                response, url = self._followed(stack, request, header, scope)
            except DisconnectedError:
                moved = self._moved(request)
                if moved is None:
                    raise
                request = moved
                continue
            if response.status == 400 and (moved := self._moved(request)) is not None:
                stack.pop_all().close()
                request = moved
                continue
            if response.status != 401 or not self._is_own(url):
                return response
            challenges = parse_challenges(_all(response.headers, "www-authenticate"))
            renewed += 1
            alone = renewed == _RENEWALS
            if renewed > _RENEWALS or not self._authorizer.renew(challenges, scope, refused=header, alone=alone):
                raise self._problem(response, _wanted(scope), request, scope)
            stack.pop_all().close()

    def _moved(self, request: Request) -> Request | None:
        """The request with TLS, where the registry wants it and the request was made without; None otherwise."""
        with self._doubt:
            ask, self._encrypted = self._encrypted, None
            found = ask() if ask is not None else None
            if found is not None:
                self.endpoint = found
        inner = request.url.partition("://")[2]
        is_behind = self.endpoint.is_encrypted and request.url.startswith("http:")
        return replace(request, url=f"https://{inner}") if is_behind else None

    def _is_own(self, url: str) -> bool:
        """Whether an address is the registry's: another host may neither see a credential nor ask for one."""
        return origin(url) == origin(self.endpoint.url)

    def _followed(self, stack: ExitStack, request: Request, header: str | None, scope: Scope) -> tuple[Response, str]:
        """The first answer that is no redirect, and the address that gave it."""
        url = request.url
        for _ in range(_MAX_REDIRECTS):
            authorization = {"Authorization": header} if header and self._is_own(url) else {}
            sent = Request(
                method=request.method, url=url, headers={**request.headers, **authorization}, body=request.body
            )
            try:
                response = stack.enter_context(self._exchange.send(sent))
            except TransientError as error:
                error.where = asked_for(sent, scope, self._authorizer.source(scope.repository))
                raise
            location = response.headers.get("location")
            if response.status not in _REDIRECTS or not location:
                return response, url
            stack.pop_all().close()
            url = self._checked(url, location)
        raise RegistryError("the registry redirects without end", where=redacted(request.url))

    def _checked(self, url: str, location: str) -> str:
        """The address that the registry names in an answer from `url`, if it may lead there."""
        try:
            target = urljoin(url, location)
            host = urlsplit(target).hostname or ""
        except ValueError:
            target, host = "", ""
        if not target.startswith(("http://", "https://")) or not host:
            raise RegistryError("the registry names something that is no address", where=redacted(url))
        if url.startswith("https:") and not target.startswith("https:"):
            hint = "it does not know that it is reached by TLS: the proxy before it must say so (X-Forwarded-Proto)"
            raise RegistryError("the registry names an unencrypted address", where=redacted(target), hint=hint)
        registry = urlsplit(self.endpoint.url).hostname or ""
        if host != registry and is_inner(host) and not is_inner(registry):
            raise RegistryError("the registry names an address in a private network", where=redacted(target))
        return target


def _all(headers: Mapping[str, str], name: str) -> list[str]:
    """Every header of a name: urllib3 keeps them apart, other mappings have one."""
    many = getattr(headers, "getlist", None)
    if many is not None:
        return list(many(name))
    one = headers.get(name)
    return [one] if one else []


def _wanted(scope: Scope) -> str:
    return f"let us {'write to' if scope.push else 'read'} {scope.repository}" if scope.repository else "log in"
