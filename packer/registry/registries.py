"""All registries of one run: a session for each, made when it is first needed."""

from __future__ import annotations

import threading
from collections.abc import Callable

from packer.errors import PackError
from packer.oci.reference import Reference
from packer.registry.credentials import Keychain
from packer.registry.endpoint import Endpoint, endpoint_of
from packer.registry.patience import Patience
from packer.registry.repository import Repository
from packer.registry.session import Session
from packer.registry.tokens import Authorizer
from packer.system.http import Exchange, Request

__all__ = ["Registries"]


class Registries:
    """Sessions by registry. Safe for several threads.

    Args:
        exchange: the network.
        keychain: the credentials.
        insecure: registries that the user allows to speak without TLS, or with a certificate that does not hold.
        note: tells the user of long pauses.
    """

    def __init__(
        self, exchange: Exchange, keychain: Keychain, *, insecure: frozenset[str], note: Callable[[str], None]
    ) -> None:
        self._exchange = exchange
        self._keychain = keychain
        self._insecure = insecure
        self._patience = Patience(note=note)
        self._sessions: dict[str, Session] = {}
        self._lock = threading.Lock()

    def session(self, registry: str, *, keychain: Keychain | None = None) -> Session:
        """The session for a registry; with a keychain of its own it is a new one."""
        if keychain is not None:
            return self._new(registry, keychain)
        with self._lock:
            if registry not in self._sessions:
                self._sessions[registry] = self._new(registry, self._keychain)
            return self._sessions[registry]

    def repository(self, reference: Reference, *, push: bool = False) -> Repository:
        """The repository that a reference names."""
        return Repository(self.session(reference.registry), reference.repository, push=push)

    def _new(self, registry: str, keychain: Keychain) -> Session:
        endpoint = self._endpoint(registry)
        authorizer = Authorizer(endpoint, keychain, self._exchange)
        return Session(endpoint, authorizer, self._exchange, patience=self._patience)

    def _endpoint(self, registry: str) -> Endpoint:
        """TLS wherever there is some, even for a registry that may do without."""
        endpoint = endpoint_of(registry)
        if registry not in self._insecure or not endpoint.is_encrypted:
            return endpoint
        try:
            with self._exchange.send(Request(method="GET", url=f"{endpoint.url}/v2/")):
                return endpoint
        except PackError:
            return endpoint_of(registry, insecure=self._insecure)
