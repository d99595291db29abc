"""One repository: manifests, blobs, uploads and tags, over registries that have bad habits."""

from __future__ import annotations

import json
from io import BytesIO

import pytest

from packer.errors import ArchiveError, PackError, RegistryError, TransientError, TrustError
from packer.oci.descriptor import MEDIA_TYPE_INDEX, MEDIA_TYPE_MANIFEST, Descriptor
from packer.oci.digest import Digest
from packer.registry.uploads import BlobSource
from tests.testbed.registry import BasicLogin, Registry, Step, always, once, running_registry
from tests.testbed.registry.deviations import (
    AbsoluteLocation,
    LocationElsewhere,
    LoseUpload,
    RelativeLocation,
    WantAccept,
)
from tests.testbed.registry.faults import (
    AnswerStatus,
    AnswerText,
    ChangedByte,
    DropAnswer,
    DropConnection,
    DropRequest,
    EndlessAnswer,
    ShortAnswer,
    WithField,
)
from tests.testbed.registry.raw_client import RawClient, image_manifest

from .conftest import Client, ada

CONTENT = bytes(range(256)) * 4096
SMALL = b"0123456789"


def blob_of(content: bytes, digest: Digest | None = None) -> BlobSource:
    descriptor = Descriptor(media_type="x", digest=digest or Digest.of(content), size=len(content))
    return BlobSource(descriptor=descriptor, open=lambda: BytesIO(content), name="layer test")


def described(content: bytes) -> Descriptor:
    return blob_of(content).descriptor


def a_manifest(registry: Registry, *tags: str) -> bytes:
    manifest = image_manifest(SMALL, CONTENT)
    with RawClient(registry.url) as raw:
        raw.push_blob("team/app", SMALL)
        raw.push_blob("team/app", CONTENT)
        for tag in tags:
            assert raw.push_manifest("team/app", tag, manifest).status == 201
    return manifest


def test_a_blob_goes_up_and_comes_back(client: Client, registry: Registry) -> None:
    repository = client.repository(registry)
    assert not repository.has_blob(Digest.of(CONTENT))
    assert repository.push_blob(blob_of(CONTENT)) is False
    assert repository.has_blob(Digest.of(CONTENT))
    assert b"".join(repository.blob(described(CONTENT))) == CONTENT
    sent = registry.traffic.of(Step.UPLOAD_START, Step.UPLOAD_CHUNK, Step.UPLOAD_END)
    assert [(one.step, one.received) for one in sent] == [(Step.UPLOAD_START, 0), (Step.UPLOAD_END, len(CONTENT))]
    assert registry.traffic.connections == 1


@pytest.mark.parametrize(
    "habit", [AbsoluteLocation(), AbsoluteLocation(query="_state=a%2Fb"), RelativeLocation(), LocationElsewhere()]
)
def test_an_upload_goes_where_the_registry_says(habit: AbsoluteLocation, client: Client, registry: Registry) -> None:
    registry.rules.add(always(habit, Step.UPLOAD_START))
    client.repository(registry).push_blob(blob_of(SMALL))
    assert client.repository(registry).has_blob(Digest.of(SMALL))


def test_an_upload_without_an_address_is_an_error(client: Client, registry: Registry) -> None:
    registry.rules.add(always(WithField(name="Location", value=None), Step.UPLOAD_START))
    with pytest.raises(RegistryError, match="does not say where to send layer test"):
        client.repository(registry).push_blob(blob_of(SMALL))


@pytest.mark.parametrize(
    "fault",
    [
        DropConnection(),
        DropRequest(after=300_000),
        LoseUpload(),
        AnswerStatus(status=502),
        AnswerStatus(status=404, code="BLOB_UPLOAD_UNKNOWN"),
    ],
)
def test_an_upload_that_breaks_off_begins_again_from_the_first_byte(
    fault: LoseUpload, client: Client, registry: Registry
) -> None:
    registry.rules.add(once(fault, Step.UPLOAD_END, times=2))
    client.repository(registry).push_blob(blob_of(CONTENT))
    assert len(registry.traffic.of(Step.UPLOAD_START)) == 3
    assert registry.traffic.of(Step.UPLOAD_END)[-1].received == len(CONTENT)
    assert client.pauses == [1.0, 2.0]


