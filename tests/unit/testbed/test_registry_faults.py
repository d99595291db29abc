"""The testbed's registry misbehaves on command, and only then."""

from __future__ import annotations

import http.client
import json
import threading

import pytest

from tests.testbed.registry import Registry, Step, TokenLogin, always, once, running_blob_host, running_registry
from tests.testbed.registry.deviations import AbsoluteLocation, ForgetBlob, LoseUpload, RelativeLocation
from tests.testbed.registry.faults import (
    AnswerStatus,
    AnswerText,
    ChangedByte,
    DropAnswer,
    DropConnection,
    DropRequest,
    EndlessAnswer,
    RedirectTo,
    ShortAnswer,
    Trickle,
    WithField,
)
from tests.testbed.registry.raw_client import RawClient, digest_of, image_manifest, with_query
from tests.testbed.registry.wire import Answer, Handler, Request

BLOB = b"0123456789"
DIGEST = digest_of(BLOB)
TARGET = f"/v2/team/app/blobs/{DIGEST}"
UPLOADS = "/v2/team/app/blobs/uploads/"


@pytest.fixture
def stocked(client: RawClient) -> RawClient:
    """A client of a registry that has one blob."""
    client.push_blob("team/app", BLOB)
    return client


@pytest.mark.parametrize("status", [408, 429, 499, 500, 502, 503, 504, 522])
def test_a_status_is_answered_so_many_times(registry: Registry, stocked: RawClient, status: int) -> None:
    registry.rules.add(once(AnswerStatus(status=status, retry_after="7"), Step.BLOB_GET, times=2, after=1))
    replies = [stocked("GET", TARGET) for _ in range(4)]
    assert [reply.status for reply in replies] == [200, status, status, 200]
    assert [reply.headers["retry-after"] for reply in replies] == [None, "7", "7", None]


def test_a_rule_without_steps_holds_for_all(registry: Registry, stocked: RawClient) -> None:
    registry.rules.add(once(AnswerStatus(status=503), times=2))
    assert [stocked("HEAD", path).status for path in (TARGET, "/v2/", TARGET)] == [503, 503, 200]


def test_quirks_act_together(registry: Registry, stocked: RawClient) -> None:
    registry.rules.add(always(ChangedByte(position=0), Step.BLOB_GET), always(ShortAnswer(size=2), Step.BLOB_GET))
    assert stocked("GET", TARGET).content == b"\xcf1"


def test_a_download_breaks_off_and_goes_on_by_range(registry: Registry, stocked: RawClient) -> None:
    registry.rules.add(once(DropAnswer(after=4), Step.BLOB_GET))
    with pytest.raises(http.client.IncompleteRead) as caught:
        stocked("GET", TARGET)
    assert caught.value.partial == BLOB[:4]
    with RawClient(registry.url) as again:
        assert again("GET", TARGET, range="bytes=4-").content == BLOB[4:]
    assert [item.sent for item in registry.traffic.of(Step.BLOB_GET)] == [4, 6]


def test_an_upload_breaks_off(registry: Registry, client: RawClient) -> None:
    registry.rules.add(once(DropRequest(after=4), Step.UPLOAD_END))
    location = with_query(client("POST", UPLOADS).headers["location"], f"digest={DIGEST}")
    with pytest.raises((ConnectionError, http.client.RemoteDisconnected)):
        client("PUT", location, BLOB)
    with RawClient(registry.url) as again:
        assert again.push_blob("team/app", BLOB) == DIGEST
    assert [item.status for item in registry.traffic.of(Step.UPLOAD_END)] == [0, 201]


def test_a_connection_ends_without_a_word(registry: Registry, client: RawClient) -> None:
    registry.rules.add(once(DropConnection(), Step.PING))
    with pytest.raises(http.client.RemoteDisconnected):
        client("GET", "/v2/")


def test_bytes_are_wrong_and_too_few(registry: Registry, stocked: RawClient) -> None:
    registry.rules.add(once(ChangedByte(position=9), Step.BLOB_GET))
    registry.rules.add(once(ShortAnswer(size=3), Step.BLOB_GET, after=1))
    assert [stocked("GET", TARGET).content for _ in range(3)] == [b"012345678\xc6", b"012", BLOB]


def test_a_field_is_wrong_or_absent(registry: Registry, stocked: RawClient) -> None:
    for value in ("sha256:0", None):
        registry.rules.add(once(WithField(name="docker-content-digest", value=value), Step.BLOB_HEAD))
        assert stocked("HEAD", TARGET).headers["docker-content-digest"] == value


@pytest.mark.parametrize("content", [b"<html>no JSON</html>", b"[" * 100_000, b""])
def test_a_text_is_answered_instead(registry: Registry, client: RawClient, content: bytes) -> None:
    registry.rules.add(once(AnswerText(content=content), Step.TAGS))
    assert client("GET", "/v2/team/app/tags/list").content == content


def test_an_answer_never_ends_and_the_server_does_nevertheless(registry: Registry, client: RawClient) -> None:
    registry.rules.add(once(EndlessAnswer(start=b"["), Step.TAGS))
    client.connection.request("GET", "/v2/team/app/tags/list")
    with client.connection.getresponse() as response:
        assert response.read(1_000_000)[:2] == b"[x"


def test_a_body_trickles(registry: Registry, stocked: RawClient) -> None:
    registry.rules.add(always(Trickle(size=3), Step.BLOB_GET))
    assert stocked("GET", TARGET).content == BLOB


