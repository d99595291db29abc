"""The testbed's registry is itself correct: blobs."""

from __future__ import annotations

import hashlib
import tracemalloc
from pathlib import Path

import pytest

from tests.testbed.registry import Profile, Registry, running_registry
from tests.testbed.registry.raw_client import RawClient, digest_of, with_query

BLOB = b"0123456789"
DIGEST = digest_of(BLOB)
ABSENT = digest_of(b"absent")
UPLOADS = "/v2/team/app/blobs/uploads/"


def begin(client: RawClient) -> str:
    reply = client("POST", UPLOADS)
    assert (reply.status, reply.content) == (202, b"")
    return str(reply.headers["location"])


def test_the_api_answers_at_its_root(client: RawClient) -> None:
    assert client("GET", "/v2/").status == 200


@pytest.mark.parametrize("path", ["/", "/v1/", "/v2/UPPER/blobs/" + DIGEST, "/v2/team/app/tags/other", "/v2/a/b"])
def test_what_is_not_in_the_specification_is_not_found(client: RawClient, path: str) -> None:
    assert (client("GET", path).status, client("GET", path).code) == (404, "UNSUPPORTED")


def test_a_blob_comes_back_as_it_was_pushed(client: RawClient) -> None:
    client.push_blob("team/app", BLOB)
    head, whole = (client(method, f"/v2/team/app/blobs/{DIGEST}") for method in ("HEAD", "GET"))
    assert (head.status, head.headers["content-length"], head.content) == (200, "10", b"")
    assert (whole.status, whole.headers["docker-content-digest"], whole.content) == (200, DIGEST, BLOB)


def test_a_blob_is_not_in_other_repositories(client: RawClient) -> None:
    client.push_blob("team/app", BLOB)
    client.push_blob("team/other", b"other")
    assert client("HEAD", f"/v2/team/other/blobs/{DIGEST}").status == 404
    assert client("GET", f"/v2/team/other/blobs/{DIGEST}").code == "BLOB_UNKNOWN"
    assert client("GET", f"/v2/nobody/blobs/{DIGEST}").code == "NAME_UNKNOWN"


def test_a_digest_that_is_none_is_refused(client: RawClient) -> None:
    assert client("GET", "/v2/team/app/blobs/sha256:12").code == "DIGEST_INVALID"


@pytest.mark.parametrize(
    ("wanted", "content", "stated"),
    [
        ("bytes=2-4", b"234", "bytes 2-4/10"),
        ("bytes=7-", b"789", "bytes 7-9/10"),
        ("bytes=-2", b"89", "bytes 8-9/10"),
        ("bytes=8-99", b"89", "bytes 8-9/10"),
    ],
)
def test_a_part_of_a_blob_is_had_by_its_range(client: RawClient, wanted: str, content: bytes, stated: str) -> None:
    client.push_blob("team/app", BLOB)
    reply = client("GET", f"/v2/team/app/blobs/{DIGEST}", range=wanted)
    assert (reply.status, reply.headers["content-range"], reply.content) == (206, stated, content)


def test_a_range_behind_the_end_is_refused(client: RawClient) -> None:
    client.push_blob("team/app", BLOB)
    reply = client("GET", f"/v2/team/app/blobs/{DIGEST}", range="bytes=10-")
    assert (reply.status, reply.headers["content-range"]) == (416, "bytes */10")


def test_an_empty_blob_is_a_blob(client: RawClient) -> None:
    digest = client.push_blob("team/app", b"")
    assert client("GET", f"/v2/team/app/blobs/{digest}").content == b""


def test_one_request_is_enough(client: RawClient) -> None:
    reply = client("POST", f"{UPLOADS}?digest={DIGEST}", BLOB)
    assert (reply.status, reply.headers["location"]) == (201, f"/v2/team/app/blobs/{DIGEST}")
    assert client("GET", reply.headers["location"]).content == BLOB


def test_chunks_of_http_are_read(client: RawClient) -> None:
    location = begin(client)
    patched = client("PATCH", location, iter([BLOB[:3], BLOB[3:]]), transfer_encoding="chunked")
    assert (patched.status, patched.headers["range"]) == (202, "0-9")
    assert client("PUT", with_query(patched.headers["location"], f"digest={DIGEST}")).status == 201


def test_chunks_of_the_specification_are_joined(client: RawClient) -> None:
    first = client("PATCH", begin(client), BLOB[:4], content_range="0-3")
    status = client("GET", first.headers["location"])
    assert (status.status, status.headers["range"]) == (204, "0-3")
    second = client("PATCH", status.headers["location"], BLOB[4:8], content_range="4-7")
    last = client("PUT", with_query(second.headers["location"], f"digest={DIGEST}"), BLOB[8:], content_range="8-9")
    assert (last.status, last.headers["docker-content-digest"]) == (201, DIGEST)
    assert client("GET", f"/v2/team/app/blobs/{DIGEST}").content == BLOB


@pytest.mark.parametrize("stated", ["5-9", "bytes 4-9", "4"])
def test_a_chunk_out_of_order_is_refused_and_the_upload_goes_on(client: RawClient, stated: str) -> None:
    first = client("PATCH", begin(client), BLOB[:4], content_range="0-3")
    wrong = client("PATCH", first.headers["location"], BLOB[4:], content_range=stated)
    assert (wrong.status, wrong.headers["range"]) == (416, "0-3")
    last = client("PUT", with_query(wrong.headers["location"], f"digest={DIGEST}"), BLOB[4:])
    assert last.status == 201


