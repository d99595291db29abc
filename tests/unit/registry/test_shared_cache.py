"""A team's cache in a registry: what is written is found, what is broken or not believed is not used."""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timezone
from io import BytesIO

import pytest

from packer.errors import ArchiveError, RegistryError, TrustError
from packer.oci.artifact import ArtifactManifest
from packer.oci.descriptor import MEDIA_TYPE_LAYER_GZIP, MEDIA_TYPE_MANIFEST, Descriptor
from packer.oci.digest import Digest
from packer.registry.repository import Repository
from packer.registry.shared_cache import SharedCache
from packer.registry.uploads import BlobSource
from tests.testbed.registry import Registry, Step, always, running_registry
from tests.testbed.registry.faults import AnswerStatus, ChangedByte
from tests.testbed.registry_client import client_of

STATE, ANOTHER = Digest.of(b"state"), Digest.of(b"another")
TAG = f"pack-cache-{STATE.hex[:32]}"
RECORDS = {("elf", "ab" * 32): b"{}", ("layer", "cd" * 32): b"{}"}
NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=timezone.utc)


@pytest.fixture
def registry() -> Iterator[Registry]:
    with running_registry() as running:
        yield running


@pytest.fixture
def repository(registry: Registry) -> Repository:
    return client_of(registry, "team/shop", delete=True)


def push(repository: Repository, content: bytes, media_type: str = MEDIA_TYPE_LAYER_GZIP) -> Descriptor:
    descriptor = Descriptor(media_type=media_type, digest=Digest.of(content), size=len(content))
    repository.push_blob(BlobSource(descriptor=descriptor, open=lambda: BytesIO(content), name="blob"))
    return descriptor


def put_entry(repository: Repository, content: bytes, *, annotations: dict[str, str] | None = None) -> None:
    """An entry with these bytes as its records."""
    SharedCache(repository).write(STATE, {}, (), now=NOW)
    records = push(repository, content, "application/vnd.packer.cache.records.v1+gzip")
    manifest = ArtifactManifest(
        artifact_type="application/vnd.packer.cache.v1", layers=(records,), annotations=annotations or {}
    )
    repository.put_manifest(TAG, MEDIA_TYPE_MANIFEST, manifest.to_json())


def test_what_is_written_for_a_state_is_found_for_it(repository):
    layer = push(repository, b"layer")
    SharedCache(repository).write(STATE, RECORDS, (layer,), now=NOW)

    lesson = SharedCache(repository).recall(STATE)

    assert lesson
    assert (lesson.records, lesson.layers, lesson.exact, lesson.written) == (RECORDS, (layer,), True, NOW)


def test_a_new_state_is_given_what_was_written_last(repository):
    SharedCache(repository).write(STATE, RECORDS, (), now=NOW)

    lesson = SharedCache(repository).recall(ANOTHER)

    assert lesson
    assert (lesson.records, lesson.exact) == (RECORDS, False)


def test_nothing_is_known_of_an_empty_registry(repository):
    assert SharedCache(repository).recall(STATE) is None


def test_many_writers_of_many_states_lose_nothing(repository):
    states = [Digest.of(str(number).encode()) for number in range(24)]
    cache = SharedCache(repository)

    with ThreadPoolExecutor(8) as threads:
        list(threads.map(lambda s: cache.write(s, {("elf", s.hex): b"{}"}, (), now=NOW), states))

    assert [cache.recall(state).records for state in states] == [{("elf", state.hex): b"{}"} for state in states]


def test_reading_costs_two_requests_and_writing_six(registry, repository):
    cache = SharedCache(repository)
    cache.write(STATE, RECORDS, (), now=NOW)
    written = len(registry.traffic.exchanges)
    cache.recall(STATE)

    assert (written, len(registry.traffic.exchanges) - written) == (6, 2)


def test_with_a_secret_only_those_who_know_it_are_believed(repository):
    SharedCache(repository).write(STATE, RECORDS, (), now=NOW)
    assert SharedCache(repository, secret=b"ours").recall(STATE) is None

    SharedCache(repository, secret=b"theirs").write(STATE, RECORDS, (), now=NOW)
    assert SharedCache(repository, secret=b"ours").recall(STATE) is None

    SharedCache(repository, secret=b"ours").write(STATE, RECORDS, (), now=NOW)
    assert SharedCache(repository, secret=b"ours").recall(STATE)


@pytest.mark.parametrize("proof", ["", "00", "ü", "\ud7ff" * 64])
def test_a_proof_that_is_none_is_not_believed(repository, proof):
    put_entry(repository, gzip.compress(b"{}"), annotations={"dev.packer.cache.mac": proof})

    assert SharedCache(repository, secret=b"ours").recall(STATE) is None


@pytest.mark.parametrize(
    "content", [b"garbage", gzip.compress(b'{"schema": 9, "records": []}'), b""], ids=["garbage", "schema", "nothing"]
)
def test_records_that_cannot_be_read_are_an_error(repository, content):
    put_entry(repository, content)

    with pytest.raises(ArchiveError):
        SharedCache(repository).recall(STATE)


def test_an_entry_of_another_kind_is_an_error(repository):
    other = push(repository, b"x")
    SharedCache(repository).write(STATE, {}, (), now=NOW)
    manifest = ArtifactManifest(artifact_type="application/x", layers=(other,))
    repository.put_manifest(TAG, MEDIA_TYPE_MANIFEST, manifest.to_json())

    with pytest.raises(ArchiveError, match="no cache of pack"):
        SharedCache(repository).recall(STATE)


def test_records_that_are_announced_as_huge_are_not_fetched(registry, repository):
    put_entry(repository, bytes((32 << 20) + 1))
    registry.traffic.forget()

    with pytest.raises(ArchiveError, match="too large"):
        SharedCache(repository).recall(STATE)

    assert registry.traffic.of(Step.BLOB_GET) == ()


def test_bytes_that_changed_on_the_way_are_an_error(registry, repository):
    SharedCache(repository).write(STATE, RECORDS, (), now=NOW)
    registry.rules.add(always(ChangedByte(position=20), Step.BLOB_GET))

    with pytest.raises((ArchiveError, TrustError)):
        SharedCache(repository).recall(STATE)


def test_entries_are_listed_with_their_time_and_other_tags_are_not(repository):
    cache = SharedCache(repository)
    cache.write(STATE, RECORDS, (), now=NOW)
    manifest = repository.manifest(TAG)
    repository.put_manifest("pack-cache-notes", MEDIA_TYPE_MANIFEST, manifest.content)
    repository.put_manifest("1.0", MEDIA_TYPE_MANIFEST, manifest.content)

    assert {(entry.tag, entry.written) for entry in cache.entries()} == {(TAG, NOW), ("pack-cache", NOW)}


def test_an_entry_that_is_removed_is_gone_with_its_hint(repository):
    cache = SharedCache(repository)
    cache.write(STATE, RECORDS, (), now=NOW)

    cache.remove(next(cache.entries()))

    assert list(cache.entries()) == []
    assert cache.recall(STATE) is None


def test_a_registry_that_removes_nothing_is_said_to(registry, repository):
    cache = SharedCache(repository)
    cache.write(STATE, RECORDS, (), now=NOW)
    registry.rules.add(always(AnswerStatus(status=405, code="UNSUPPORTED"), Step.MANIFEST_DELETE))

    with pytest.raises(RegistryError, match="does not let") as error:
        cache.remove(next(cache.entries()))

    assert "REGISTRY_STORAGE_DELETE_ENABLED" in error.value.hint
