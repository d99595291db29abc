"""A token service: who may do what, for how long.

Specification: https://distribution.github.io/distribution/spec/auth/token/ and …/oauth/
"""

from __future__ import annotations

import base64
import binascii
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import Enum
from itertools import count
from typing import Any
from urllib.parse import parse_qsl

from .access import Account, Scope, parse_scope
from .manifests import read_body
from .wire import Answer, Refusal, Request

__all__ = ["Grant", "ScopeReading", "TokenService", "TokenTerms", "credentials"]

_FORM_LIMIT = 65_536


class ScopeReading(Enum):
    """Which of several `scope` parameters a service reads."""

    ALL = "all"
    FIRST = "first"
    LAST = "last"


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenTerms:
    """How a token service works.

    Attributes:
        anonymous_pull: whether somebody without a name gets a token to pull.
        lifetime: of a token, in seconds; `stated` says whether the answer tells.
        uses: for how many requests a token is good; None for any number.
        key: the answer's member with the token, `token` or `access_token`.
        takes_post: whether refresh tokens can be exchanged.
    """

    accounts: tuple[Account, ...] = (Account(),)
    anonymous_pull: bool = True
    lifetime: int = 300
    stated: bool = True
    uses: int | None = None
    key: str = "token"
    scopes: ScopeReading = ScopeReading.ALL
    takes_post: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """What a token is good for."""

    subject: str
    service: str
    scopes: tuple[Scope, ...]
    issued: float
    expires: float


@dataclass(slots=True)
class TokenService:
    """Gives tokens and knows what those it gave are good for. `mint` makes the text of a token."""

    terms: TokenTerms = field(default_factory=TokenTerms)
    mint: Callable[[Grant], str] | None = None
    clock: Callable[[], float] = time.time
    _grants: dict[str, tuple[Grant, list[int]]] = field(default_factory=dict)
    _numbers: count[int] = field(default_factory=lambda: count(1))
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def handle(self, request: Request) -> Answer:
        """GET with name and password or nobody's, POST with a form."""
        try:
            if request.method == "GET":
                return self._get(request)
            if request.method == "POST" and self.terms.takes_post:
                return self._post(request)
        except Refusal as refusal:
            return refusal.answer
        return Answer.of(404, b"404 page not found\n", content_type="text/plain")

    def grant(self, token: str) -> Grant | None:
        """What a token is good for now. A question counts as a use."""
        with self._lock:
            grant, uses = self._grants.get(token, (None, [0]))
            uses[0] += 1
            if grant is None or grant.expires <= self.clock():
                return None
            return None if self.terms.uses is not None and uses[0] > self.terms.uses else grant

    def revoke_all(self) -> None:
        """No token that was given is good any more."""
        with self._lock:
            self._grants.clear()

    def _get(self, request: Request) -> Answer:
        account = None
        if "authorization" in request.headers:
            account = self._account(*credentials(request.headers))
        scopes = [value for name, value in request.query if name == "scope"]
        return self._issue(account, request.asked("service") or "", scopes)

    def _post(self, request: Request) -> Answer:
        form = dict(parse_qsl(read_body(request, _FORM_LIMIT).decode("utf-8", "replace")))
        if not form.get("client_id"):
            raise Refusal(400, "DENIED", "client_id is missing")
        account: Account | None
        if form.get("grant_type") == "refresh_token":
            found = [item for item in self.terms.accounts if item.refresh_token == form.get("refresh_token", "")]
            account = found[0] if found else None
        else:
            account = self._account(form.get("username", ""), form.get("password", ""))
        if account is None:
            raise Refusal(401, "UNAUTHORIZED", "the refresh token is not known")
        return self._issue(account, form.get("service", ""), form.get("scope", "").split(), by_post=True)

    def _account(self, name: str, password: str) -> Account:
        for account in self.terms.accounts:
            if (account.name, account.password) == (name, password):
                return account
        raise Refusal(401, "UNAUTHORIZED", "incorrect username or password")

    def _issue(self, account: Account | None, service: str, texts: list[str], *, by_post: bool = False) -> Answer:
        wanted = [scope for text in self._read(texts) for part in text.split() if (scope := parse_scope(part))]
        now = self.clock()
        grant = Grant(
            subject=account.name if account else "",
            service=service,
            scopes=tuple(self._granted(account, scope) for scope in wanted),
            issued=now,
            expires=now + self.terms.lifetime,
        )
        with self._lock:
            token = self.mint(grant) if self.mint else f"testbed-token-{next(self._numbers)}"
            self._grants[token] = (grant, [0])
        answer: dict[str, Any] = {"access_token" if by_post else self.terms.key: token}
        if self.terms.stated:
            answer["expires_in"] = self.terms.lifetime
        if by_post and account and account.refresh_token:
            answer["refresh_token"] = account.refresh_token
        return Answer.json(200, answer)

    def _read(self, texts: list[str]) -> list[str]:
        if self.terms.scopes is ScopeReading.FIRST:
            return texts[:1]
        return texts[-1:] if self.terms.scopes is ScopeReading.LAST else texts

    def _granted(self, account: Account | None, scope: Scope) -> Scope:
        if account:
            return account.granted(scope)
        return Scope(scope.repository, scope.actions & {"pull"} if self.terms.anonymous_pull else frozenset())


def credentials(headers: Mapping[str, str]) -> tuple[str, str]:
    """Name and password of a Basic Authorization field; empty when there are none that can be read."""
    scheme, _, word = headers.get("authorization", "").partition(" ")
    if scheme.lower() != "basic":
        return "", ""
    try:
        name, _, password = base64.b64decode(word, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return "", ""
    return name, password