def test_an_upload_that_always_breaks_off_ends(client: Client, registry: Registry) -> None:
    registry.rules.add(always(LoseUpload(), Step.UPLOAD_END))
    with pytest.raises(TransientError, match="lost the upload of layer test"):
        client.repository(registry).push_blob(blob_of(SMALL))
    assert len(client.pauses) == 6


def test_bytes_that_are_not_what_the_digest_says_are_our_fault(client: Client, registry: Registry) -> None:
    with pytest.raises(TrustError, match="layer test is not what its digest says"):
        client.repository(registry).push_blob(blob_of(SMALL, Digest.of(b"other")))
    assert client.pauses == []


def test_a_proxy_that_limits_bodies_is_explained(client: Client, registry: Registry) -> None:
    registry.rules.add(always(AnswerStatus(status=413), Step.UPLOAD_END))
    with pytest.raises(RegistryError) as caught:
        client.repository(registry).push_blob(blob_of(SMALL))
    assert "limits the size of uploads" in str(caught.value)


def test_a_blob_is_mounted_where_it_is_and_sent_where_it_is_not(client: Client, registry: Registry) -> None:
    with RawClient(registry.url) as raw:
        raw.push_blob("team/base", CONTENT)
    registry.traffic.forget()
    repository = client.repository(registry)
    assert repository.push_blob(blob_of(CONTENT), source="team/base") is True
    assert repository.push_blob(blob_of(SMALL), source="team/base") is False
    assert len(registry.traffic.of(Step.UPLOAD_START)) == 0
    assert repository.mount(described(CONTENT), "team/base")
    assert not repository.mount(described(b"nowhere"), "team/base")


@pytest.mark.parametrize("status", [400, 401, 403, 404, 405, 501])
def test_a_mount_that_is_refused_becomes_an_upload(status: int, client: Client, registry: Registry) -> None:
    registry.rules.add(always(AnswerStatus(status=status), Step.UPLOAD_MOUNT))
    assert client.repository(registry).push_blob(blob_of(SMALL), source="team/base") is False
    assert client.repository(registry).has_blob(Digest.of(SMALL))


@pytest.mark.parametrize("after", [0, 1, 300_000, len(CONTENT) - 1])
def test_a_download_that_breaks_off_goes_on_where_it_was(after: int, client: Client, registry: Registry) -> None:
    a_manifest(registry)
    registry.rules.add(once(DropAnswer(after=after), Step.BLOB_GET))
    assert b"".join(client.repository(registry).blob(described(CONTENT))) == CONTENT
    second = registry.traffic.of(Step.BLOB_GET)[1]
    assert second.status == (206 if second.headers.get("range") else 200)
    assert registry.traffic.sent < len(CONTENT) + 1_000


def test_a_registry_without_ranges_sends_all_of_it_again(client: Client, registry: Registry) -> None:
    a_manifest(registry)
    registry.rules.add(once(DropAnswer(after=300_000), Step.BLOB_GET))
    registry.rules.add(once(AnswerText(content=CONTENT), Step.BLOB_GET, after=1))
    assert b"".join(client.repository(registry).blob(described(CONTENT))) == CONTENT


def test_a_short_answer_is_completed(client: Client, registry: Registry) -> None:
    a_manifest(registry)
    registry.rules.add(once(ShortAnswer(size=1000), Step.BLOB_GET, times=2))
    assert b"".join(client.repository(registry).blob(described(CONTENT))) == CONTENT


def test_an_answer_that_never_gets_further_ends(client: Client, registry: Registry) -> None:
    a_manifest(registry)
    registry.rules.add(once(ShortAnswer(size=10), Step.BLOB_GET))
    registry.rules.add(always(AnswerText(content=b"", status=206), Step.BLOB_GET))
    with pytest.raises(TransientError, match="ends before its end"):
        b"".join(client.repository(registry).blob(described(CONTENT)))
    assert len(client.pauses) == 6


