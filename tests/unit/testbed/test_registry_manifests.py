"""The testbed's registry is itself correct: manifests, tags and referrers."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.testbed.registry.documents import OCI_INDEX
from tests.testbed.registry.raw_client import OCI_MANIFEST, RawClient, digest_of, image_manifest

CONFIG, LAYER = b"{}", b"layer"
MANIFEST = image_manifest(CONFIG, LAYER)
DIGEST = digest_of(MANIFEST)
DOCKER_MANIFEST = "application/vnd.docker.distribution.manifest.v2+json"


@pytest.fixture
def stocked(client: RawClient) -> RawClient:
    """A client of a registry that has the image's blobs."""
    client.push_blob("team/app", CONFIG)
    client.push_blob("team/app", LAYER)
    return client


def index(*digests: str, **more: Any) -> bytes:
    manifests = [{"mediaType": OCI_MANIFEST, "digest": digest, "size": len(MANIFEST)} for digest in digests]
    return json.dumps({"schemaVersion": 2, "mediaType": OCI_INDEX, "manifests": manifests, **more}).encode()


@pytest.mark.parametrize("reference", ["latest", DIGEST])
def test_a_manifest_comes_back_as_it_was_pushed(stocked: RawClient, reference: str) -> None:
    pushed = stocked.push_manifest("team/app", reference, MANIFEST)
    assert (pushed.status, pushed.headers["docker-content-digest"]) == (201, DIGEST)
    assert pushed.headers["location"] == f"/v2/team/app/manifests/{DIGEST}"
    for name in {reference, DIGEST}:
        head = stocked("HEAD", f"/v2/team/app/manifests/{name}", accept=OCI_MANIFEST)
        assert (head.status, head.headers["content-length"], head.content) == (200, str(len(MANIFEST)), b"")
        whole = stocked("GET", f"/v2/team/app/manifests/{name}", accept=OCI_MANIFEST)
        assert (whole.content, whole.headers["content-type"]) == (MANIFEST, OCI_MANIFEST)
        assert whole.headers["docker-content-digest"] == DIGEST


@pytest.mark.parametrize(
    ("accept", "status"),
    [(None, 200), ("*/*", 200), (f"text/html, {OCI_MANIFEST};q=0.5", 200), (DOCKER_MANIFEST, 404)],
)
def test_a_manifest_is_there_for_those_who_take_its_type(stocked: RawClient, accept: str | None, status: int) -> None:
    stocked.push_manifest("team/app", "1", MANIFEST)
    stocked.connection.request("GET", "/v2/team/app/manifests/1", headers={"accept": accept} if accept else {})
    with stocked.connection.getresponse() as response:
        assert response.status == status
        response.read()


def test_accept_may_come_in_several_fields(stocked: RawClient) -> None:
    stocked.push_manifest("team/app", "1", MANIFEST)
    stocked.connection.putrequest("GET", "/v2/team/app/manifests/1")
    for media_type in (OCI_MANIFEST, DOCKER_MANIFEST):
        stocked.connection.putheader("accept", media_type)
    stocked.connection.endheaders()
    with stocked.connection.getresponse() as response:
        assert (response.status, response.read()) == (200, MANIFEST)


def test_a_manifest_waits_for_its_blobs(client: RawClient) -> None:
    client.push_blob("team/app", CONFIG)
    reply = client.push_manifest("team/app", "1", MANIFEST)
    assert (reply.status, reply.code) == (404, "MANIFEST_BLOB_UNKNOWN")
    client.push_blob("team/app", LAYER)
    assert client.push_manifest("team/app", "1", MANIFEST).status == 201


def test_a_layer_that_may_not_be_distributed_is_not_waited_for(client: RawClient) -> None:
    client.push_blob("team/app", CONFIG)
    manifest = MANIFEST.replace(b"image.layer.v1", b"image.layer.nondistributable.v1")
    assert client.push_manifest("team/app", "1", manifest).status == 201


def test_an_index_waits_for_its_manifests(stocked: RawClient) -> None:
    assert stocked.push_manifest("team/app", "1", index(DIGEST), OCI_INDEX).code == "MANIFEST_BLOB_UNKNOWN"
    stocked.push_manifest("team/app", DIGEST, MANIFEST)
    assert stocked.push_manifest("team/app", "1", index(DIGEST), OCI_INDEX).status == 201
    assert stocked("GET", "/v2/team/app/manifests/1").headers["content-type"] == OCI_INDEX


