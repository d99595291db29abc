"""What an HTTP client must know about a URL: its origin, the credentials in it, and how to print it."""

from __future__ import annotations

import base64
from urllib.parse import unquote, urlsplit, urlunsplit

__all__ = ["basic_authorization", "origin", "redacted", "without_userinfo"]

_DEFAULT_PORTS = {"http": 80, "https": 443}


def origin(url: str) -> tuple[str, str, int | None]:
    """Scheme, host and port: credentials for one origin are not shown to another (RFC 6454).

    >>> origin("https://Example.com/a") == origin("https://example.com:443/b")
    True
    """
    parts = urlsplit(url)
    return parts.scheme, (parts.hostname or "").lower(), _port(url) or _DEFAULT_PORTS.get(parts.scheme)


def without_userinfo(url: str) -> str:
    """The URL without `user:password@`.

    >>> without_userinfo("https://me:secret@example.com/simple?a=1")
    'https://example.com/simple?a=1'
    """
    parts = urlsplit(url)
    return urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2]))


def basic_authorization(url: str) -> dict[str, str]:
    """The header for the credentials that a URL carries; empty when it carries none.

    >>> basic_authorization("https://me:se%40cret@example.com/")
    {'Authorization': 'Basic bWU6c2VAY3JldA=='}
    """
    userinfo, at, _ = urlsplit(url).netloc.rpartition("@")
    if not at:
        return {}
    name, _, password = userinfo.partition(":")
    token = base64.b64encode(f"{unquote(name)}:{unquote(password)}".encode())
    return {"Authorization": f"Basic {token.decode('ascii')}"}


def redacted(url: str) -> str:
    """The URL as it may be shown: without credentials, query and fragment (signed addresses have secrets there).

    >>> redacted("https://me:secret@example.com/a.whl?X-Signature=abc")
    'https://example.com/a.whl?…'
    """
    try:
        parts = urlsplit(without_userinfo(url))
    except ValueError:
        return "(an address that cannot be read)"
    shown = urlunsplit(parts._replace(query="", fragment=""))
    return f"{shown}?…" if parts.query else shown


def _port(url: str) -> int | None:
    try:
        return urlsplit(url).port
    except ValueError:
        return None
