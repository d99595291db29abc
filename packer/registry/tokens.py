"""Authorization at one registry: basic or by token, got when asked for, kept as long as it holds.

Specification: https://github.com/distribution/distribution/blob/main/docs/content/spec/auth/token.md and oauth.md
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from urllib.parse import urlencode, urlsplit

from msgspec import DecodeError, Struct, json

from packer.errors import BuildError, RegistryError
from packer.registry.challenge import Challenge
from packer.registry.credentials import Found, Keychain
from packer.registry.endpoint import Endpoint, is_inner
from packer.registry.problem import problem
from packer.registry.scope import Scope
from packer.system.http import Body, Exchange, Request, Response
from packer.system.urls import redacted

__all__ = ["Authorizer"]

_LONGEST_ANSWER = 65_536
_DEFAULT_SECONDS = 60
"""How long a token holds that does not say so itself."""
_EARLY_SECONDS = 5
_CLIENT = "pack"


class _TokenAnswer(Struct, frozen=True):
    token: str | None = None
    access_token: str | None = None
    expires_in: float | None = None


class _Held(Struct, frozen=True):
    header: str
    until: float


class Authorizer:
    """Knows what to send as `Authorization`. Safe for several threads, which share what one of them got.

    Args:
        endpoint: the registry.
        keychain: has the credentials.
        exchange: asks token servers.
        clock: seconds, only ever growing.
        wall_clock: for a `Retry-After` that is a date.
    """

    def __init__(
        self,
        endpoint: Endpoint,
        keychain: Keychain,
        exchange: Exchange,
        *,
        clock: Callable[[], float] = time.monotonic,
        wall_clock: Callable[[], float] = time.time,
    ) -> None:
        self._endpoint = endpoint
        self._keychain = keychain
        self._exchange = exchange
        self._clock = clock
        self._wall_clock = wall_clock
        self._held: dict[Scope, _Held] = {}
        self._found: dict[str, Found | None] = {}
        self._lock = threading.Lock()

    def source(self, repository: str) -> str | None:
        """Where the credential for a repository came from, if there is one and it was needed."""
        found = self._found.get(repository)
        return found.source if found else None

    def header(self, scope: Scope) -> str | None:
        """What is known to be accepted; None to ask without."""
        held = self._held.get(scope)
        return held.header if held and self._clock() < held.until else None

    def renew(self, challenges: Sequence[Challenge], scope: Scope, *, refused: str | None, alone: bool = False) -> bool:
        """Get what the registry asks for; whether there is something new to try.

        Args:
            challenges: of its answer 401.
            scope: what is to be allowed.
            refused: the header that it did not accept; another thread may have got a better one already.
            alone: ask for the repository only: a token server that reads one scope may have read another's.

        Raises:
            RegistryError: the token server refuses, or its address is not to be trusted.
            TransientError: the token server does not answer.
        """
        with self._lock:
            known = self.header(scope)
            if known is not None and known != refused:
                return True
            held = self._answer(challenges, scope.alone if alone else scope)
            if held is None or held.header == refused:
                return False
            self._held[scope] = held
            return True

    def _answer(self, challenges: Sequence[Challenge], scope: Scope) -> _Held | None:
        found = self._credential(scope.repository)
        if found and found.credential.kind == "bearer":
            return _Held(f"Bearer {found.credential.secret}", float("inf"))
        for challenge in challenges:
            if challenge.scheme == "bearer" and challenge.parameters.get("realm"):
                return self._token(challenge, scope, found)
            if challenge.scheme == "basic" and found:
                return _Held(found.credential.basic, float("inf"))
        return None

    def _credential(self, repository: str) -> Found | None:
        if repository not in self._found:
            self._found[repository] = self._keychain.find(self._endpoint.registry, repository)
        return self._found[repository]

    def _token(self, challenge: Challenge, scope: Scope, found: Found | None) -> _Held:
        try:
            return self._ask(challenge, scope, found)
        except RegistryError:
            if not scope.sources:
                raise
            return self._ask(challenge, scope.alone, found)  # mounting is a favour: go on without it

    def _ask(self, challenge: Challenge, scope: Scope, found: Found | None) -> _Held:
        realm = challenge.parameters["realm"]
        self._check(realm)
        asked = scope.texts_for(challenge.parameters.get("scope", ""))
        service = challenge.parameters.get("service")
        if found and found.credential.kind == "identity":
            held = self._exchanged(realm, service, asked, found, scope)
            if held is not None:
                return held
        query = [*([("service", service)] if service else []), *(("scope", text) for text in asked)]
        if found and found.credential.kind == "password":
            query.append(("account", found.credential.username))
        url = f"{realm}{'&' if urlsplit(realm).query else '?'}{urlencode(query)}"
        headers = {"Authorization": found.credential.basic} if found else {}
        held = self._tried(Request(method="GET", url=url, headers=headers), scope, found)
        assert held is not None
        return held

    def _exchanged(
        self, realm: str, service: str | None, asked: tuple[str, ...], found: Found, scope: Scope
    ) -> _Held | None:
        """An access token for an identity token; None where the server does not know that way."""
        fields = {
            "grant_type": "refresh_token",
            "refresh_token": found.credential.secret,
            "client_id": _CLIENT,
            "service": service or "",
            "scope": " ".join(asked),
        }
        request = Request(
            method="POST",
            url=realm,
            headers={"Content-Type": "application/x-www-form-urlencoded"},
            body=Body.of(urlencode(fields).encode()),
        )
        return self._tried(request, scope, found, may_be_missing=True)

    def _tried(
        self, request: Request, scope: Scope, found: Found | None, *, may_be_missing: bool = False
    ) -> _Held | None:
        with self._exchange.send(request) as response:
            if response.status == 200:
                return self._read(response, request.url)
            if may_be_missing and response.status in (404, 405):
                return None
            raise problem(
                response,
                "give a token",
                request=request,
                registry=self._endpoint.registry,
                scope=scope,
                source=found.source if found else None,
                now=self._wall_clock(),
            )

    def _read(self, response: Response, url: str) -> _Held:
        try:
            answer = json.decode(response.read(_LONGEST_ANSWER), type=_TokenAnswer)
        except (DecodeError, BuildError, RecursionError) as error:
            raise RegistryError("a token server's answer cannot be read", where=redacted(url)) from error
        token = answer.token or answer.access_token
        if not token or not token.isascii() or not token.isprintable():
            raise RegistryError("a token server's answer has no token", where=redacted(url))
        seconds = max((answer.expires_in or _DEFAULT_SECONDS) - _EARLY_SECONDS, _EARLY_SECONDS)
        return _Held(f"Bearer {token}", self._clock() + seconds)

    def _check(self, realm: str) -> None:
        """Refuse to show a credential to whom a registry has no business to send us."""
        try:
            parts = urlsplit(realm)
            host = parts.hostname or ""
        except ValueError:
            parts, host = urlsplit(""), ""
        registry = urlsplit(self._endpoint.url)
        if parts.scheme not in ("http", "https") or not host:
            raise RegistryError("the registry names a token server that is no address", where=self._endpoint.url)
        if self._endpoint.is_encrypted and parts.scheme != "https":
            raise RegistryError("the registry wants credentials sent unencrypted", where=redacted(realm))
        if host != registry.hostname and is_inner(host) and not is_inner(registry.hostname or ""):
            what = "the registry sends us to a token server inside a private network"
            raise RegistryError(what, where=redacted(realm), hint="check the registry's configuration")
