"""The layer of static files: at their URL paths, compressed where it pays, and never stale."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from packer.build.source_index import file_digests
from packer.build.static_files import static_recipe
from packer.errors import BuildError
from packer.oci.entry import Entry
from packer.oci.layer import LayerRecipe
from packer.project.model import StaticFolder
from packer.store.cache import DiskCache
from packer.system.source_files import source_files

FOLDERS = (StaticFolder(url="/static", path="app/static"), StaticFolder(url="/shop/static", path="app/shop/static"))


def recipe(root: Path, folders: tuple[StaticFolder, ...] = FOLDERS) -> LayerRecipe:
    files = source_files(root).files
    digests = file_digests(root, files, DiskCache(root.parent / "cache"))
    return static_recipe(root, files, digests, folders)


def entries(root: Path, folders: tuple[StaticFolder, ...] = FOLDERS) -> dict[str, Entry]:
    return {entry.path: entry for entry in recipe(root, folders).entries()}


@pytest.fixture
def root(tmp_path: Path) -> Path:
    for path, text in {
        "app/static/css/site.css": "body { color: red }\n" * 200,
        "app/static/photo.jpg": "x" * 5000,
        "app/static/tiny.js": "1",
        "app/shop/static/cart.js": "cart()\n" * 500,
        "app/views.py": "",
    }.items():
        (tmp_path / "shop" / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "shop" / path).write_text(text)
    return tmp_path / "shop"


def test_each_file_lies_at_its_url_path(root: Path) -> None:
    found = entries(root)

    assert {"srv/www/static/css/site.css", "srv/www/static/photo.jpg", "srv/www/shop/static/cart.js"} <= set(found)
    assert not any("views.py" in path for path in found)


def test_text_has_a_compressed_copy_where_that_is_smaller(root: Path) -> None:
    found = entries(root)

    assert (
        gzip.decompress(found["srv/www/static/css/site.css.gz"].content)
        == (root / "app/static/css/site.css").read_bytes()
    )
    assert "srv/www/static/photo.jpg.gz" not in found
    assert "srv/www/static/tiny.js.gz" not in found


def test_another_content_of_the_same_size_has_another_time(root: Path) -> None:
    before = entries(root)["srv/www/static/tiny.js"].mtime
    (root / "app/static/tiny.js").write_text("2")

    assert entries(root)["srv/www/static/tiny.js"].mtime != before


def test_the_first_folder_wins_where_two_have_a_file_at_one_url(root: Path) -> None:
    both = (StaticFolder(url="/static", path="app/shop/static"), StaticFolder(url="/static", path="app/static"))
    (root / "app/static/cart.js").write_text("other")

    assert entries(root, both)["srv/www/static/cart.js"].size == 3500


def test_a_folder_that_is_the_whole_project_is_one(root: Path) -> None:
    assert "srv/www/app/views.py" in entries(root, (StaticFolder(url="", path="."),))


def test_equal_projects_give_one_key_and_a_changed_file_another(root: Path) -> None:
    before = recipe(root).key
    assert recipe(root).key == before
    (root / "app/static/tiny.js").write_text("3")
    assert recipe(root).key != before


def test_a_file_that_changes_while_it_is_read_stops_the_build(root: Path) -> None:
    made = recipe(root)
    (root / "app/static/css/site.css").write_text("other")

    with pytest.raises(BuildError, match=r"site\.css"):
        list(made.entries())