def test_a_longer_answer_is_not_read_to_its_end(client: Client, registry: Registry) -> None:
    registry.rules.add(always(EndlessAnswer(), Step.BLOB_GET))
    with pytest.raises(TrustError, match="longer than its manifest says"):
        b"".join(client.repository(registry).blob(described(CONTENT)))


def test_a_blob_that_is_not_there_is_an_error(client: Client, registry: Registry) -> None:
    with pytest.raises(RegistryError, match="refuses to give the blob"):
        b"".join(client.repository(registry, push=False).blob(described(CONTENT)))


def test_a_manifest_is_found_by_tag_and_by_digest(client: Client, registry: Registry) -> None:
    content = a_manifest(registry, "1")
    repository = client.repository(registry)
    digest = Digest.of(content)
    for reference in ("1", str(digest)):
        stored = repository.manifest(reference)
        assert stored is not None
        assert (stored.content, stored.descriptor.digest, stored.descriptor.media_type) == (
            content,
            digest,
            MEDIA_TYPE_MANIFEST,
        )
        head = repository.head_manifest(reference)
        assert head is not None
        assert head.digest == digest
    assert repository.manifest("2") is None
    assert repository.head_manifest("2") is None


def test_every_request_for_a_manifest_says_what_is_taken(client: Client) -> None:
    with running_registry(always(WantAccept(), Step.MANIFEST_GET, Step.MANIFEST_HEAD)) as registry:
        a_manifest(registry, "1")
        assert client.repository(registry).head_manifest("1") is not None
        assert client.repository(registry).manifest("1") is not None


@pytest.mark.parametrize("by_digest", [True, False])
def test_a_manifest_with_a_changed_byte_is_refused(by_digest: bool, client: Client, registry: Registry) -> None:  # noqa: FBT001
    content = a_manifest(registry, "1")
    registry.rules.add(always(ChangedByte(position=40), Step.MANIFEST_GET))
    with pytest.raises(TrustError, match="the registry gives"):
        client.repository(registry).manifest(str(Digest.of(content)) if by_digest else "1")


def test_a_manifest_is_stored_with_its_own_type(client: Client, registry: Registry) -> None:
    a_manifest(registry, "1")
    repository = client.repository(registry)
    index = json.dumps({"schemaVersion": 2, "mediaType": MEDIA_TYPE_INDEX, "manifests": []}).encode()
    assert repository.put_manifest("all", MEDIA_TYPE_INDEX, index) is False
    found = repository.manifest("all")
    assert found is not None
    assert (found.content, found.descriptor.media_type) == (index, MEDIA_TYPE_INDEX)


def test_a_registry_that_changes_a_manifest_is_not_believed(client: Client, registry: Registry) -> None:
    content = a_manifest(registry)
    registry.rules.add(
        always(WithField(name="Docker-Content-Digest", value=str(Digest.of(b"else"))), Step.MANIFEST_PUT)
    )
    with pytest.raises(RegistryError, match="stored team/app:1 as"):
        client.repository(registry).put_manifest("1", MEDIA_TYPE_MANIFEST, content)


def test_a_registry_that_says_no_digest_is_believed(client: Client, registry: Registry) -> None:
    content = a_manifest(registry, "1")
    registry.rules.add(always(WithField(name="Docker-Content-Digest", value=None)))
    repository = client.repository(registry)
    repository.put_manifest("1", MEDIA_TYPE_MANIFEST, content)
    head, stored = repository.head_manifest("1"), repository.manifest("1")
    assert head is not None
    assert stored is not None
    assert (head.digest, stored.content) == (None, content)


@pytest.mark.parametrize("content", [b"<html>", b"[]", b"[" * 60_000])
def test_a_manifest_that_is_none_is_a_clear_error(content: bytes, client: Client, registry: Registry) -> None:
    registry.rules.add(always(AnswerText(content=content), Step.MANIFEST_GET))
    with pytest.raises(ArchiveError):
        client.repository(registry).manifest("1")


def test_a_manifest_without_end_is_not_read_to_its_end(client: Client, registry: Registry) -> None:
    registry.rules.add(always(EndlessAnswer(), Step.MANIFEST_GET))
    with pytest.raises(PackError, match="larger than"):
        client.repository(registry).manifest("1")


