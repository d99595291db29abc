"""Logging in and out: the credential is tried first, then kept where Docker keeps it."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from msgspec import Struct

from packer.errors import RegistryError
from packer.registry.auth_file import AuthFile, auth_key, with_credential, without_credential
from packer.registry.credential_helper import CredentialHelper
from packer.registry.credentials import Credential
from packer.registry.keychain import MAX_FILE_BYTES, docker_config_file
from packer.registry.scope import Scope
from packer.registry.session import Session
from packer.system.files import file_lock, read_regular, replacing

__all__ = ["KeptAt", "check_login", "forget", "keep"]


class KeptAt(Struct, frozen=True):
    """Where a credential is: with a helper, or, readable by whoever may read the file, in it."""

    place: str
    is_plain: bool


def check_login(session: Session) -> None:
    """Ask the registry for nothing but to be let in.

    Raises:
        RegistryError: it does not let us in.
        TransientError: it does not answer.
    """
    with session.request("GET", "/v2/", what="let us log in", expected=frozenset({200}), scope=Scope("")):
        pass


def keep(registry: str, credential: Credential, environment: Mapping[str, str]) -> KeptAt:
    """Keep a credential. Raises `RegistryError` when the helper or the file cannot take it."""
    path = docker_config_file(environment)
    helper = _helper(path, registry, environment)
    if helper is not None:
        helper.store(auth_key(registry), credential)
        return KeptAt(f"the credential helper {helper.name}", is_plain=False)
    with file_lock(path.with_name(".config.json.lock"), what="Docker's config.json"):
        content = read_regular(path, limit=MAX_FILE_BYTES)
        if content is None and path.exists():
            raise RegistryError("Docker's config.json cannot be read", where=str(path), hint="make it readable")
        _write(path, with_credential(content, registry, credential, str(path)))
    return KeptAt(str(path), is_plain=True)


def forget(registry: str, environment: Mapping[str, str]) -> KeptAt | None:
    """Forget a registry's credential, with the helper and in the file; where it was, None when there was none."""
    path = docker_config_file(environment)
    helper = _helper(path, registry, environment)
    erased = None
    if helper is not None and helper.get(auth_key(registry)):
        helper.erase(auth_key(registry))
        erased = KeptAt(f"the credential helper {helper.name}", is_plain=False)
    if not path.is_file():
        return erased
    with file_lock(path.with_name(".config.json.lock"), what="Docker's config.json"):
        content = without_credential(read_regular(path, limit=MAX_FILE_BYTES), registry, str(path))
        if content is None:
            return erased
        _write(path, content)
    return KeptAt(str(path), is_plain=True)


def _helper(path: Path, registry: str, environment: Mapping[str, str]) -> CredentialHelper | None:
    """The helper that the file names for a registry, whether it is installed or not."""
    content = read_regular(path, limit=MAX_FILE_BYTES)
    name = AuthFile.parse(content, str(path)).helper(registry) if content else ""
    return CredentialHelper(name=name, environment=environment) if name else None


def _write(path: Path, content: bytes) -> None:
    """The file's new text, for its owner's eyes only; the file that a link leads to, not the link."""
    with replacing(path.resolve(), durable=True) as stream:
        os.fchmod(stream.fileno(), 0o600)
        stream.write(content)
