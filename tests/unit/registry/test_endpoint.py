"""Where a registry is, what is this machine's own, and what scopes are asked for."""

from __future__ import annotations

import pytest

from packer.registry.endpoint import endpoint_of, is_inner, is_loopback
from packer.registry.scope import Scope


@pytest.mark.parametrize(
    ("registry", "url"),
    [
        ("docker.io", "https://registry-1.docker.io"),
        ("ghcr.io", "https://ghcr.io"),
        ("registry.example.com:5000", "https://registry.example.com:5000"),
        ("10.0.0.1:5000", "https://10.0.0.1:5000"),
        ("localhost", "http://localhost"),
        ("127.0.0.1:5000", "http://127.0.0.1:5000"),
        ("[::1]:5000", "http://[::1]:5000"),
        ("registry.localhost:80", "http://registry.localhost:80"),
        ("localhost.example.com", "https://localhost.example.com"),
        ("127.0.0.1.example.com", "https://127.0.0.1.example.com"),
    ],
)
def test_only_this_machines_own_are_asked_without_tls(registry: str, url: str) -> None:
    assert endpoint_of(registry).url == url


def test_a_registry_is_insecure_only_where_the_user_says_so() -> None:
    insecure = frozenset({"10.0.0.1:5000"})
    assert endpoint_of("10.0.0.1:5000", insecure=insecure).url == "http://10.0.0.1:5000"
    assert endpoint_of("10.0.0.1", insecure=insecure).is_encrypted


@pytest.mark.parametrize(
    "host",
    [
        *("127.0.0.1", "::1", "10.1.2.3", "192.168.0.1", "169.254.169.254", "fe80::1", "fd00::1", "100.64.0.1"),
        *("0.0.0.0", "::ffff:127.0.0.1", "2130706433", "0x7f000001", "127.1", "localhost", "a.localhost", "[::1]"),
    ],
)
def test_addresses_inside_a_network_are_known_in_any_spelling(host: str) -> None:
    assert is_inner(host)


@pytest.mark.parametrize("host", ["8.8.8.8", "2606:4700::1111", "registry.example.com", "10.example.com", "", "a b"])
def test_other_hosts_are_outside(host: str) -> None:
    assert not is_inner(host)


@pytest.mark.parametrize("host", ["", ":", "[", "[]", "]", "[::1", "1.2.3.4"])
def test_what_is_no_address_is_not_this_machine(host: str) -> None:
    assert not is_loopback(host)


def test_what_is_written_to_is_asked_for_first() -> None:
    scope = Scope("team/app", push=True, sources=("base", "other"))
    assert scope.texts == ("repository:team/app:pull,push", "repository:base:pull", "repository:other:pull")
    assert scope.alone.texts == scope.texts[:1]
    assert Scope("").texts == ()


@pytest.mark.parametrize(
    ("challenged", "more"),
    [
        ("repository:app:pull,push", ()),
        ("repository:app:push", ()),
        ("repository:app:delete", ("repository:app:delete",)),
        ("repository:app:pull,delete repository:app:pull,delete", ("repository:app:pull,delete",)),
        ("repository:other:pull,push", ()),
        ("registry:catalog:*", ()),
        ("", ()),
    ],
)
def test_a_challenge_adds_what_it_names_for_the_same_repository(challenged: str, more: tuple[str, ...]) -> None:
    assert Scope("app", push=True).texts_for(challenged) == ("repository:app:pull,push", *more)
    assert Scope("").texts_for(challenged) == tuple(challenged.split())
