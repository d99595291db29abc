"""The parts of a cache folder, and their removal."""

from __future__ import annotations

import os
from io import BytesIO
from pathlib import Path

import pytest

from packer.oci.digest import Digest
from packer.store.cache import DiskCache
from packer.store.contents import cache_parts, remove_part

KEY = "ab" * 32


@pytest.fixture
def filled(cache: DiskCache) -> DiskCache:
    cache.add(BytesIO(b"blob"))
    cache.put_record("layer", KEY, b"record")
    root = cache.root / "build-roots" / "trixie-1" / "root"
    root.mkdir(parents=True)
    (root / "cc").write_bytes(b"compiler")
    os.link(root / "cc", root / "gcc")
    return cache


def test_every_part_is_listed_with_its_kind_and_size(filled):
    parts = {part.kind: part for part in cache_parts(filled.root)}

    assert set(parts) == {"blobs", "records", "build-roots"}
    assert parts["blobs"].digest == Digest.of(b"blob")
    assert parts["blobs"].size == 4
    assert parts["records"].digest is None
    assert parts["build-roots"].path.name == "trixie-1"
    assert parts["build-roots"].size == len(b"compiler")


def test_a_part_is_removed_as_a_whole_and_nothing_else(filled):
    for part in list(cache_parts(filled.root)):
        if part.kind != "records":
            remove_part(part)

    assert [part.kind for part in cache_parts(filled.root)] == ["records"]
    assert filled.record("layer", KEY) == b"record"
    assert filled.path(Digest.of(b"blob")) is None


def test_a_link_in_the_cache_does_not_lead_out_of_it(filled, tmp_path):
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "file").write_bytes(b"mine")
    (filled.root / "interpreters").mkdir()
    (filled.root / "interpreters" / "python").symlink_to(outside)
    (filled.root / "elsewhere").symlink_to(outside)

    for part in list(cache_parts(filled.root)):
        remove_part(part)

    assert (outside / "file").read_bytes() == b"mine"


def test_a_cache_that_is_not_there_has_no_parts(tmp_path: Path):
    assert list(cache_parts(tmp_path / "none")) == []