def test_the_old_address_of_an_upload_is_refused(client: RawClient) -> None:
    location = begin(client)
    client("PATCH", location, BLOB)
    reply = client("PUT", with_query(location, f"digest={DIGEST}"))
    assert (reply.status, reply.code) == (404, "BLOB_UPLOAD_UNKNOWN")


def test_the_smallest_chunk_is_announced_and_wanted() -> None:
    with running_registry(profile=Profile(name="choosy", chunk_minimum=4)) as registry, RawClient(registry.url) as ask:
        begun = ask("POST", UPLOADS)
        assert begun.headers["oci-chunk-min-length"] == "4"
        small = ask("PATCH", begun.headers["location"], b"012", content_range="0-2")
        assert ask("PATCH", small.headers["location"], b"3456", content_range="3-6").code == "SIZE_INVALID"


def test_bytes_of_another_digest_are_refused_and_forgotten(client: RawClient) -> None:
    location = with_query(begin(client), f"digest={ABSENT}")
    assert (client("PUT", location, BLOB).code, client("PUT", location, BLOB).code) == (
        "DIGEST_INVALID",
        "BLOB_UPLOAD_UNKNOWN",
    )
    assert client("HEAD", f"/v2/team/app/blobs/{ABSENT}").status == 404


def test_an_upload_without_a_digest_is_refused(client: RawClient) -> None:
    assert client("PUT", begin(client), BLOB).code == "DIGEST_INVALID"


def test_a_cancelled_upload_is_gone(client: RawClient) -> None:
    location = begin(client)
    assert client("DELETE", location).status == 204
    assert client("GET", location).code == "BLOB_UPLOAD_UNKNOWN"


def test_the_other_algorithm_is_known(client: RawClient) -> None:
    digest = f"sha512:{hashlib.sha512(BLOB).hexdigest()}"
    assert client("PUT", with_query(begin(client), f"digest={digest}"), BLOB).status == 201
    assert client("GET", f"/v2/team/app/blobs/{digest}").content == BLOB


def test_a_blob_is_mounted_from_where_it_is(client: RawClient) -> None:
    client.push_blob("team/base", BLOB)
    mounted = client("POST", f"{UPLOADS}?mount={DIGEST}&from=team/base")
    assert (mounted.status, mounted.headers["location"]) == (201, f"/v2/team/app/blobs/{DIGEST}")
    assert client("GET", mounted.headers["location"]).content == BLOB


@pytest.mark.parametrize("query", [f"mount={DIGEST}&from=nobody", f"mount={DIGEST}", f"mount={ABSENT}&from=team/base"])
def test_a_mount_that_cannot_be_begins_an_upload(client: RawClient, query: str) -> None:
    client.push_blob("team/base", BLOB)
    begun = client("POST", f"{UPLOADS}?{query}")
    assert begun.status == 202
    assert client("PUT", with_query(begun.headers["location"], f"digest={DIGEST}"), BLOB).status == 201


def test_a_deleted_blob_is_gone_there_and_nowhere_else(client: RawClient) -> None:
    client.push_blob("team/app", BLOB)
    client.push_blob("team/base", BLOB)
    assert client("DELETE", f"/v2/team/app/blobs/{DIGEST}").status == 202
    assert client("DELETE", f"/v2/team/app/blobs/{DIGEST}").code == "BLOB_UNKNOWN"
    assert client("GET", f"/v2/team/base/blobs/{DIGEST}").content == BLOB


def test_a_folder_keeps_blobs_as_well_as_memory_does(tmp_path: Path) -> None:
    with running_registry(folder=tmp_path) as registry, RawClient(registry.url) as client:
        content = BLOB * 100_000
        digest = client.push_blob("team/app", content)
        assert client("GET", f"/v2/team/app/blobs/{digest}").content == content
        assert client("GET", f"/v2/team/app/blobs/{digest}", range="bytes=999990-").content == BLOB
        assert sum(file.stat().st_size for file in tmp_path.iterdir()) == len(content)


def test_every_request_is_counted(registry: Registry, client: RawClient) -> None:
    client.push_blob("team/app", BLOB)
    with RawClient(registry.url, authorization="Bearer x") as other:
        other("GET", f"/v2/team/app/blobs/{DIGEST}")
    seen = [
        (item.method, item.step.value, item.status, item.received, item.sent, item.connection)
        for item in registry.traffic.exchanges
    ]
    assert seen == [
        ("POST", "upload-start", 202, 0, 0, 1),
        ("PUT", "upload-end", 201, 10, 0, 1),
        ("GET", "blob-get", 200, 0, 10, 2),
    ]
    assert [item.authorization for item in registry.traffic.exchanges] == [None, None, "Bearer x"]
    assert (registry.traffic.received, registry.traffic.sent, registry.traffic.connections) == (10, 10, 2)
    registry.traffic.forget()
    assert registry.traffic.exchanges == ()


def test_a_large_blob_is_not_held_in_memory(tmp_path: Path) -> None:
    size, piece = 24 * 1024 * 1024, bytes(256 * 1024)
    digest = f"sha256:{hashlib.sha256(bytes(size)).hexdigest()}"
    with running_registry(folder=tmp_path) as registry, RawClient(registry.url) as client:
        tracemalloc.start()
        try:
            location = with_query(begin(client), f"digest={digest}")
            pieces = (piece for _ in range(size // len(piece)))
            assert client("PUT", location, pieces, transfer_encoding="chunked").status == 201
            client.connection.request("GET", f"/v2/team/app/blobs/{digest}")
            with client.connection.getresponse() as response:
                assert sum(len(got) for got in iter(lambda: response.read(len(piece)), b"")) == size
            assert tracemalloc.get_traced_memory()[1] < size / 4
        finally:
            tracemalloc.stop()
