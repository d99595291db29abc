from collections.abc import Iterator
from io import BytesIO

import pytest

from packer.oci.artifact import Artifact, attached_document
from packer.oci.descriptor import MEDIA_TYPE_CONFIG, MEDIA_TYPE_MANIFEST, Descriptor
from packer.oci.digest import Digest
from packer.oci.manifest import Manifest
from packer.oci.reference import Reference
from packer.registry.credentials import NoKeychain
from packer.registry.referrers import attach, referrers
from packer.registry.registries import Registries
from packer.registry.repository import Repository
from packer.registry.uploads import BlobSource
from packer.system.urllib_http import UrllibHttp
from tests.testbed.registry import Profile, Registry, Step, profiles, running_registry

BILL = "application/vnd.example.bill+json"
OTHER = "application/vnd.example.other+json"


@pytest.fixture(params=[None, profiles.DISTRIBUTION_2_8], ids=["with the API", "with the tag"])
def registry(request) -> Iterator[Registry]:
    profile: Profile | None = request.param
    with running_registry(profile=profile) as running:
        yield running


@pytest.fixture
def repository(registry: Registry) -> Repository:
    registries = Registries(UrllibHttp({}), NoKeychain(), insecure=frozenset(), note=lambda text: None)
    return registries.repository(Reference.parse(f"{registry.address}/team/shop"), push=True)


@pytest.fixture
def image(repository: Repository) -> Descriptor:
    config = b'{"architecture":"amd64","os":"linux","rootfs":{"type":"layers","diff_ids":[]}}'
    described = Descriptor(media_type=MEDIA_TYPE_CONFIG, digest=Digest.of(config), size=len(config))
    repository.push_blob(BlobSource(descriptor=described, open=lambda: BytesIO(config), name="config"))
    manifest = Manifest(config=described, layers=()).to_json()
    repository.put_manifest("1", MEDIA_TYPE_MANIFEST, manifest)
    return Descriptor(media_type=MEDIA_TYPE_MANIFEST, digest=Digest.of(manifest), size=len(manifest))


def document(image: Descriptor, text: bytes, *, media_type: str = BILL) -> Artifact:
    return attached_document(image, text, media_type=media_type)


def test_an_artifact_is_listed_beside_its_image(repository, image):
    bill = document(image, b"{}1")

    attach(repository, bill)

    assert [one.digest for one in referrers(repository, image.digest)] == [bill.digest]
    stored = repository.manifest(str(bill.digest))
    assert stored is not None
    assert stored.content == bill.manifest


def test_several_stand_beside_one_image_and_one_type_can_be_asked_for(repository, image):
    bill, other = document(image, b"1"), document(image, b"2", media_type=OTHER)

    for one in (bill, other, bill):
        attach(repository, one)

    assert {one.digest for one in referrers(repository, image.digest)} == {bill.digest, other.digest}
    assert [one.digest for one in referrers(repository, image.digest, artifact_type=OTHER)] == [other.digest]


def test_an_image_that_nothing_stands_beside_has_an_empty_list(repository, image):
    assert referrers(repository, image.digest) == ()


def test_only_a_registry_without_the_api_gets_a_list_of_ours(registry, repository, image):
    attach(repository, document(image, b"1"))

    written = [one.target for one in registry.traffic.of(Step.MANIFEST_PUT) if "/manifests/sha256-" in one.target]
    assert bool(written) == (repository.referrers(image.digest) is None)


def test_a_tag_of_somebody_elses_is_no_list(repository, image):
    stored = repository.manifest("1")
    assert stored is not None
    repository.put_manifest(f"sha256-{image.digest.hex}", MEDIA_TYPE_MANIFEST, stored.content)

    assert referrers(repository, image.digest) == ()
