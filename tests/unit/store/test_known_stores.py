from __future__ import annotations

from pathlib import Path

import pytest

from packer.errors import BuildError
from packer.store.known_stores import known_stores, note_store


def made(folder: Path) -> Path:
    folder.mkdir(parents=True)
    (folder / "images.json").write_text("{}")
    return folder


def test_every_store_is_known_once(tmp_path: Path) -> None:
    one, two = made(tmp_path / "one"), made(tmp_path / "twö")
    for store in (one, two, one):
        note_store(tmp_path / "cache", store)
    assert known_stores(tmp_path / "cache") == (one, two)


def test_a_store_that_is_gone_is_forgotten_when_another_comes(tmp_path: Path) -> None:
    cache, gone = tmp_path / "cache", made(tmp_path / "gone")
    note_store(cache, gone)
    (gone / "images.json").unlink()
    note_store(cache, tmp_path / "new")
    assert known_stores(cache) == (tmp_path / "new",)


def test_a_name_that_is_no_line_is_not_written(tmp_path: Path) -> None:
    note_store(tmp_path / "cache", Path("/a\n/etc"))
    assert known_stores(tmp_path / "cache") == ()


def test_a_cache_without_stores_knows_none(tmp_path: Path) -> None:
    assert known_stores(tmp_path) == ()


def test_lines_that_are_no_paths_are_passed_by(tmp_path: Path) -> None:
    (tmp_path / "stores").write_bytes(b"\nrelative\n\xff\n/there\n")
    assert known_stores(tmp_path) == (Path("/there"),)


def test_a_list_that_cannot_be_read_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "stores").mkdir()
    with pytest.raises(BuildError, match="list of image stores"):
        known_stores(tmp_path)
