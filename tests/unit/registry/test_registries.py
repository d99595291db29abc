"""Which way a registry is reached: TLS wherever there is some."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from packer.errors import PackError, TransientError, TrustError
from packer.registry.credentials import NoKeychain
from packer.registry.registries import Registries
from packer.system.http import Request, Response
from tests.testbed.registry import Registry, Step, once, running_registry
from tests.testbed.registry.certificates import Authority
from tests.testbed.registry.faults import DropConnection

from .conftest import Client


class Network:
    """A network on which only some kinds of addresses answer."""

    def __init__(self, errors: dict[str, PackError]) -> None:
        self._errors = errors
        self.asked: list[str] = []

    @contextmanager
    def send(self, request: Request) -> Iterator[Response]:
        self.asked.append(request.url)
        error = self._errors.get(request.url.partition(":")[0])
        if error:
            raise error
        yield None  # type: ignore[misc]


NO_TLS = {"https": TransientError("it hung up")}


def reached(network: Network, registry: str, *insecure: str) -> tuple[str, list[str]]:
    notes: list[str] = []
    found = Registries(network, NoKeychain(), insecure=frozenset(insecure), note=notes.append)
    return found.session(registry).endpoint.url, notes


def test_an_insecure_registry_is_reached_by_tls_where_it_has_some() -> None:
    network = Network({})
    assert reached(network, "r.example", "r.example") == ("https://r.example", [])


def test_an_insecure_registry_without_tls_is_told_of() -> None:
    url, notes = reached(Network(NO_TLS), "r.example", "r.example")
    assert url == "http://r.example"
    assert notes == ["r.example does not speak TLS: whoever is on the way reads what is sent, passwords too"]


def test_any_other_registry_is_never_reached_without_tls() -> None:
    network = Network(NO_TLS)
    assert reached(network, "r.example", "other.example") == ("https://r.example", [])
    assert network.asked == []


def test_this_machines_own_registry_is_reached_by_tls_where_it_wants_that(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    authority = Authority.create(tmp_path_factory.mktemp("authority") / "ca")
    with running_registry(tls=authority.identity().server_side()) as registry, pytest.raises(TrustError):
        Client().repository(registry).head_manifest("1")
    with running_registry() as registry:
        assert Client().repository(registry).session.endpoint.url == registry.url


def test_a_line_that_hangs_up_does_not_make_a_registry_one_that_wants_tls(client: Client, registry: Registry) -> None:
    registry.rules.add(once(DropConnection(), Step.MANIFEST_GET), once(DropConnection(), Step.PING))
    repository = client.repository(registry)
    assert repository.manifest("1") is None
    assert repository.session.endpoint.url == registry.url
