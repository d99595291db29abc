"""What is said of mirrors, indexes, registries and clocks, asked on loopback."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from packer.oci.descriptor import MEDIA_TYPE_INDEX
from packer.oci.reference import Reference
from packer.plan.finding import Finding
from packer.registry.credentials import Credential, Found, Keychain, NoKeychain
from packer.registry.patience import Patience
from packer.registry.registries import Registries
from packer.system.http import RetryPolicy
from packer.system.urllib_http import UrllibHttp
from packer.workflows.doctor.base_image import base_is_there
from packer.workflows.doctor.credentials import registry_lets_us_in
from packer.workflows.doctor.network import (
    Heard,
    clock_agrees,
    hear,
    index_answers,
    mirror_answers,
    server_time,
)
from tests.testbed.registry import Account, BasicLogin, Step, running_registry
from tests.testbed.registry.server import running_server
from tests.testbed.registry.wire import Answer, Request

NETWORK = UrllibHttp({}, connect_timeout=5, read_timeout=5)


@contextmanager
def server(status: int = 200, **fields: str) -> Iterator[tuple[str, list[Request]]]:
    asked: list[Request] = []

    def handle(request: Request) -> Answer:
        asked.append(request)
        return Answer.of(status, b"", **fields)

    with running_server(handle, step=Step.PING) as running:
        yield running.url, asked


@pytest.fixture
def nobody() -> str:
    """An address where nobody listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{probe.getsockname()[1]}"


def mirror(*addresses: str, needed: bool = True) -> Finding:
    return mirror_answers(NETWORK, addresses, "trixie", needed=needed, told=lambda _: None)


def test_a_mirror_is_asked_for_the_head_of_the_release() -> None:
    with server() as (url, asked):
        assert mirror(f"{url}/debian").state == "ok"

    assert [(one.method, one.path) for one in asked] == [("HEAD", "/debian/dists/trixie/InRelease")]


def test_one_mirror_of_several_is_enough(nobody: str) -> None:
    with server() as (url, _):
        assert mirror(nobody, url).state == "ok"


def test_a_mirror_that_is_away_is_broken_only_where_the_base_comes_from_it(nobody: str) -> None:
    assert mirror(nobody).state == "broken"
    assert mirror(nobody, needed=False).state == "warning"
    with server(404) as (url, _):
        assert mirror(url).what == f"{url} answers 404 for trixie"


def test_a_mirror_on_this_machine_is_looked_at(tmp_path: Path) -> None:
    (tmp_path / "dists/trixie").mkdir(parents=True)
    (tmp_path / "dists/trixie/InRelease").touch()

    assert mirror(f"file://{tmp_path}").state == "ok"
    assert mirror(f"file://{tmp_path}/none").state == "broken"


@pytest.mark.parametrize(
    ("status", "state"), [(200, "ok"), (301, "ok"), (404, "ok"), (401, "broken"), (407, "broken"), (503, "broken")]
)
def test_an_index_answers_or_says_why_not(status: int, state: str) -> None:
    with server(status) as (url, asked):
        found = index_answers(NETWORK, f"{url}/simple/", headers={"Authorization": "Basic x"})

    assert found.state == state
    assert asked[0].path == "/simple/pip/"
    assert asked[0].headers["authorization"] == "Basic x"


def test_the_password_in_an_indexs_address_is_not_shown(nobody: str) -> None:
    secret = nobody.replace("//", "//me:countess@")

    assert "countess" not in str(index_answers(NETWORK, secret, headers={}))


def test_an_index_may_be_a_folder(tmp_path: Path) -> None:
    assert index_answers(NETWORK, str(tmp_path), headers={}).state == "ok"
    assert index_answers(NETWORK, f"file://{tmp_path}/none", headers={}).state == "broken"


def test_a_servers_clock_is_heard_and_a_caches_age_added() -> None:
    date = {"date": "Wed, 25 Nov 2026 03:00:00 GMT"}

    assert server_time(date) == 1795575600.0
    assert server_time({**date, "age": "90"}) == 1795575690.0
    assert server_time({**date, "age": "old"}) == 1795575600.0
    assert server_time({"date": "yesterday"}) is None
    assert server_time({}) is None
    with server(200, date=date["date"]) as (url, _):
        assert hear(NETWORK, url).date == 1795575600.0


