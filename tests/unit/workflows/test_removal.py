"""Removing images: names go, and blobs only when nothing needs them."""

from __future__ import annotations

from pathlib import Path

import pytest

from packer.oci.artifact import Artifact, attached_document
from packer.oci.digest import Digest
from packer.oci.image import Image
from packer.store.cache import DiskCache
from packer.store.images import ImageStore, StoredImage
from packer.workflows.removal import Freed, Removed, names_to_prune, remove_images
from tests.unit.workflows.stored import put

KEY = "ab" * 32


@pytest.fixture
def cache(tmp_path: Path) -> DiskCache:
    return DiskCache(tmp_path / "cache")


@pytest.fixture
def store(tmp_path: Path, cache: DiskCache) -> ImageStore:
    return ImageStore(tmp_path / "data", cache)


def bill(image: Image) -> Artifact:
    return attached_document(image.descriptor, image.digest.hex.encode(), media_type="application/vnd.cyclonedx+json")


def names(store: ImageStore, *wanted: str) -> list[StoredImage]:
    return [entry for entry in store.list() if entry.reference.familiar in wanted]


def remove(store: ImageStore, cache: DiskCache, *wanted: str, recorded_too=False, dry_run=False) -> Removed:
    return remove_images(names(store, *wanted), store, cache, recorded_too=recorded_too, dry_run=dry_run)


def there(cache: DiskCache, layer: str) -> bool:
    return cache.path(Digest.of(layer.encode())) is not None


def test_an_image_that_loses_its_last_name_loses_what_only_it_needs(cache, store):
    image = put(cache, store, "shop:1", layers=("base", "first"))
    put(cache, store, "shop:2", layers=("base", "second"))

    removed = remove(store, cache, "shop:1")

    assert [entry.reference.familiar for entry in removed.names] == ["shop:1"]
    assert removed.blobs == Freed(freed=image.size - len("base"))
    assert [there(cache, layer) for layer in ("base", "first", "second")] == [True, False, True]
    assert cache.path(image.digest) is None
    assert len(store.list()) == 1


def test_what_stands_beside_an_image_goes_with_it(cache, store):
    image, other = put(cache, store, "shop:1", layers=("first",)), put(cache, store, "shop:2", layers=("second",))
    own, others = bill(image), bill(other)
    store.attach([own, others])

    removed = remove(store, cache, "shop:1")

    assert cache.path(own.digest) is None
    assert store.attached(image.digest) == ()
    assert store.attached(other.digest) == (others,)
    assert removed.blobs is not None
    assert removed.blobs.freed > image.size
    put(cache, store, "shop:1", layers=("first",))
    assert store.attached(image.digest) == (), "built again, it has no bill of which only the name is left"


def test_what_was_removed_is_told_as_a_document(cache, store):
    image = put(cache, store, "shop:1", layers=("first",))

    document = remove(store, cache, "shop:1", dry_run=True).to_json(dry_run=True)

    assert document["removed"] == [{"reference": "docker.io/library/shop:1", "digest": str(image.digest)}]
    assert (document["dry_run"], document["freed"], document["kept"]) == (True, image.size, 0)


def test_an_image_with_another_name_keeps_everything(cache, store):
    image = put(cache, store, "shop:1", "shop:latest", layers=("base",))

    assert remove(store, cache, "shop:1").blobs == Freed()
    assert cache.path(image.digest)


def test_what_another_store_needs_stays(cache, store, tmp_path):
    put(cache, store, "shop:1", layers=("base", "first"))
    put(cache, ImageStore(tmp_path / "other", cache), "blog:1", layers=("base",))

    remove(store, cache, "shop:1")

    assert [there(cache, layer) for layer in ("base", "first")] == [True, False]


def test_what_makes_a_later_build_fast_stays_unless_it_is_pruned(cache, store):
    put(cache, store, "shop:1", layers=("first",))
    put(cache, store, "shop:2", layers=("second",))
    for key, layer in ((KEY, "first"), (KEY[::-1], "second")):
        cache.put_record("layer", key, f'{{"digest":"{Digest.of(layer.encode())}"}}'.encode())

    kept = remove(store, cache, "shop:1")
    gone = remove(store, cache, "shop:2", recorded_too=True)

    assert kept.blobs is not None
    assert (kept.blobs.kept, there(cache, "first")) == (len("first"), True)
    assert gone.blobs is not None
    assert (gone.blobs.kept, there(cache, "second")) == (0, False)


def test_nothing_is_taken_from_a_running_build(cache, store):
    put(cache, store, "shop:1", layers=("first",))
    build = DiskCache(cache.root)
    assert there(build, "first")

    removed = remove(store, cache, "shop:1")

    assert (store.list(), removed.blobs) == ((), None)
    assert there(build, "first")


def test_a_dry_run_says_what_would_happen_and_changes_nothing(cache, store):
    put(cache, store, "shop:1", layers=("base", "first"))
    put(cache, store, "shop:2", layers=("base", "second"))
    before = store.list()

    said = remove(store, cache, "shop:1", dry_run=True)

    assert store.list() == before
    assert there(cache, "first")
    assert remove(store, cache, "shop:1") == said


def test_an_image_that_has_lost_its_manifest_can_be_removed(cache, store):
    image = put(cache, store, "shop:1", layers=("first",))
    cache.path(image.digest).unlink()

    assert remove(store, cache, "shop:1").blobs == Freed()
    assert store.list() == ()


def aged(tmp_path: Path, cache: DiskCache, *rows: tuple[int, str]) -> ImageStore:
    for moment, line in rows:
        store = ImageStore(tmp_path / "data", cache, clock=lambda moment=moment: float(moment))
        put(cache, store, *line.split(), layers=(f"{line}",))
    return ImageStore(tmp_path / "data", cache)


def pruned(store: ImageStore, keep: int) -> list[str]:
    return sorted(entry.reference.familiar for entry in names_to_prune(store.list(), keep=keep))


def test_pruning_keeps_the_newest_images_of_each_repository(tmp_path, cache):
    rows = ((1, "shop:a"), (2, "shop:b shop:old"), (3, "shop:c"), (1, "blog:a"), (4, "shop:d shop:latest shop:main"))
    store = aged(tmp_path, cache, *rows)

    assert pruned(store, 3) == ["shop:a"]
    assert pruned(store, 2) == ["shop:a", "shop:b", "shop:old"]
    assert pruned(store, 0) == ["blog:a", "shop:a", "shop:b", "shop:c", "shop:old"]


def test_pruning_keeps_an_old_image_that_is_latest(tmp_path, cache):
    store = aged(tmp_path, cache, (1, "shop:latest shop:a"), (2, "shop:b"), (3, "shop:c"))

    assert pruned(store, 1) == ["shop:b"]
