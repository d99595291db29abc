"""pack's own client for a registry of the tests."""

from __future__ import annotations

from collections.abc import Callable

from packer.oci.reference import Reference
from packer.registry.credentials import Keychain, NoKeychain
from packer.registry.registries import Registries
from packer.registry.repository import Repository
from packer.system.urllib_http import UrllibHttp
from tests.testbed.registry import Registry

__all__ = ["client", "client_of"]


def client(*, keychain: Keychain | None = None, note: Callable[[str], object] = lambda text: None) -> Registries:
    """Any registry on loopback."""
    return Registries(UrllibHttp({}), keychain or NoKeychain(), insecure=frozenset(), note=note)


def client_of(registry: Registry, name: str, *, delete: bool = False, keychain: Keychain | None = None) -> Repository:
    """A repository, to be written to."""
    reference = Reference.parse(f"{registry.address}/{name}")
    return client(keychain=keychain).repository(reference, push=True, delete=delete)
