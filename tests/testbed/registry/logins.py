"""What a registry asks of those who come: nothing, a password, or a token."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from .access import Account, needed_scopes
from .tokens import TokenService, TokenTerms, credentials
from .wire import Answer, Handler, Request

__all__ = ["BasicLogin", "Login", "NoLogin", "TokenLogin", "basic_guard", "token_guard"]


@dataclass(frozen=True, slots=True)
class NoLogin:
    """Everybody may do everything."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BasicLogin:
    """Name and password with every request."""

    accounts: tuple[Account, ...] = (Account(),)
    realm: str = "testbed"


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenLogin:
    """A token of a service on another port with every request.

    Attributes:
        service: the name that the challenge gives; None leaves it out.
        mount_needs_both: a mount without the right to pull its source is a 401, not an upload.
        before: challenges that stand before ours, in the same header field.
        beside: challenges in header fields of their own, before ours.
        plain_realm: the token service is not encrypted even when the registry is.
        realm: another token service than the testbed's own.
    """

    terms: TokenTerms = field(default_factory=TokenTerms)
    service: str | None = "registry.testbed"
    mount_needs_both: bool = False
    before: tuple[str, ...] = ()
    beside: tuple[str, ...] = ()
    plain_realm: bool = False
    realm: str | None = None


Login = NoLogin | BasicLogin | TokenLogin


def basic_guard(login: BasicLogin, handler: Handler) -> Handler:
    """The handler, for those with a password."""
    known = {(account.name, account.password): account for account in login.accounts}

    def handle(request: Request) -> Answer:
        account = known.get(credentials(request.headers))
        if account is None:
            answer = Answer.error(401, "UNAUTHORIZED", "authentication required")
            return answer.having("WWW-Authenticate", f'Basic realm="{login.realm}"')
        if any(not account.granted(scope).covers(scope) for scope in needed_scopes(request)):
            return Answer.error(403, "DENIED", "requested access to the resource is denied")
        return handler(request)

    return handle


def token_guard(login: TokenLogin, realm: str, tokens: TokenService, handler: Handler) -> Handler:
    """The handler, for those with a token that is good for what they ask."""

    def handle(request: Request) -> Answer:
        needed = needed_scopes(request, mount_needs_both=login.mount_needs_both)
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        grant = tokens.grant(token) if scheme.lower() == "bearer" else None
        if grant and all(any(has.covers(scope) for has in grant.scopes) for scope in needed):
            return handler(request)
        fields = {"realm": realm, "service": login.service, "scope": " ".join(map(str, needed)) or None}
        if token:
            fields["error"] = "insufficient_scope" if grant else "invalid_token"
        ours = "Bearer " + ",".join(f'{name}="{value}"' for name, value in fields.items() if value is not None)
        challenges = (*login.beside, ", ".join((*login.before, ours)))
        answer = Answer.error(401, "UNAUTHORIZED", "authentication required")
        return replace(answer, headers=(*answer.headers, *(("WWW-Authenticate", text) for text in challenges)))

    return handle
