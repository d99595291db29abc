"""Requests: tried again where that may help, redirected without showing credentials."""

from __future__ import annotations

import pytest

from packer.errors import RegistryError, TransientError
from packer.oci.descriptor import Descriptor
from packer.oci.digest import Digest
from packer.registry.credentials import NoKeychain
from packer.registry.endpoint import Endpoint
from packer.registry.session import Session
from packer.registry.tokens import Authorizer
from packer.system.urllib_http import UrllibHttp
from tests.testbed.registry import (
    BasicLogin,
    Registry,
    Step,
    TokenLogin,
    always,
    once,
    running_blob_host,
    running_registry,
)
from tests.testbed.registry.faults import AnswerStatus, AnswerText, DropConnection, EndlessAnswer, RedirectTo
from tests.testbed.registry.raw_client import RawClient

from .conftest import Client, ada

BLOB = b"0123456789" * 100


def a_blob(registry: Registry, authorization: str | None = None) -> Descriptor:
    with RawClient(registry.url, authorization=authorization) as raw:
        return Descriptor(media_type="x", digest=Digest.parse(raw.push_blob("team/app", BLOB)), size=len(BLOB))


@pytest.mark.parametrize("status", [408, 429, 499, 500, 502, 503, 504, 522])
def test_what_may_pass_is_tried_again_with_growing_pauses(status: int, client: Client, registry: Registry) -> None:
    registry.rules.add(once(AnswerStatus(status=status), Step.MANIFEST_HEAD, times=3))
    assert client.repository(registry).head_manifest("1") is None
    assert client.pauses == [1.0, 2.0, 4.0]
    assert len(client.notes) == 2
    assert f"{registry.address} cannot look up team/app:1 now" in client.notes[0]
    assert client.notes[0].endswith("trying again in 2 s")


@pytest.mark.parametrize("status", [400, 401, 405, 409, 416, 501])
def test_what_will_not_pass_is_not_tried_again(status: int, client: Client, registry: Registry) -> None:
    registry.rules.add(always(AnswerStatus(status=status), Step.MANIFEST_HEAD))
    with pytest.raises(RegistryError):
        client.repository(registry).head_manifest("1")
    assert client.pauses == []


def test_it_ends_after_some_attempts(client: Client, registry: Registry) -> None:
    registry.rules.add(always(AnswerStatus(status=503, message="down for repairs"), Step.MANIFEST_GET))
    with pytest.raises(TransientError, match="down for repairs"):
        client.repository(registry).manifest("1")
    assert client.pauses == [1.0, 2.0, 4.0, 8.0, 16.0, 32.0]


def test_a_dropped_connection_is_tried_again(client: Client, registry: Registry) -> None:
    registry.rules.add(once(DropConnection(), Step.MANIFEST_GET, times=2))
    assert client.repository(registry).manifest("1") is None
    assert client.pauses == [1.0, 2.0]


def test_a_host_that_is_not_there_is_not_tried_for_long(client: Client) -> None:
    with running_registry() as registry:
        pass
    with pytest.raises(TransientError, match=r"no connection to 127\.0\.0\.1") as caught:
        client.repository(registry).manifest("1")
    assert client.pauses == [1.0, 2.0]
    asked = f"GET {registry.url}/v2/team/app/manifests/1 (repository:team/app:pull,push, without a credential)"
    assert caught.value.where == asked


@pytest.mark.parametrize(
    ("asked", "pause"),
    [("7", 7.0), ("0", 0.0), ("86400", 60.0), ("Thu, 01 Jan 1970 00:00:30 GMT", 30.0), ("soon", 1.0)],
)
def test_retry_after_is_obeyed_up_to_a_cap_and_shown(
    asked: str, pause: float, client: Client, registry: Registry
) -> None:
    registry.rules.add(
        once(AnswerStatus(status=429, code="TOOMANYREQUESTS", message="slow", retry_after=asked), Step.MANIFEST_GET)
    )
    client.repository(registry).manifest("1")
    assert client.pauses == [pause]
    assert client.notes == (
        [f"{registry.address} cannot give team/app:1 now: slow; trying again in {pause:.0f} s"] if pause > 2 else []
    )


def test_a_rate_limit_that_lasts_says_what_to_do(client: Client, registry: Registry) -> None:
    registry.rules.add(
        always(
            AnswerStatus(status=429, code="TOOMANYREQUESTS", message="You have reached your pull rate limit."),
            Step.MANIFEST_GET,
        )
    )
    with pytest.raises(TransientError, match="pull rate limit") as caught:
        client.repository(registry).manifest("1")
    assert caught.value.hint == "it limits requests: log in, or try again later"


