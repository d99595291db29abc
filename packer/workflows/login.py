"""Login and logout."""

from __future__ import annotations

from collections.abc import Mapping

from packer.errors import UsageError
from packer.registry.credentials import Credential, Found
from packer.registry.login import KeptAt, check_login, forget, keep
from packer.registry.registries import Registries

__all__ = ["log_in", "log_out"]


class _Given:
    """The one credential that is being tried."""

    def __init__(self, found: Found) -> None:
        self._found = found

    def find(self, registry: str, repository: str) -> Found:  # noqa: ARG002 - the port's signature
        return self._found


def log_in(registry: str, credential: Credential, *, registries: Registries, environment: Mapping[str, str]) -> KeptAt:
    """Try a credential, then keep it; where it is kept.

    Raises:
        UsageError: the user's name has a colon, which no registry can tell from the password's.
        RegistryError: the registry does not take it, or it cannot be kept.
        TransientError: the registry does not answer.
    """
    if ":" in credential.username:
        raise UsageError("a user's name has no colon", hint="the password is asked for, or read from standard input")
    check_login(registries.session(registry, keychain=_Given(Found(credential, "this login"))))
    return keep(registry, credential, environment)


def log_out(registry: str, environment: Mapping[str, str]) -> KeptAt | None:
    """Forget the credential of a registry; where it was, None when there was none."""
    return forget(registry, environment)
