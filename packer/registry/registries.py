"""All registries of one run: a session for each, made when it is first needed."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from functools import partial
from types import MappingProxyType
from typing import TypeVar

from msgspec.structs import replace

from packer.errors import PackError, TrustError
from packer.oci.reference import Reference
from packer.registry.credentials import Keychain
from packer.registry.endpoint import Endpoint, encrypted, endpoint_of
from packer.registry.patience import Patience
from packer.registry.repository import Repository
from packer.registry.session import Session
from packer.registry.tokens import Authorizer
from packer.system.http import Exchange, Request
from packer.system.transport import DisconnectedError, UnencryptedError

__all__ = ["Registries"]

ResultT = TypeVar("ResultT")


class Registries:
    """Sessions by registry. Safe for several threads.

    Args:
        exchange: the network.
        keychain: the credentials.
        insecure: registries that the user allows to speak without TLS, or with a certificate that does not hold.
        note: tells the user of long pauses, mirrors that fail, and what is not encrypted.
        mirrors: by registry, others that have what it has, as `host[:port][/prefix]`; for reading only.
        patience: when to try again.
    """

    def __init__(
        self,
        exchange: Exchange,
        keychain: Keychain,
        *,
        insecure: frozenset[str],
        note: Callable[[str], None],
        mirrors: Mapping[str, tuple[str, ...]] = MappingProxyType({}),
        patience: Patience | None = None,
    ) -> None:
        self._exchange = exchange
        self._keychain = keychain
        self._insecure = insecure
        self._note = note
        self._mirrors = mirrors
        self._patience = patience or Patience(note=note)
        self._sessions: dict[str, Session] = {}
        self._mirror_sessions: dict[str, Session] = {}
        self._lock = threading.Lock()

    def session(self, registry: str, *, keychain: Keychain | None = None) -> Session:
        """The session for a registry; with a keychain of its own it is a new one."""
        if keychain is not None:
            return self._new(registry, keychain)
        with self._lock:
            if registry not in self._sessions:
                self._sessions[registry] = self._new(registry, self._keychain)
            return self._sessions[registry]

    def repository(self, reference: Reference, *, push: bool = False, delete: bool = False) -> Repository:
        """The repository that a reference names; arguments as for a `Repository`."""
        return Repository(self.session(reference.registry), reference.repository, push=push, delete=delete)

    def read(
        self, reference: Reference, once: Callable[[Repository], ResultT], *, first: Reference | None = None
    ) -> ResultT:
        """What `once` gives for the repository that a reference names, or rather for its first mirror that can.

        A mirror that fails is told of and passed over, whatever its trouble; raises what `once` does for the registry.

        Args:
            reference: the repository.
            once: reads something of it.
            first: which of the mirrors is asked before the others; the registry's own repository for none of them.
        """
        mirrors = self._mirrors.get(reference.registry, ()) if first is None or first.name != reference.name else ()
        names = {mirror: f"{mirror}/{reference.repository}" for mirror in mirrors}
        for mirror in sorted(mirrors, key=lambda one: first is None or names[one] != first.name):
            found = self._read_mirror(mirror, names[mirror], once)
            if found is not None:
                return found[0]
        return once(self.repository(reference))

    def _read_mirror(self, mirror: str, name: str, once: Callable[[Repository], ResultT]) -> tuple[ResultT] | None:
        """What `once` gives for a mirror; None when it fails."""
        try:
            place = Reference.parse(name)
            return (once(Repository(self._mirror_session(place.registry), place.repository)),)
        except PackError as error:
            self._note(f"the mirror {mirror} is passed over: {error.what}")
            return None

    def _mirror_session(self, registry: str) -> Session:
        """The session for a registry as a mirror, which has less time than one that is named."""
        policy = replace(self._patience.policy, attempts=2, unreachable_attempts=1)
        with self._lock:
            if registry not in self._mirror_sessions:
                patience = replace(self._patience, policy=policy)
                self._mirror_sessions[registry] = self._new(registry, self._keychain, patience=patience)
            return self._mirror_sessions[registry]

    def _new(self, registry: str, keychain: Keychain, *, patience: Patience | None = None) -> Session:
        endpoint = self._endpoint(registry)
        authorizer = Authorizer(endpoint, keychain, self._exchange)
        reconsidered = None if endpoint.is_encrypted else partial(self._reconsidered, endpoint)
        return Session(
            endpoint, authorizer, self._exchange, patience=patience or self._patience, encrypted=reconsidered
        )

    def _endpoint(self, registry: str) -> Endpoint:
        """TLS wherever there is some, even for a registry that may do without."""
        endpoint = endpoint_of(registry)
        if not endpoint.is_encrypted or registry not in self._insecure:
            return endpoint
        try:
            with self._exchange.send(Request(method="GET", url=f"{endpoint.url}/v2/")):
                return endpoint
        except PackError:
            self._note(f"{registry} does not speak TLS: whoever is on the way reads what is sent, passwords too")
            return endpoint_of(registry, insecure=self._insecure)

    def _reconsidered(self, endpoint: Endpoint) -> Endpoint | None:
        """The endpoint with TLS, where a registry of this machine wants it."""
        return encrypted(endpoint) if self._wants_tls(endpoint) else None

    def _wants_tls(self, endpoint: Endpoint) -> bool:
        """Whether a registry of this machine refuses to speak without TLS: servers answer 400, or hang up.

        A bad line hangs up, too, so that it has to be seen that there is TLS.
        """
        try:
            with self._exchange.send(Request(method="GET", url=f"{endpoint.url}/v2/")) as response:
                is_refused = response.status == 400
        except DisconnectedError:
            is_refused = True
        except PackError:
            is_refused = False
        return is_refused and self._speaks_tls(encrypted(endpoint))

    def _speaks_tls(self, endpoint: Endpoint) -> bool:
        """Whether there is TLS, whatever its certificate is worth."""
        try:
            with self._exchange.send(Request(method="GET", url=f"{endpoint.url}/v2/")):
                return True
        except PackError as error:
            return isinstance(error, TrustError) and not isinstance(error, UnencryptedError)
