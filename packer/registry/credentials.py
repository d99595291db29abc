"""Who we are at a registry."""

from __future__ import annotations

import base64
from typing import Literal, Protocol

from msgspec import Struct

__all__ = ["Credential", "Found", "Keychain", "NoKeychain"]

_IDENTITY_USER = "<token>"
"""The user's name by which credential helpers say that the secret is an identity token."""
_NOBODY = "00000000-0000-0000-0000-000000000000"
"""Azure's user's name for the same."""


class Credential(Struct, frozen=True, kw_only=True):
    """A name and a secret. Its `repr` hides the secret.

    Attributes:
        username: may be empty for tokens.
        secret: a password; an identity (refresh) token, to be exchanged for access tokens; or a registry's own token.
        kind: which of them.
    """

    username: str
    secret: str
    kind: Literal["password", "identity", "bearer"] = "password"

    @classmethod
    def of(cls, username: str, secret: str, identity: str = "") -> Credential:
        """The credential that a store's fields mean."""
        if identity or username in (_IDENTITY_USER, _NOBODY):
            return cls(username=username, secret=identity or secret, kind="identity")
        return cls(username=username, secret=secret)

    @property
    def basic(self) -> str:
        """The value of an `Authorization` header."""
        return "Basic " + base64.b64encode(f"{self.username}:{self.secret}".encode()).decode("ascii")

    def __repr__(self) -> str:
        """Without the secret."""
        return f"Credential(username={self.username!r}, kind={self.kind!r})"


class Found(Struct, frozen=True):
    """A credential, and where it was found, in words for messages: `credential helper ecr-login`."""

    credential: Credential
    source: str


class Keychain(Protocol):
    """Credentials by registry and repository."""

    def find(self, registry: str, repository: str) -> Found | None:
        """The credential for a repository (`registry.example.com:5000`, `team/shop`); None to go without any.

        A repository that is empty asks for the registry's own.
        """
        ...


class NoKeychain:
    """Nobody's."""

    def find(self, registry: str, repository: str) -> None:
        """None."""
