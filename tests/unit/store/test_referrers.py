from collections.abc import Callable
from pathlib import Path

import pytest

from packer.errors import ArchiveError, BuildError
from packer.oci.artifact import Artifact, attached_document
from packer.oci.image import Image
from packer.oci.platform_images import PlatformImages
from packer.oci.reference import Reference
from packer.store.cache import DiskCache
from packer.store.images import ImageStore

MakeImage = Callable[..., Image]
BILL, STATEMENT = "application/vnd.cyclonedx+json", "application/vnd.in-toto+json"


@pytest.fixture
def store(tmp_path: Path, cache: DiskCache) -> ImageStore:
    return ImageStore(tmp_path / "data", cache)


def add(store: ImageStore, image: Image, name: str = "shop") -> Image:
    store.add(PlatformImages((image,)), [Reference.parse(name)], created=0)
    return store.get(Reference.parse(name)).images[0]


def about(image: Image, document: bytes, media_type: str = BILL) -> Artifact:
    return attached_document(image.descriptor, document, media_type=media_type)


def documents(store: ImageStore, image: Image) -> set[bytes]:
    return {one.blobs[one.parsed.layers[0].digest] for one in store.attached(image.digest)}


def test_what_was_attached_stands_beside_its_image_only(store: ImageStore, make_image: MakeImage) -> None:
    shop, blog = add(store, make_image("shop")), add(store, make_image("blog"), "blog")
    store.attach([about(shop, b"bill"), about(shop, b"statement", STATEMENT)])

    assert documents(store, shop) == {b"bill", b"statement"}
    assert documents(store, blog) == set()


def test_a_document_of_the_same_kind_replaces_the_older_one(store: ImageStore, make_image: MakeImage) -> None:
    shop = add(store, make_image("shop"))
    store.attach([about(shop, b"statement", STATEMENT), about(shop, b"old")])
    store.attach([about(shop, b"new")])

    assert documents(store, shop) == {b"new", b"statement"}


def test_an_image_needs_what_stands_beside_it_until_it_is_gone(store: ImageStore, make_image: MakeImage) -> None:
    shop = add(store, make_image("shop"))
    artifact = about(shop, b"bill")
    store.attach([artifact])
    assert set(artifact.documents) <= store.needed()

    store.forget(store.list())
    assert store.needed() == frozenset()


def test_what_stands_beside_images_that_are_gone_is_forgotten(
    tmp_path: Path, store: ImageStore, make_image: MakeImage
) -> None:
    shop = add(store, make_image("shop"))
    store.attach([about(shop, b"bill")])
    blog = add(store, make_image("blog"))  # takes the name
    store.attach([about(blog, b"other bill")])

    assert documents(store, shop) == set()
    assert str(shop.digest) not in (tmp_path / "data" / "referrers.json").read_text()


def test_a_document_that_is_gone_from_the_cache_is_said_to_be(
    store: ImageStore, cache: DiskCache, make_image: MakeImage
) -> None:
    shop = add(store, make_image("shop"))
    artifact = about(shop, b"bill")
    store.attach([artifact])
    path = cache.path(artifact.digest)
    assert path is not None
    path.unlink()

    with pytest.raises(BuildError, match="no longer in the cache"):
        store.attached(shop.digest)


def test_a_broken_list_is_refused_with_the_way_out(tmp_path: Path, store: ImageStore, make_image: MakeImage) -> None:
    shop = add(store, make_image("shop"))
    (tmp_path / "data" / "referrers.json").write_text('{"referrers": [1]}')

    with pytest.raises(ArchiveError, match="is broken"):
        store.attached(shop.digest)
