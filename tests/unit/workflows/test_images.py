"""The list of images: newest first, with what is shared and what is in use."""

from __future__ import annotations

from pathlib import Path

import pytest

from packer.store.cache import DiskCache
from packer.store.images import ImageStore
from packer.workflows.images import list_images
from tests.unit.workflows.stored import put

SHOP = "docker.io/library/shop"


@pytest.fixture
def cache(tmp_path: Path) -> DiskCache:
    return DiskCache(tmp_path / "cache")


@pytest.fixture
def store(tmp_path: Path, cache: DiskCache) -> ImageStore:
    for moment, names, layers in (
        (1.0, ("shop:1",), ("base", "first")),
        (2.0, ("blog:1",), ("other",)),
        (3.0, ("shop:2", "shop:latest"), ("base", "second")),
    ):
        put(cache, ImageStore(tmp_path / "data", cache, clock=lambda moment=moment: moment), *names, layers=layers)
    return ImageStore(tmp_path / "data", cache)


def test_the_newest_is_first_and_the_projects_own_is_marked(store):
    listed = list_images(store, own=SHOP).images
    assert [(one.entry.reference.familiar, one.own) for one in listed] == [
        ("shop:2", True),
        ("shop:latest", True),
        ("blog:1", False),
        ("shop:1", True),
    ]


def test_a_project_can_be_listed_alone(store):
    assert {one.entry.reference.repository for one in list_images(store, own=SHOP, only_own=True).images} == {
        "library/shop"
    }


def test_layers_that_another_image_has_too_are_shared_and_names_of_one_image_share_nothing(store):
    shared = {one.entry.reference.familiar: one.shared for one in list_images(store, own=None).images}
    assert shared == {"shop:1": len("base"), "shop:2": len("base"), "shop:latest": len("base"), "blog:1": 0}


def test_an_image_that_has_lost_a_part_shares_nobody_knows_what(store, cache):
    entry = next(one for one in store.list() if one.reference.familiar == "blog:1")
    cache.path(entry.descriptor.digest).unlink()
    assert [one.shared for one in list_images(store, own=None).images if one.entry == entry] == [None]


def test_containers_are_counted_by_any_id_that_engines_use(store):
    entry = next(one for one in store.list() if one.reference.familiar == "shop:1")
    config = str(store.blobs(entry).configs[0].digest)
    used = (config, str(entry.descriptor.digest), "sha256:" + "0" * 64)
    counts = {one.entry.reference.familiar: one.containers for one in list_images(store, own=None, used=used).images}
    assert counts == {"shop:1": 2, "shop:2": 0, "shop:latest": 0, "blog:1": 0}


def test_without_an_engine_nobody_knows(store):
    assert {one.containers for one in list_images(store, own=None).images} == {None}


def test_the_document_has_every_field(store):
    document = list_images(store, own=SHOP).to_json()
    assert document["schema"] == 1
    assert document["images"][0] == {
        "reference": f"{SHOP}:2",
        "digest": str(list_images(store, own=SHOP).images[0].entry.descriptor.digest),
        "platforms": ["linux/amd64"],
        "size": list_images(store, own=SHOP).images[0].entry.size,
        "shared": 4,
        "created": "1970-01-01T00:00:00Z",
        "stored": "1970-01-01T00:00:03Z",
        "containers": None,
        "own": True,
    }
