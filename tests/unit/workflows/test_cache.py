"""Pruning: what stored images need and what others use stays."""

from __future__ import annotations

import os
import time
from io import BytesIO
from pathlib import Path

import pytest

from packer.errors import TransientError
from packer.oci.config import Execution
from packer.oci.descriptor import MEDIA_TYPE_LAYER_GZIP, Descriptor
from packer.oci.digest import Digest
from packer.oci.image import assemble
from packer.oci.layer import Layer
from packer.oci.platform import LINUX_AMD64, LINUX_ARM64
from packer.oci.platform_images import PlatformImages
from packer.oci.reference import Reference
from packer.store.cache import DiskCache
from packer.store.images import ImageStore
from packer.workflows.cache import clear_cache, prune_cache, prune_when_due, summarize_cache

DAY = 24 * 3600.0
NAME = Reference.parse("shop")
KEY = "ab" * 32


@pytest.fixture
def cache(tmp_path: Path) -> DiskCache:
    return DiskCache(tmp_path / "cache")


@pytest.fixture
def store(tmp_path: Path, cache: DiskCache) -> ImageStore:
    return ImageStore(tmp_path / "data", cache)


def stored_image(cache: DiskCache, store: ImageStore) -> Digest:
    """An image for two platforms in the store; its only layer."""
    digest = cache.add(BytesIO(b"a layer"))
    descriptor = Descriptor(media_type=MEDIA_TYPE_LAYER_GZIP, digest=digest, size=7)
    layer = Layer(descriptor=descriptor, diff_id=Digest.of(b"tar"), name="app", created_by="test")
    images = PlatformImages(
        tuple(assemble([layer], platform=one, execution=Execution(), created=0) for one in (LINUX_AMD64, LINUX_ARM64))
    )
    store.add(images, [NAME], created=0)
    return digest


def unused_for(cache: DiskCache, days: float) -> None:
    """Make everything as old as that."""
    then = time.time() - days * DAY
    for path in cache.root.rglob("*"):
        os.utime(path, (then, then))


def test_a_stored_image_outlives_a_cleared_cache(cache, store):
    layer = stored_image(cache, store)
    other = cache.add(BytesIO(b"nobody's"))
    cache.put_record("layer", KEY, b"record")

    pruned = clear_cache(cache, store)

    assert cache.path(layer)
    assert store.get(NAME) is not None
    assert cache.path(other) is None
    assert cache.record("layer", KEY) is None
    assert pruned.left == summarize_cache(cache.root).size


def test_an_image_that_was_removed_keeps_nothing(cache, store):
    layer = stored_image(cache, store)
    store.forget(store.list())

    clear_cache(cache, store)

    assert cache.path(layer) is None
    assert summarize_cache(cache.root).size == 0


def test_an_image_that_lost_a_part_keeps_the_others(cache, store):
    layer = stored_image(cache, store)
    images = store.get(NAME)
    lost = cache.path(images.images[1].digest)
    lost.unlink()

    clear_cache(cache, store)

    assert cache.path(layer)


def test_what_is_used_now_and_then_stays(cache, store):
    used, unused = (cache.add(BytesIO(content)) for content in (b"used", b"unused"))
    cache.put_record("layer", KEY, b"record")
    unused_for(cache, 40)
    assert cache.path(used)
    assert cache.record("layer", KEY) == b"record"

    prune_cache(cache, store, unused_since=time.time() - 30 * DAY)

    assert cache.path(used)
    assert cache.record("layer", KEY) == b"record"
    assert cache.path(unused) is None


def test_nothing_is_removed_while_another_pack_uses_the_cache(cache, store):
    blob = cache.add(BytesIO(b"blob"))
    other = DiskCache(cache.root)
    assert other.path(blob)

    with pytest.raises(TransientError, match="another pack is using the cache"), cache.alone(timeout=0):
        pass

    unused_for(cache, 40)
    prune_when_due(cache, store, now=time.time(), clock=time.monotonic)
    assert (cache.root / "blobs" / "sha256" / blob.hex[:2] / blob.hex).exists()

    del other
    third = DiskCache(cache.root)
    assert cache.path(blob)
    with pytest.raises(TransientError), third.alone(timeout=0):
        pass
    with cache.alone(timeout=0):
        pass


def test_who_prunes_may_use_the_cache_again_afterwards(cache, store):
    blob = cache.add(BytesIO(b"blob"))
    prune_cache(cache, store, unused_since=0.0)

    assert cache.path(blob)
    with pytest.raises(TransientError), DiskCache(cache.root).alone(timeout=0):
        pass


def test_old_things_go_by_themselves_once_a_day(cache, store):
    first = cache.add(BytesIO(b"first"))
    unused_for(cache, 40)
    prune_when_due(cache, store, now=time.time(), clock=time.monotonic)
    assert cache.path(first) is None

    second = cache.add(BytesIO(b"second"))
    path = cache.path(second)
    os.utime(path, (0, 0))
    prune_when_due(cache, store, now=time.time(), clock=time.monotonic)
    assert path.exists()

    prune_when_due(cache, store, now=time.time() + 2 * DAY, clock=time.monotonic)
    assert not path.exists()


def test_an_image_store_that_cannot_be_read_stops_pruning(cache, store, tmp_path):
    blob = cache.add(BytesIO(b"blob"))
    unused_for(cache, 40)
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "images.json").write_text("{")

    prune_when_due(cache, store, now=time.time(), clock=time.monotonic)

    assert cache.path(blob)


def test_removal_by_itself_is_short(cache, store):
    for number in range(3):
        cache.add(BytesIO(b"%d" % number))
    unused_for(cache, 40)
    times = iter((0.0, 1.0, 100.0))

    prune_when_due(cache, store, now=time.time(), clock=lambda: next(times))

    assert len([path for path in (cache.root / "blobs").rglob("*") if path.is_file()]) == 2
