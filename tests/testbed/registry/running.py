"""Registries that run: the only module that a test needs beside the quirks."""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from .api import correct_registry
from .blobs import send_blob
from .contents import Contents
from .logins import BasicLogin, Login, TokenLogin, basic_guard, token_guard
from .profiles import Profile
from .routing import Step
from .rules import Rule, Rules
from .server import Server, running_server
from .tokens import TokenService
from .traffic import Traffic
from .wire import Answer, Handler, Request

__all__ = ["Registry", "running_blob_host", "running_registry", "running_token_service"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Registry:
    """A registry on loopback.

    Attributes:
        address: `127.0.0.1:port`, the first part of references.
        traffic: what passed through it; `token_traffic`: through its token service.
        contents: what it holds.
        rules: how it misbehaves; `token_rules`: its token service, at the step TOKEN.
        tokens: its token service, when it has one of its own.
    """

    address: str
    url: str
    traffic: Traffic
    token_traffic: Traffic
    contents: Contents
    rules: Rules
    token_rules: Rules
    tokens: TokenService | None


@contextmanager
def running_registry(
    *rules: Rule,
    profile: Profile | None = None,
    login: Login | None = None,
    tls: ssl.SSLContext | None = None,
    folder: Path | None = None,
) -> Iterator[Registry]:
    """Run a registry until the block ends.

    Args:
        rules: how it misbehaves, after what the profile says.
        profile: a vendor to be like.
        login: what it asks for, instead of what the profile says.
        tls: a server's side of an encrypted connection; see `certificates`.
        folder: where blobs are kept; None for memory.
    """
    profile = profile or Profile(name="correct")
    login = login if login is not None else profile.login
    contents, own_rules, token_rules = Contents(folder), Rules((*profile.rules, *rules)), Rules(profile.token_rules)
    handler = own_rules.around(correct_registry(contents, chunk_minimum=profile.chunk_minimum))
    with ExitStack() as stack:
        tokens, token_traffic = None, Traffic()
        if isinstance(login, TokenLogin):
            tokens = TokenService(login.terms)
            secure = None if login.plain_realm else tls
            service = stack.enter_context(running_token_service(tokens, token_rules, tls=secure))
            token_traffic = service.traffic
            handler = token_guard(login, login.realm or f"{service.url}/token", tokens, handler)
        elif isinstance(login, BasicLogin):
            handler = basic_guard(login, handler)
        server = stack.enter_context(running_server(handler, tls=tls))
        yield Registry(
            address=server.address,
            url=server.url,
            traffic=server.traffic,
            token_traffic=token_traffic,
            contents=contents,
            rules=own_rules,
            token_rules=token_rules,
            tokens=tokens,
        )


@contextmanager
def running_token_service(
    tokens: TokenService, rules: Rules | None = None, *, tls: ssl.SSLContext | None = None
) -> Iterator[Server]:
    """Run a token service until the block ends: `{url}/token` is the realm."""
    handler: Handler = (rules or Rules()).around(tokens.handle)
    with running_server(handler, tls=tls, step=Step.TOKEN) as server:
        yield server


@contextmanager
def running_blob_host(contents: Contents, *, tls: ssl.SSLContext | None = None) -> Iterator[Server]:
    """Run a store that blobs are redirected to, `{url}/{digest}`. Like real ones it refuses an Authorization field."""

    def handle(request: Request) -> Answer:
        if "authorization" in request.headers:
            return Answer.of(400, b"<Error><Code>InvalidArgument</Code></Error>", content_type="application/xml")
        digest = request.path.removeprefix("/")
        blob = contents.find_blob(digest)
        found = replace(request, route=replace(request.route, reference=digest))
        return send_blob(blob, found) if blob else Answer.of(404)

    with running_server(handle, tls=tls, step=Step.BLOB_GET) as server:
        yield server