def test_a_manifest_is_removed(client: Client, registry: Registry) -> None:
    content = a_manifest(registry, "1")
    repository = client.repository(registry)
    assert repository.delete_manifest(str(Digest.of(content)))
    assert not repository.delete_manifest(str(Digest.of(content)))


def test_referrers_are_listed_and_a_subject_is_noticed(client: Client, registry: Registry) -> None:
    subject = Digest.of(a_manifest(registry, "1"))
    repository = client.repository(registry)
    about = {"mediaType": MEDIA_TYPE_MANIFEST, "digest": str(subject), "size": 1}
    assert repository.put_manifest("about", MEDIA_TYPE_MANIFEST, image_manifest(SMALL, CONTENT, subject=about)) is True
    listed = repository.referrers(subject)
    assert listed is not None
    assert len(json.loads(listed)["manifests"]) == 1


def test_a_registry_without_referrers_is_known(client: Client, registry: Registry) -> None:
    registry.rules.add(
        always(AnswerText(content=b"404 page not found\n", status=404, media_type="text/plain"), Step.REFERRERS)
    )
    assert client.repository(registry).referrers(Digest.of(b"x")) is None


@pytest.mark.parametrize("link", ["/v2/team/app/tags/list?last=b", "?last=b", "list?last=b&n=2"])
def test_tags_come_page_by_page(link: str, client: Client, registry: Registry) -> None:
    a_manifest(registry, *"abcde")
    registry.rules.add(once(AnswerText(content=b'{"tags": ["a", "b"]}'), Step.TAGS))
    registry.rules.add(once(WithField(name="Link", value=f'<{link}>; rel="next"'), Step.TAGS))
    assert list(client.repository(registry).tags()) == list("abcde")


@pytest.mark.parametrize(
    "link", ['</v2/team/app/tags/list?n=1000>; rel="next"', '</v2/team/app/tags/list?last=x>; rel="next"']
)
def test_tags_that_lead_round_in_a_circle_end(link: str, client: Client, registry: Registry) -> None:
    a_manifest(registry, "1")
    registry.rules.add(always(WithField(name="Link", value=link), Step.TAGS))
    assert set(client.repository(registry).tags()) == {"1"}
    assert len(registry.traffic.of(Step.TAGS)) <= 3


@pytest.mark.parametrize("link", ["", "no link", "<x", '<x>; rel="prev"'])
def test_a_link_that_is_none_ends_the_list(link: str, client: Client, registry: Registry) -> None:
    a_manifest(registry, "1")
    registry.rules.add(always(WithField(name="Link", value=link), Step.TAGS))
    assert list(client.repository(registry).tags()) == ["1"]


def test_a_repository_that_is_not_there_has_no_tags(client: Client, registry: Registry) -> None:
    assert list(client.repository(registry).tags()) == []


def test_a_repository_that_must_be_made_first_says_so(client: Client, registry: Registry) -> None:
    registry.rules.add(
        always(AnswerStatus(status=404, code="NAME_UNKNOWN", message="no such repository"), Step.UPLOAD_START)
    )
    with pytest.raises(RegistryError) as caught:
        client.repository(registry).push_blob(blob_of(SMALL))
    assert caught.value.hint == "create the repository team/app first, or check its name"


def test_what_may_not_be_seen_counts_as_not_there(client: Client, registry: Registry) -> None:
    registry.rules.add(always(AnswerStatus(status=403), Step.MANIFEST_HEAD, Step.BLOB_HEAD))
    assert client.repository(registry).head_manifest("1") is None
    assert not client.repository(registry).has_blob(Digest.of(b"x"))


def test_basic_credentials_go_with_every_request_but_the_first() -> None:
    with running_registry(login=BasicLogin()) as registry:
        repository = Client(ada()).repository(registry)
        repository.push_blob(blob_of(SMALL))
        repository.has_blob(Digest.of(SMALL))
        asked = [one for one in registry.traffic.exchanges if one.step is not Step.PING]
        assert [one.authorization is None for one in asked] == [True, False, False, False]
