from __future__ import annotations

import json
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
    [entry] = store.list()
    assert store.forget([entry]) == (entry,)
    assert store.forget([entry]) == ()
    assert (store.get(named("shop")), store.list()) == (None, ())


def test_a_name_that_leads_elsewhere_meanwhile_is_not_forgotten(store: ImageStore, make_image: MakeImage) -> None:
    store.add(PlatformImages((make_image("old"),)), [named("shop")], created=0)
    [seen] = store.list()
    store.add(PlatformImages((make_image("new"),)), [named("shop")], created=0)
    assert store.forget([seen]) == ()
    assert len(store.list()) == 1


def test_an_image_gets_further_names(store: ImageStore, make_image: MakeImage) -> None:
    image = make_image("a")
    store.add(PlatformImages((image,)), [named("shop")], created=3)
    store.add(PlatformImages((make_image("b"),)), [named("blog")], created=4)
    source = next(entry for entry in store.list() if entry.reference == named("shop:latest"))
    store.tag(source, [named("shop:1"), named("blog")])
    assert {(entry.reference.familiar, entry.descriptor.digest, entry.created) for entry in store.list()} == {
        (name, image.digest, 3) for name in ("shop:latest", "shop:1", "blog:latest")
    }


def test_an_image_that_was_removed_gets_no_further_names(store: ImageStore, make_image: MakeImage) -> None:
    store.add(PlatformImages((make_image("a"),)), [named("shop")], created=0)
    [entry] = store.list()
    store.forget([entry])
    with pytest.raises(BuildError, match="removed meanwhile"):
        store.tag(entry, [named("shop:1")])


def test_an_image_is_as_old_as_its_first_name_here(tmp_path: Path, cache: DiskCache, make_image: MakeImage) -> None:
    images = PlatformImages((make_image("a"),))
    ImageStore(tmp_path / "data", cache, clock=lambda: 100.5).add(images, [named("shop:1")], created=7)
    ImageStore(tmp_path / "data", cache, clock=lambda: 200.0).add(images, [named("shop:2")], created=7)
    entries = ImageStore(tmp_path / "data", cache).list()
    assert [(entry.stored, entry.since) for entry in entries] == [(100, 100), (100, 100)]


def test_a_name_written_before_times_were_noted_is_as_old_as_its_image(
    tmp_path: Path, store: ImageStore, make_image: MakeImage
) -> None:
    store.add(PlatformImages((make_image("a"),)), [named("shop")], created=7)
    file = tmp_path / "data" / "images.json"
    document = json.loads(file.read_bytes())
    del document["images"][0]["stored"]
    file.write_text(json.dumps(document))
    assert [entry.since for entry in store.list()] == [7]


def test_the_blobs_of_an_image_are_those_of_all_its_platforms(store: ImageStore, make_image: MakeImage) -> None:
    images = PlatformImages((make_image("a", "b"), make_image("a", "c", platform=LINUX_ARM64)))
    store.add(images, [named("shop")], created=0)
    [entry] = store.list()
    blobs = store.blobs(entry)
    assert blobs.whole
    assert set(blobs.sizes) == {*images.documents, *images.layers}
    assert sum(blobs.sizes.values()) == entry.size
    assert str(images.digest) in blobs.ids
    assert {str(image.config_descriptor.digest) for image in images.images} < blobs.ids


def test_what_another_store_on_the_cache_needs_is_needed(
    tmp_path: Path, cache: DiskCache, store: ImageStore, make_image: MakeImage
) -> None:
    ours, theirs = make_image("ours"), make_image("theirs")
    store.add(PlatformImages((ours,)), [named("shop")], created=0)
    ImageStore(tmp_path / "other", cache).add(PlatformImages((theirs,)), [named("shop")], created=0)
    for one in (store, ImageStore(tmp_path / "third", cache)):
        assert {ours.digest, theirs.digest} <= one.needed()
    [entry] = store.list()
    assert ours.digest not in store.needed(without=[entry])
    (tmp_path / "other" / "images.json").write_text("{")
    with pytest.raises(ArchiveError, match="the image store is broken"):
        store.needed()


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
    assert (store.list(), store.get(named("shop")), store.forget(())) == ((), None, ())


def test_the_root_is_the_setting_or_the_platforms_own_place(tmp_path: Path) -> None:
    assert default_store_root(str(tmp_path)) == tmp_path
    assert default_store_root().name == "packer"
