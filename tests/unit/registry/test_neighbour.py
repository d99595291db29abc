"""What the image behind a tag says of blobs, and with how many requests."""

from __future__ import annotations

from collections.abc import Iterator
from io import BytesIO

import pytest

from packer.oci.config import ImageConfig
from packer.oci.descriptor import MEDIA_TYPE_CONFIG, MEDIA_TYPE_LAYER_GZIP, MEDIA_TYPE_MANIFEST, Descriptor
from packer.oci.digest import Digest
from packer.oci.manifest import Manifest
from packer.oci.platform import LINUX_AMD64
from packer.registry.neighbour import Neighbour
from packer.registry.repository import Repository
from packer.registry.uploads import BlobSource
from tests.testbed.registry import Registry, Step, always, running_registry
from tests.testbed.registry.faults import AnswerStatus
from tests.testbed.registry_client import client_of

DIFF_ID = Digest.of(b"tar")


@pytest.fixture
def registry() -> Iterator[Registry]:
    with running_registry() as running:
        yield running


def pushed(repository: Repository, content: bytes, media_type: str) -> Descriptor:
    descriptor = Descriptor(media_type=media_type, digest=Digest.of(content), size=len(content))
    repository.push_blob(BlobSource(descriptor=descriptor, open=lambda: BytesIO(content), name="blob"))
    return descriptor


@pytest.fixture
def repository(registry: Registry) -> Repository:
    return client_of(registry, "team/shop")


@pytest.fixture
def layer(repository: Repository) -> Descriptor:
    """The only layer of the image `latest`."""
    layer = pushed(repository, b"layer", MEDIA_TYPE_LAYER_GZIP)
    config = pushed(repository, ImageConfig(platform=LINUX_AMD64, diff_ids=(DIFF_ID,)).to_json(), MEDIA_TYPE_CONFIG)
    repository.put_manifest("latest", MEDIA_TYPE_MANIFEST, Manifest(config=config, layers=(layer,)).to_json())
    return layer


def test_the_blobs_of_the_image_are_known_with_their_sizes(repository, layer):
    assert Neighbour(repository, "latest").blobs[layer.digest] == layer.size


def test_the_diff_ids_are_those_of_its_config(repository, layer):
    assert Neighbour(repository, "latest").diff_ids == {layer.digest: DIFF_ID}


def test_each_document_is_fetched_once(registry, repository, layer):
    registry.traffic.forget()
    neighbour = Neighbour(repository, "latest")
    for _ in range(3):
        assert neighbour.blobs
        assert neighbour.diff_ids
        assert neighbour.head("latest")

    assert [exchange.step for exchange in registry.traffic.exchanges] == [Step.MANIFEST_GET, Step.BLOB_GET]


def test_other_tags_are_asked_for(registry, repository, layer):
    neighbour = Neighbour(repository, "latest")

    assert neighbour.head("other") is None
    assert neighbour.head("latest").digest == repository.manifest("latest").descriptor.digest


def test_nothing_is_known_where_there_is_no_image(repository):
    neighbour = Neighbour(repository, "latest")

    assert neighbour.blobs == {}
    assert neighbour.diff_ids == {}
    assert neighbour.head("latest") is None


def test_a_config_that_cannot_be_had_says_nothing(registry, repository, layer):
    registry.rules.add(always(AnswerStatus(status=404, code="BLOB_UNKNOWN"), Step.BLOB_GET))

    assert Neighbour(repository, "latest").diff_ids == {}