@pytest.mark.parametrize(
    ("skew", "state"), [(59, "ok"), (60, "warning"), (-299, "warning"), (300, "broken"), (-90000, "broken")]
)
def test_how_far_a_clock_may_be_off(skew: float, state: str) -> None:
    found = clock_agrees([Heard(place="http://mirror.test/x", status=200, date=1e9)], 1e9 + skew)

    assert found is not None
    assert found.state == state
    assert "mirror.test" in found.what


def test_a_clock_is_off_only_if_no_server_agrees_with_it() -> None:
    heard = [
        Heard(place="http://stale.test/", status=200, date=0.0),
        Heard(place="http://b.test/", status=200, date=9.0),
    ]

    found = clock_agrees(heard, 10.0)
    assert found is not None
    assert found.what == "it agrees with b.test"
    assert clock_agrees([Heard(place="x", status=200, date=None)], 10.0) is None


class Purse:
    """One credential for everything."""

    def __init__(self, secret: str) -> None:
        self._found = Found(Credential(username=Account().name, secret=secret), "the test's purse")

    def find(self, registry: str, repository: str) -> Found:
        return self._found


def registries(keychain: Keychain) -> Registries:
    once = Patience(policy=RetryPolicy(attempts=1, unreachable_attempts=1))
    return Registries(NETWORK, keychain, insecure=frozenset(), note=lambda _: None, patience=once)


def asked(image: str | None, keychain: Keychain, told: Callable[[Heard], object] = lambda _: None) -> Finding:
    return registry_lets_us_in(image, registries=registries(keychain), keychain=keychain, told=told)


def test_a_credential_is_shown_to_the_registry_and_its_source_to_the_user() -> None:
    heard: list[Heard] = []
    with running_registry(login=BasicLogin()) as registry:
        good = asked(f"{registry.address}/team/shop", Purse(Account().password), heard.append)
        bad = asked(f"{registry.address}/team/shop", Purse("mistyped"))
        none = asked(f"{registry.address}/team/shop", NoKeychain())

    assert good.state == "ok"
    assert good.what == f"it lets us in as {Account().name}, from the test's purse"
    assert [one.status for one in heard] == [200]
    assert bad.state == "broken"
    assert "the test's purse" in bad.what
    assert none.state == "warning"
    assert Account().password not in f"{good}{bad}{none}"
    assert "mistyped" not in str(bad)


def test_a_registry_that_takes_anybody_still_wants_to_know_who_pushes() -> None:
    with running_registry() as registry:
        found = asked(f"{registry.address}/team/shop", NoKeychain())

    assert (found.state, found.fix) == ("warning", f"pack login {registry.address}")


def test_a_registry_that_is_away_is_no_obstacle_to_a_stack(nobody: str) -> None:
    assert asked(f"{nobody.removeprefix('http://')}/shop", NoKeychain()).state == "warning"
    assert asked(None, NoKeychain()).state == "ok"
    assert registry_lets_us_in("r.test/x", registries=None, keychain=NoKeychain(), told=print).state == "ok"


def test_a_base_of_a_registry_is_looked_for(nobody: str) -> None:
    with running_registry() as registry:
        place = registries(NoKeychain()).repository(Reference.parse(f"{registry.address}/python"), push=True)
        place.put_manifest("3.13", MEDIA_TYPE_INDEX, b'{"schemaVersion": 2, "manifests": []}')
        there = base_is_there(f"{registry.address}/python:3.13", registries(NoKeychain()))
        missing = base_is_there(f"{registry.address}/python:3.12", registries(NoKeychain()))
    with running_registry(login=BasicLogin()) as registry:
        refused = base_is_there(f"{registry.address}/python:3.13", registries(NoKeychain()))
    away = base_is_there(f"{nobody.removeprefix('http://')}/python:3.13", registries(NoKeychain()))

    assert [one.state for one in (there, missing, refused, away)] == ["ok", "broken", "broken", "warning"]
    assert base_is_there("python:3.13", None).state == "ok"
