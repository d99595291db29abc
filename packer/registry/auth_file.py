"""The files in which Docker and podman keep credentials.

Format: https://github.com/docker/cli/blob/master/cli/config/configfile/file.go and containers-auth.json(5).
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator, Mapping
from types import MappingProxyType

from msgspec import Struct

from packer.errors import ArchiveError, RegistryError
from packer.oci.document import Document
from packer.oci.reference import DEFAULT_REGISTRY
from packer.registry.credentials import Credential

__all__ = ["AuthFile", "auth_key", "without_credential", "with_credential"]

_HUB_KEY = "https://index.docker.io/v1/"
"""By which Docker keeps the credential of Docker Hub."""
_HUB_NAMES = frozenset({"index.docker.io", "registry-1.docker.io", "registry.hub.docker.com", "hub.docker.com"})


class AuthFile(Struct, frozen=True, kw_only=True):
    """What a file says, by `registry` or, in podman's way, by `registry/repository`.

    Attributes:
        credentials: those in the file itself.
        helpers: names of credential helpers for single registries.
        store: the name of the helper for all others; empty for none.
    """

    credentials: Mapping[str, Credential] = MappingProxyType({})
    helpers: Mapping[str, str] = MappingProxyType({})
    store: str = ""

    @classmethod
    def parse(cls, content: bytes, where: str) -> AuthFile:
        """Read a file. Raises `RegistryError` for one that is broken; its text is not shown."""
        try:
            document = Document.parse(content, "credentials file")
            auths = document.section("auths")
            entries = ((key, _credential(auths.section(key))) for key in auths.fields)
            return cls(
                credentials=MappingProxyType({_normal(key): found for key, found in entries if found}),
                helpers=MappingProxyType(
                    {_normal(key): name for key, name in document.text_map("credHelpers").items()}
                ),
                store=document.text("credsStore"),
            )
        except (ArchiveError, ValueError) as error:
            raise RegistryError("a file of credentials cannot be read", where=where, hint="correct it") from error

    def find(self, registry: str, repository: str) -> Credential | None:
        """The file's own credential for a repository: that of the longest name above it."""
        return next((self.credentials[name] for name in _names(registry, repository) if name in self.credentials), None)

    def helper(self, registry: str) -> str:
        """The helper for a registry; empty for none."""
        return self.helpers.get(registry) or self.store


def auth_key(registry: str) -> str:
    """The key of a registry's credential, in the file and for helpers."""
    return _HUB_KEY if registry == DEFAULT_REGISTRY else registry


def with_credential(content: bytes | None, registry: str, credential: Credential, where: str) -> bytes:
    """The file's text with a credential in place of the registry's others; everything else stays.

    Raises as `AuthFile.parse`.
    """
    fields = _fields(content, where)
    kept = _without(fields.get("auths"), registry)
    text = base64.b64encode(f"{credential.username}:{credential.secret}".encode()).decode("ascii")
    return _text({**fields, "auths": {**kept, auth_key(registry): {"auth": text}}})


def without_credential(content: bytes | None, registry: str, where: str) -> bytes | None:
    """The file's text without the credentials of a registry; None when there are none."""
    fields = _fields(content, where)
    kept = _without(fields.get("auths"), registry)
    return None if kept == (fields.get("auths") or {}) else _text({**fields, "auths": kept})


def _without(auths: object, registry: str) -> dict[str, object]:
    """The entries but those of a registry, under whichever of its names."""
    return {key: value for key, value in auths.items() if _normal(key) != registry} if isinstance(auths, dict) else {}


def _fields(content: bytes | None, where: str) -> dict[str, object]:
    if not content:
        return {}
    AuthFile.parse(content, where)
    return dict(json.loads(content))


def _text(fields: Mapping[str, object]) -> bytes:
    return json.dumps(fields, indent="\t", ensure_ascii=False).encode() + b"\n"


def _credential(entry: Document) -> Credential | None:
    """What an entry means; None for one that a helper fills."""
    if token := entry.text("registrytoken"):
        return Credential(username="", secret=token, kind="bearer")
    username, secret = entry.text("username"), entry.text("password")
    if auth := entry.text("auth"):
        username, _, secret = base64.b64decode(auth, validate=False).decode().rstrip("\0").partition(":")
    identity = entry.text("identitytoken")
    return Credential.of(username, secret, identity) if username or identity else None


def _normal(key: str) -> str:
    """A key without scheme and version, by the name that references use for Docker Hub.

    >>> _normal("https://index.docker.io/v1/"), _normal("https://ghcr.io"), _normal("quay.io/team")
    ('docker.io', 'ghcr.io', 'quay.io/team')
    """
    name = key.partition("://")[2] or key
    name = name.strip("/").removesuffix("/v1").removesuffix("/v2")
    host, slash, path = name.partition("/")
    host = DEFAULT_REGISTRY if host.lower() in _HUB_NAMES else host.lower()
    return f"{host}{slash}{path}"


def _names(registry: str, repository: str) -> Iterator[str]:
    """The names that a repository's credential may have, the longest first."""
    parts = [registry, *filter(None, repository.split("/"))]
    yield from ("/".join(parts[:size]) for size in range(len(parts), 0, -1))