@pytest.mark.parametrize(
    ("reference", "content", "media_type", "code"),
    [
        ("1", b"not JSON", OCI_MANIFEST, "MANIFEST_INVALID"),
        ("1", b"[]", OCI_MANIFEST, "MANIFEST_INVALID"),
        ("1", b'{"schemaVersion": 1}', OCI_MANIFEST, "MANIFEST_INVALID"),
        ("1", MANIFEST, DOCKER_MANIFEST, "MANIFEST_INVALID"),
        ("1", MANIFEST, "application/json", "MANIFEST_INVALID"),
        ("a%20b", MANIFEST, OCI_MANIFEST, "MANIFEST_INVALID"),
        ("x" * 129, MANIFEST, OCI_MANIFEST, "MANIFEST_INVALID"),
        (digest_of(b"other"), MANIFEST, OCI_MANIFEST, "DIGEST_INVALID"),
        ("sha256:1", MANIFEST, OCI_MANIFEST, "DIGEST_INVALID"),
        ("1", MANIFEST.replace(b'"size": 5', b'"size": 6'), OCI_MANIFEST, "SIZE_INVALID"),
        ("1", b" " * (4 * 1024 * 1024 + 1), OCI_MANIFEST, "SIZE_INVALID"),
    ],
)
def test_what_is_not_a_right_manifest_is_refused(
    stocked: RawClient, reference: str, content: bytes, media_type: str, code: str
) -> None:
    assert stocked.push_manifest("team/app", reference, content, media_type).code == code


def test_a_tag_can_move(stocked: RawClient) -> None:
    other = image_manifest(CONFIG)
    for content in (MANIFEST, other):
        stocked.push_manifest("team/app", "latest", content)
    assert stocked("GET", "/v2/team/app/manifests/latest").content == other
    assert stocked("GET", f"/v2/team/app/manifests/{DIGEST}").content == MANIFEST


def test_a_manifest_that_is_not_there_is_unknown(stocked: RawClient) -> None:
    assert stocked("GET", "/v2/team/app/manifests/none").code == "MANIFEST_UNKNOWN"
    assert stocked("GET", "/v2/nobody/manifests/none").code == "NAME_UNKNOWN"
    assert stocked("DELETE", "/v2/team/app/manifests/none").code == "MANIFEST_UNKNOWN"


def test_a_deleted_tag_leaves_its_manifest(stocked: RawClient) -> None:
    for tag in ("1", "latest"):
        stocked.push_manifest("team/app", tag, MANIFEST)
    assert stocked("DELETE", "/v2/team/app/manifests/1").status == 202
    assert stocked("GET", "/v2/team/app/tags/list").document["tags"] == ["latest"]
    assert stocked("GET", f"/v2/team/app/manifests/{DIGEST}").status == 200


def test_a_deleted_manifest_takes_its_tags_along(stocked: RawClient) -> None:
    stocked.push_manifest("team/app", "1", MANIFEST)
    assert stocked("DELETE", f"/v2/team/app/manifests/{DIGEST}").status == 202
    assert stocked("GET", "/v2/team/app/manifests/1").code == "MANIFEST_UNKNOWN"
    assert stocked("GET", "/v2/team/app/tags/list").document == {"name": "team/app", "tags": []}


def test_tags_come_in_order_and_page_by_page(stocked: RawClient) -> None:
    for tag in ("b", "A", "d", "c"):
        stocked.push_manifest("team/app", tag, MANIFEST)
    target, pages = "/v2/team/app/tags/list?n=2", []
    while target:
        reply = stocked("GET", target)
        pages.append(reply.document["tags"])
        link = reply.headers.get("link", "")
        target = link.partition("<")[2].partition(">")[0]
    assert pages == [["A", "b"], ["c", "d"]]
    assert stocked("GET", "/v2/team/app/tags/list?last=b").document["tags"] == ["c", "d"]
    assert stocked("GET", "/v2/team/app/tags/list?n=0").document["tags"] == []
    assert stocked("GET", "/v2/team/app/tags/list?n=x").status == 400
    assert stocked("GET", "/v2/nobody/tags/list").code == "NAME_UNKNOWN"


def test_what_has_a_subject_is_found_by_it(stocked: RawClient) -> None:
    subject = {"mediaType": OCI_MANIFEST, "digest": DIGEST, "size": len(MANIFEST)}
    signed = image_manifest(CONFIG, LAYER, subject=subject, artifactType="application/x.signature")
    listed = image_manifest(CONFIG, LAYER, subject=subject, annotations={"a": "b"})
    for content in (signed, listed):
        pushed = stocked.push_manifest("team/app", digest_of(content), content)
        assert pushed.headers["oci-subject"] == DIGEST
    found = stocked("GET", f"/v2/team/app/referrers/{DIGEST}")
    assert (found.status, found.headers["content-type"], found.document["mediaType"]) == (200, OCI_INDEX, OCI_INDEX)
    kinds = ["application/x.signature", "application/vnd.oci.image.config.v1+json"]
    assert [item["artifactType"] for item in found.document["manifests"]] == kinds
    assert found.document["manifests"][1]["annotations"] == {"a": "b"}
    filtered = stocked("GET", f"/v2/team/app/referrers/{DIGEST}?artifactType=application/x.signature")
    assert filtered.headers["oci-filters-applied"] == "artifactType"
    assert [item["digest"] for item in filtered.document["manifests"]] == [digest_of(signed)]


def test_a_manifest_of_nobody_has_no_referrers(client: RawClient) -> None:
    assert client("GET", f"/v2/nobody/referrers/{DIGEST}").document["manifests"] == []
    assert client("GET", "/v2/nobody/referrers/latest").code == "DIGEST_INVALID"


def test_a_manifest_without_subject_names_none(stocked: RawClient) -> None:
    assert "oci-subject" not in stocked.push_manifest("team/app", "1", MANIFEST).headers
