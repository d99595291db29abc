from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from packer.errors import ArchiveError, BuildError
from packer.oci.image import Image
from packer.oci.platform import LINUX_AMD64, LINUX_ARM64
from packer.oci.platform_images import PlatformImages
from packer.oci.reference import Reference
from packer.store.cache import DiskCache
from packer.store.images import ImageStore, default_store_root

MakeImage = Callable[..., Image]


def named(text: str) -> Reference:
    return Reference.parse(text)


@pytest.fixture
def store(tmp_path: Path, cache: DiskCache) -> ImageStore:
    return ImageStore(tmp_path / "data", cache)


def test_an_image_is_found_under_each_of_its_names(store: ImageStore, make_image: MakeImage) -> None:
    image = make_image("base", "app")
    assert store.add(PlatformImages((image,)), [named("shop"), named("shop:1")], created=5) == image.digest
    for text in ("shop", "shop:latest", "docker.io/library/shop:1", f"shop@{image.digest}"):
        found = store.get(named(text))
        assert found is not None
        assert (found.digest, found.images[0].manifest) == (image.digest, image.manifest)
        assert [layer.descriptor for layer in found.images[0].layers] == [layer.descriptor for layer in image.layers]
    assert store.get(named("shop:2")) is None
    assert store.get(named(f"other@{image.digest}")) is None


def test_several_platforms_are_one_name(store: ImageStore, make_image: MakeImage) -> None:
    images = PlatformImages((make_image("amd"), make_image("arm", platform=LINUX_ARM64)))
    store.add(images, [named("shop")], created=0)
    found = store.get(named("shop"))
    assert found is not None
    assert found.digest == images.digest
    assert [image.platform for image in found.images] == [LINUX_AMD64, LINUX_ARM64]


def test_the_list_says_what_there_is(store: ImageStore, make_image: MakeImage) -> None:
    image = make_image("a")
    store.add(PlatformImages((image,)), [named("shop:2"), named("blog")], created=1_700_000_000)
    listed = store.list()
    assert [entry.reference.familiar for entry in listed] == ["blog:latest", "shop:2"]
    assert (listed[0].platforms, listed[0].created) == ((LINUX_AMD64,), 1_700_000_000)
    assert listed[0].size == image.size
    assert listed[0].descriptor.digest == image.digest


def test_a_name_leads_to_the_image_added_last_and_can_be_forgotten(store: ImageStore, make_image: MakeImage) -> None:
    for name in ("old", "new"):
        store.add(PlatformImages((make_image(name),)), [named("shop")], created=0)
    found = store.get(named("shop"))
    assert found is not None
    assert found.digest == make_image("new").digest
    assert store.remove(named("shop"))
    assert not store.remove(named("shop"))
    assert (store.get(named("shop")), store.list()) == (None, ())


def test_nothing_is_written_when_nothing_changes(tmp_path: Path, store: ImageStore, make_image: MakeImage) -> None:
    facts = []
    for _ in range(2):
        store.add(PlatformImages((make_image("a"),)), [named("shop")], created=0)
        written = (tmp_path / "data" / "images.json").stat()
        facts.append((written.st_ino, written.st_mtime_ns))
    assert facts[0] == facts[1]


def test_two_builds_at_once_both_end_up_in_the_store(
    tmp_path: Path, cache: DiskCache, store: ImageStore, make_image: MakeImage
) -> None:
    images = PlatformImages((make_image("a"),))

    def add(number: int) -> None:
        ImageStore(tmp_path / "data", cache).add(images, [named(f"shop:{number}")], created=0)

    threads = [threading.Thread(target=add, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(store.list()) == 8


def test_an_image_whose_blobs_are_gone_says_so(store: ImageStore, cache: DiskCache, make_image: MakeImage) -> None:
    image = make_image("a")
    store.add(PlatformImages((image,)), [named("shop")], created=0)
    path = cache.path(image.config_descriptor.digest)
    assert path is not None
    path.write_bytes(b"rubbish")
    with pytest.raises(BuildError, match="parts of shop are no longer in the cache"):
        store.get(named("shop"))
    store.add(PlatformImages((image,)), [named("shop")], created=0)
    assert store.get(named("shop")) is not None


@pytest.mark.parametrize("content", [b"", b"{", b'{"images":[{}]}', b'{"images":[{"reference":"A"}]}'])
def test_a_broken_store_is_named_and_not_overwritten(
    tmp_path: Path, store: ImageStore, make_image: MakeImage, content: bytes
) -> None:
    file = tmp_path / "data" / "images.json"
    file.parent.mkdir()
    file.write_bytes(content)
    with pytest.raises(ArchiveError, match="the image store is broken") as caught:
        store.add(PlatformImages((make_image("a"),)), [named("shop")], created=0)
    assert caught.value.where == str(file)
    assert file.read_bytes() == content


def test_an_empty_store_is_no_error(store: ImageStore) -> None:
    assert (store.list(), store.get(named("shop")), store.remove(named("shop"))) == ((), None, False)


def test_the_root_is_the_setting_or_the_platforms_own_place(tmp_path: Path) -> None:
    assert default_store_root(str(tmp_path)) == tmp_path
    assert default_store_root().name == "packer"