def test_another_host_does_not_see_the_credential() -> None:
    with running_registry(login=BasicLogin()) as registry, running_blob_host(registry.contents) as host:
        blob = a_blob(registry, ada().credential.basic)
        registry.rules.add(always(RedirectTo(location=f"{host.url}/{{reference}}"), Step.BLOB_GET))
        assert b"".join(Client(ada()).repository(registry).blob(blob)) == BLOB
        assert [one.authorization for one in host.traffic.exchanges] == [None]


def test_another_host_may_not_ask_for_a_credential() -> None:
    with running_registry(login=TokenLogin()) as evil, running_registry(login=BasicLogin()) as registry:
        blob = a_blob(registry, ada().credential.basic)
        registry.rules.add(always(RedirectTo(location=f"{evil.url}/v2/team/app/blobs/{{reference}}"), Step.BLOB_GET))
        with pytest.raises(RegistryError, match="authentication required"):
            b"".join(Client(ada()).repository(registry).blob(blob))
        assert evil.token_traffic.exchanges == ()
        assert all(one.authorization is None for one in evil.traffic.exchanges)


def test_a_redirect_inside_the_registry_keeps_the_credential() -> None:
    with running_registry(login=BasicLogin()) as registry:
        blob = a_blob(registry, ada().credential.basic)
        registry.rules.add(once(RedirectTo(location="{path}?again"), Step.BLOB_GET))
        assert b"".join(Client(ada()).repository(registry).blob(blob)) == BLOB


def test_redirects_without_end_are_an_error(client: Client, registry: Registry) -> None:
    registry.rules.add(always(RedirectTo(location="{path}"), Step.MANIFEST_GET))
    with pytest.raises(RegistryError, match="redirects without end"):
        client.repository(registry).manifest("1")


@pytest.mark.parametrize("location", ["ftp://example.com/a", "http://[", "https:///a", "file:///etc/passwd"])
def test_a_redirect_to_nowhere_is_an_error(location: str, client: Client, registry: Registry) -> None:
    registry.rules.add(always(RedirectTo(location=location), Step.MANIFEST_GET))
    with pytest.raises(RegistryError, match="no address"):
        client.repository(registry).manifest("1")


def session(url: str) -> Session:
    endpoint = Endpoint(registry="registry.example.com", url=url)
    return Session(endpoint, Authorizer(endpoint, NoKeychain(), UrllibHttp({})), UrllibHttp({}))


@pytest.mark.parametrize(
    ("location", "message"),
    [
        ("http://registry.example.com/upload", "an unencrypted address"),
        ("https://169.254.169.254/latest", "a private network"),
        ("https://10.0.0.1/upload", "a private network"),
        ("https://localhost/upload", "a private network"),
        ("http://[", "no address"),
    ],
)
def test_an_address_that_the_registry_names_is_checked(location: str, message: str) -> None:
    with pytest.raises(RegistryError, match=message):
        session("https://registry.example.com").url(location)


def test_addresses_are_resolved_as_a_browser_would() -> None:
    one = session("https://registry.example.com")
    base = "/v2/team/app/blobs/uploads/"
    assert one.url("1?a=b", base=base) == "https://registry.example.com/v2/team/app/blobs/uploads/1?a=b"
    assert one.url("/v2/x", base=base) == "https://registry.example.com/v2/x"
    assert one.url("?n=2", base="/v2/a/tags/list") == "https://registry.example.com/v2/a/tags/list?n=2"
    assert one.url("https://storage.example.net/x", base=base) == "https://storage.example.net/x"
    assert session("https://10.0.0.1").url("https://10.0.0.2/x") == "https://10.0.0.2/x"


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        (AnswerStatus(status=400, code="NAME_INVALID", message="bad \x1b[2J name"), "bad  [2J name"),
        (AnswerStatus(status=400, code="X", message="long " * 1000), "long long"),
        (AnswerStatus(status=400, code="ONLY_A_CODE", message=""), "ONLY_A_CODE"),
        (AnswerText(content=b"<html>", status=400), "it answers 400"),
        (AnswerText(content=b'{"errors": 1}', status=400), "it answers 400"),
        (AnswerText(content=b'{"errors": [1]}', status=400), "it answers 400"),
        (AnswerText(content=b"[" * 60_000, status=400), "it answers 400"),
        (EndlessAnswer(status=400), "it answers 400"),
    ],
)
def test_a_refusal_says_what_the_registry_says(
    fault: AnswerStatus, said: str, client: Client, registry: Registry
) -> None:
    registry.rules.add(always(fault, Step.MANIFEST_GET))
    with pytest.raises(RegistryError) as caught:
        client.repository(registry).manifest("1")
    text = str(caught.value)
    asked = f"GET {registry.url}/v2/team/app/manifests/1 (repository:team/app:pull,push, without a credential)"
    assert caught.value.where == asked
    assert f"{registry.address} refuses to give team/app:1: {said}" in text
    assert len(text) < 600
    assert text.replace("\n", "").isprintable()