def test_blobs_are_fetched_from_another_host_which_wants_no_authorization(
    registry: Registry, stocked: RawClient
) -> None:
    with running_blob_host(registry.contents) as host:
        registry.rules.add(always(RedirectTo(location=f"{host.url}/{{reference}}"), Step.BLOB_GET))
        redirect = stocked("GET", TARGET)
        assert (redirect.status, redirect.headers["location"]) == (307, f"{host.url}/{DIGEST}")
        with RawClient(host.url) as other:
            assert other("GET", redirect.headers["location"]).content == BLOB
            assert other("GET", f"/{DIGEST}", range="bytes=8-").content == b"89"
            assert other("GET", f"/{DIGEST}", authorization="Bearer x").status == 400
            assert other("GET", f"/{digest_of(b'')}").status == 404
        assert [item.authorization for item in host.traffic.exchanges] == [None, None, "Bearer x", None]


@pytest.mark.parametrize("location", ["{path}", "{origin}{path}", "http://169.254.169.254/{reference}"])
def test_a_redirect_leads_in_a_circle_or_where_nobody_should_go(
    registry: Registry, stocked: RawClient, location: str
) -> None:
    registry.rules.add(always(RedirectTo(location=location, status=302), Step.BLOB_GET))
    expected = location.format(path=TARGET, origin=registry.url, reference=DIGEST)
    assert (stocked("GET", TARGET).status, stocked("GET", TARGET).headers["location"]) == (302, expected)


def test_an_upload_is_lost(registry: Registry, client: RawClient) -> None:
    registry.rules.add(once(LoseUpload(), Step.UPLOAD_END))
    location = with_query(client("POST", UPLOADS).headers["location"], f"digest={DIGEST}")
    assert [client("PUT", location, BLOB).code for _ in range(2)] == ["BLOB_UPLOAD_UNKNOWN"] * 2
    assert client.push_blob("team/app", BLOB) == DIGEST


def test_a_blob_that_was_there_is_gone_when_the_manifest_comes(registry: Registry, client: RawClient) -> None:
    registry.rules.add(once(ForgetBlob(), Step.MANIFEST_PUT))
    for content in (b"{}", BLOB):
        client.push_blob("team/app", content)
    manifest = image_manifest(b"{}", BLOB)
    assert client.push_manifest("team/app", "1", manifest).code == "MANIFEST_BLOB_UNKNOWN"
    client.push_blob("team/app", BLOB)
    assert client.push_manifest("team/app", "1", manifest).status == 201


def test_a_location_has_each_of_its_forms(registry: Registry, client: RawClient) -> None:
    registry.rules.add(always(AbsoluteLocation(query="own=1&state2=%2F"), Step.UPLOAD_START))
    absolute = client("POST", UPLOADS).headers["location"]
    assert absolute.startswith(f"{registry.url}{UPLOADS}")
    assert client("PUT", with_query(absolute, f"digest={DIGEST}"), BLOB).status == 201
    with running_registry(always(RelativeLocation(), Step.UPLOAD_START)) as other, RawClient(other.url) as ask:
        relative = ask("POST", UPLOADS).headers["location"]
        assert not relative.startswith(("/", "http"))
        assert ask("PUT", with_query(UPLOADS + relative, f"digest={DIGEST}"), BLOB).status == 201


def test_a_token_service_misbehaves_too() -> None:
    with running_registry(login=TokenLogin()) as registry, RawClient(registry.url) as client:
        registry.token_rules.add(once(AnswerStatus(status=503), Step.TOKEN))
        realm = client("GET", "/v2/").headers["www-authenticate"].split('"')[1]
        with RawClient(realm) as service:
            assert [service("GET", realm).status for _ in range(2)] == [503, 200]
        assert registry.token_traffic.exchanges[0].status == 503


def test_a_refusal_comes_before_the_body_for_those_who_wait(registry: Registry, client: RawClient) -> None:
    registry.rules.add(once(AnswerStatus(status=503), Step.UPLOAD_START))
    client.connection.putrequest("POST", UPLOADS)
    client.connection.putheader("content-length", "1000000000")
    client.connection.putheader("expect", "100-continue")
    client.connection.endheaders()
    with client.connection.getresponse() as response:
        assert (response.status, response.headers["connection"]) == (503, "close")
        assert json.loads(response.read())["errors"][0]["code"] == "UNKNOWN"


def test_a_server_with_open_connections_and_half_requests_ends_at_once() -> None:
    before = set(threading.enumerate())
    with running_registry() as registry:
        idle, half = RawClient(registry.url), RawClient(registry.url)
        idle("GET", "/v2/")
        half.connection.putrequest("POST", UPLOADS)
        half.connection.putheader("content-length", "10")
        half.connection.endheaders(b"01234")
    idle.connection.close()
    half.connection.close()
    assert not {thread.name for thread in set(threading.enumerate()) - before if "execnet" not in thread.name}


def test_a_mistake_of_a_quirk_is_not_hidden() -> None:
    def mistaken(request: Request, proceed: Handler, /) -> Answer:
        raise ZeroDivisionError

    def run() -> None:
        with running_registry(once(mistaken)) as registry, RawClient(registry.url) as client:
            assert client("GET", "/v2/").status == 500

    with pytest.raises(ZeroDivisionError):
        run()
