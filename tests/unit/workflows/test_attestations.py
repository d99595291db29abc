import json
from pathlib import Path

import pytest

from packer.attestation.provenance import Origin
from packer.build.progress import Silent
from packer.errors import UsageError
from packer.oci.platform import LINUX_AMD64, LINUX_ARM64
from packer.oci.reference import Reference
from packer.store.cache import DiskCache
from packer.store.images import ImageStore
from packer.workflows.attestations import attest, write_beside
from packer.workflows.built import Built
from packer.workflows.delivery import Delivery, deliver
from packer.workflows.destinations import Destination
from packer.workflows.stored_provenance import stored_provenance
from tests.unit.store.layer_maker import image_of, stored, tar_of

SHOP = Reference.parse("shop:1")
ORIGIN = Origin(wishes={}, choices={}, materials=())


@pytest.fixture
def cache(tmp_path: Path) -> DiskCache:
    return DiskCache(tmp_path / "cache")


@pytest.fixture
def built(cache: DiskCache) -> Built:
    layers = [stored(cache, tar_of([("hello", b"world")]))]
    images = (image_of(layers), image_of(layers, platform=LINUX_ARM64))
    return Built(name="shop", images=images, created=0, pinned=True, cautions=(), origins=(ORIGIN, ORIGIN))


@pytest.fixture
def store(tmp_path: Path, cache: DiskCache) -> ImageStore:
    return ImageStore(tmp_path / "data", cache)


def delivered(built: Built, store: ImageStore, cache: DiskCache, destination: Destination) -> None:
    attestations = attest(built, bill=True, provenance=True, cache=cache, progress=Silent())
    delivery = Delivery(
        names=(SHOP,), destination=destination, load=False, check=False, environment={}, host=LINUX_AMD64
    )
    deliver(built, delivery, store=store, cache=cache, progress=Silent(), attestations=attestations)


def test_nothing_is_said_that_nobody_wished(built, cache):
    assert attest(built, bill=False, provenance=False, cache=cache, progress=Silent()) == ()


def test_each_image_gets_its_own_documents(built, cache):
    made = attest(built, bill=True, provenance=True, cache=cache, progress=Silent())

    assert [(one.suffix, one.platform) for one in made] == [
        ("cdx.json", LINUX_AMD64),
        ("cdx.json", LINUX_ARM64),
        ("intoto.json", LINUX_AMD64),
        ("intoto.json", LINUX_ARM64),
    ]
    subjects = [one.artifact.parsed.subject.digest for one in made]
    assert subjects == [image.digest for image in built.images] * 2


def test_in_the_store_they_stand_beside_their_images(built, store, cache):
    delivered(built, store, cache, Destination("store"))

    for image in built.images:
        assert len(store.attached(image.digest)) == 2
        statement = json.loads(stored_provenance(image, SHOP, store))
        assert statement["subject"][0]["digest"] == {"sha256": image.digest.hex}


def test_an_image_without_provenance_ends_with_what_to_do(built, store):
    with pytest.raises(UsageError, match="no provenance is kept of shop:1") as caught:
        stored_provenance(built.images[0], SHOP, store)
    assert "pack build --provenance" in str(caught.value)


def test_beside_an_archive_they_are_files_that_name_the_platform(tmp_path, built, store, cache):
    delivered(built, store, cache, Destination("archive", tmp_path / "shop.tar"))

    assert sorted(path.name for path in tmp_path.glob("shop.tar.*")) == [
        "shop.tar.linux-amd64.cdx.json",
        "shop.tar.linux-amd64.intoto.json",
        "shop.tar.linux-arm64.cdx.json",
        "shop.tar.linux-arm64.intoto.json",
    ]


def test_of_a_single_platform_the_files_need_no_more_than_their_kind(tmp_path, built, cache):
    made = attest(built, bill=True, provenance=False, cache=cache, progress=Silent())

    assert write_beside(tmp_path / "shop.tar", made[:1]) == (tmp_path / "shop.tar.cdx.json",)
    assert (tmp_path / "shop.tar.cdx.json").read_bytes() == made[0].document
