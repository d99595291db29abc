from __future__ import annotations

from pathlib import Path

import pytest

from packer.errors import UsageError
from packer.store.cache import DiskCache
from packer.store.images import ImageStore
from packer.workflows.own_repository import complete_name, own_image, own_repository, remember_name
from tests.unit.workflows.stored import put

SHOP = "docker.io/library/shop"


@pytest.fixture
def cache(tmp_path: Path) -> DiskCache:
    return DiskCache(tmp_path / "cache")


@pytest.fixture
def project(tmp_path: Path) -> Path:
    folder = tmp_path / "My Shop"
    folder.mkdir()
    return folder


def test_a_folder_names_its_images_like_itself(project, cache):
    assert own_repository(project, {}, cache) == "docker.io/library/my-shop"


def test_a_manifest_names_them_better(project, cache):
    (project / "pyproject.toml").write_text('[project]\nname = "Shop"\n')
    assert own_repository(project, {}, cache) == SHOP


def test_what_the_last_build_found_is_better_still(project, cache):
    (project / "pyproject.toml").write_text('[project]\nname = "Shop"\n')
    remember_name(cache, project, "backend")
    assert own_repository(project, {}, cache) == "docker.io/library/backend"


def test_a_setting_wins(project, cache):
    remember_name(cache, project, "backend")
    assert own_repository(project, {"PACK_IMAGE": "localhost:5000/team/shop"}, cache) == "localhost:5000/team/shop"


def test_a_tag_alone_is_one_of_the_projects(project, cache):
    assert complete_name(":1.4", project, {}, cache) == "docker.io/library/my-shop:1.4"
    assert complete_name("blog:1.4", project, {}, cache) == "blog:1.4"


def test_the_own_image_is_latest_or_else_the_newest(tmp_path, cache):
    for moment, name in ((3.0, "blog"), (1.0, "shop:a"), (2.0, "shop:b")):
        store = ImageStore(tmp_path / "data", cache, clock=lambda moment=moment: moment)
        put(cache, store, name, layers=(name,))
    assert own_image(store.list(), SHOP).reference.tag == "b"
    put(cache, ImageStore(tmp_path / "data", cache, clock=lambda: 0.0), "shop:latest", layers=("old",))
    assert own_image(store.list(), SHOP).reference.tag == "latest"


def test_a_project_without_an_image_is_told_to_build_one():
    with pytest.raises(UsageError, match="no image of this project"):
        own_image((), SHOP)
