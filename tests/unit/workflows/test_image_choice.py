from pathlib import Path

import pytest

from packer.errors import PlatformError, UsageError
from packer.oci.image import Image
from packer.oci.platform import LINUX_AMD64, LINUX_ARM64
from packer.oci.platform_images import PlatformImages
from packer.oci.reference import Reference
from packer.store.archive import write_archive
from packer.store.cache import DiskCache
from packer.store.images import ImageStore
from packer.store.layout import write_layout
from packer.workflows.image_choice import ChosenImage, image_at, image_in_store
from tests.unit.store.layer_maker import image_of, stored, tar_of

SHOP = Reference.parse("shop:1")


@pytest.fixture
def cache(tmp_path: Path) -> DiskCache:
    return DiskCache(tmp_path / "cache")


@pytest.fixture
def images(cache: DiskCache) -> PlatformImages:
    layers = [stored(cache, tar_of([("hello", b"world")]))]
    return PlatformImages((image_of(layers), image_of(layers, platform=LINUX_ARM64)))


@pytest.fixture
def store(tmp_path: Path, cache: DiskCache, images: PlatformImages) -> ImageStore:
    store = ImageStore(tmp_path / "data", cache)
    store.add(images, [SHOP], created=0)
    return store


@pytest.mark.parametrize(
    ("platform", "host", "chosen"),
    [(None, LINUX_ARM64, LINUX_ARM64), (None, None, LINUX_AMD64), (LINUX_ARM64, LINUX_AMD64, LINUX_ARM64)],
)
def test_of_several_platforms_the_wanted_one_is_chosen_or_this_machines(store, platform, host, chosen):
    assert image_in_store(SHOP, platform, host=host, store=store).platform == chosen


def test_a_name_that_is_not_there_ends_with_what_to_do(store):
    with pytest.raises(UsageError, match="no image blog:1") as caught:
        image_in_store(Reference.parse("blog:1"), None, host=None, store=store)
    assert "pack build" in str(caught.value)


def test_a_platform_that_is_not_there_is_not_replaced_by_another(tmp_path, cache, images):
    store = ImageStore(tmp_path / "data", cache)
    store.add(PlatformImages(images.images[:1]), [SHOP], created=0)

    with pytest.raises(PlatformError, match="not for linux/arm64"):
        image_in_store(SHOP, LINUX_ARM64, host=LINUX_AMD64, store=store)


def chosen(image: Image) -> ChosenImage:
    return ChosenImage.built(image, "shop:1")


def test_the_same_image_is_read_from_a_layout_and_from_an_archive(tmp_path, cache, images):
    image = images.images[0]
    write_layout(tmp_path / "layout", PlatformImages((image,)), [SHOP], cache)
    write_archive(tmp_path / "shop.tar", PlatformImages((image,)), [SHOP], cache, host=LINUX_AMD64)

    for place in (
        f"oci:{tmp_path}/layout",
        f"{tmp_path}/layout",
        f"archive:{tmp_path}/shop.tar",
        f"{tmp_path}/shop.tar",
    ):
        found = image_at(place, LINUX_AMD64, cache)
        assert found.subject.digest == image.digest
        assert [one.diff_id for one in found.layers] == [one.diff_id for one in chosen(image).layers]


def test_a_place_where_nothing_is_ends_with_a_clear_message(tmp_path, cache):
    with pytest.raises(UsageError, match="no such image archive"):
        image_at(f"{tmp_path}/nothing.tar", LINUX_AMD64, cache)
