from __future__ import annotations

import gzip
import io
import subprocess
import tarfile
from collections.abc import Iterable
from pathlib import Path

import pytest

from packer.errors import ArchiveError, UsageError
from packer.oci.descriptor import MEDIA_TYPE_LAYER_GZIP
from packer.oci.digest import Digest
from packer.oci.entry import Content, Entry
from packer.oci.layer import Layer, LayerRecipe
from packer.store.cache import DiskCache
from packer.store.codec import Codec, codec_named, zlib_codec
from packer.store.layers import DiskLayerCache
from packer.system.chunks import equal_chunks


class Made:
    """A recipe that counts how often its entries are asked for."""

    def __init__(self, *entries: Entry, inputs: tuple[str, ...] = ("app", "1")) -> None:
        self.count = 0
        self._entries = entries
        self.recipe = LayerRecipe(name="app", inputs=inputs, created_by="pack", entries=self._make)

    def _make(self) -> Iterable[Entry]:
        self.count += 1
        return self._entries


def stored(cache: DiskCache, layer: Layer) -> bytes:
    path = cache.path(layer.descriptor.digest)
    assert path is not None
    return path.read_bytes()


def test_a_layer_is_a_gzipped_tar_with_both_its_digests(cache: DiskCache) -> None:
    layer = DiskLayerCache(cache).layer(Made(Entry.file("app/x", b"1" * 1_000_000)).recipe)
    blob = stored(cache, layer)
    archive = gzip.decompress(blob)
    assert layer.descriptor.media_type == MEDIA_TYPE_LAYER_GZIP
    assert (layer.descriptor.digest, layer.descriptor.size) == (Digest.of(blob), len(blob))
    assert layer.diff_id == Digest.of(archive)
    assert (layer.name, layer.created_by, layer.cached) == ("app", "pack", False)
    with tarfile.open(fileobj=io.BytesIO(archive)) as tar:
        assert tar.getnames() == ["app", "app/x"]


def test_a_known_layer_is_not_made_again(cache: DiskCache) -> None:
    made = Made(Entry.file("x", b"1"))
    first = DiskLayerCache(cache).layer(made.recipe)
    second = DiskLayerCache(DiskCache(cache.root)).layer(made.recipe)
    assert made.count == 1
    assert second.cached
    assert (second.descriptor, second.diff_id) == (first.descriptor, first.diff_id)


@pytest.mark.parametrize("damage", [Path.unlink, lambda path: path.write_bytes(b"cut")])
def test_a_layer_whose_blob_is_gone_or_cut_is_made_again(cache: DiskCache, damage) -> None:
    layers, made = DiskLayerCache(cache), Made(Entry.file("x", b"1"))
    digest = layers.layer(made.recipe).descriptor.digest
    path = cache.path(digest)
    assert path is not None
    damage(path)
    again = layers.layer(made.recipe)
    assert (made.count, again.cached, again.descriptor.digest) == (2, False, digest)
    assert cache.verify(digest)


@pytest.mark.parametrize(
    "rubbish", [b"", b"{}", b"[" * 100_000, b'{"descriptor": 1}', b'{"descriptor":{"size":1}}', b"null"]
)
def test_a_record_that_says_nothing_is_replaced(cache: DiskCache, rubbish: bytes) -> None:
    layers, made = DiskLayerCache(cache), Made(Entry.file("x", b"1"))
    layers.layer(made.recipe)
    (record,) = (path for path in (cache.root / "records").rglob("*") if path.is_file())
    record.write_bytes(rubbish)
    assert not layers.layer(made.recipe).cached
    assert layers.layer(made.recipe).cached


def test_other_inputs_or_another_codec_are_another_layer(cache: DiskCache) -> None:
    entry = Entry.file("x", b"1" * 1000)
    DiskLayerCache(cache).layer(Made(entry).recipe)
    assert not DiskLayerCache(cache).layer(Made(entry, inputs=("app", "2")).recipe).cached
    by_zlib = DiskLayerCache(cache, zlib_codec()).layer(Made(entry).recipe)
    assert not by_zlib.cached
    assert Digest.of(gzip.decompress(stored(cache, by_zlib))) == by_zlib.diff_id


def test_a_recipe_that_fails_leaves_nothing(cache: DiskCache) -> None:
    broken = Content(5, lambda: io.BytesIO(b"four"))
    with pytest.raises(ArchiveError, match="shorter"):
        DiskLayerCache(cache).layer(Made(Entry.file("x", broken)).recipe)
    assert {path.name for path in cache.root.rglob("*") if path.is_file()} == {"CACHEDIR.TAG", "use.lock"}


@pytest.mark.parametrize("codec", [codec_named("gzip"), zlib_codec()], ids=lambda codec: codec.name)
def test_stored_bytes_depend_on_the_stream_alone(codec: Codec) -> None:
    stream = b"".join(str(number).encode() for number in range(200_000))
    ways = (1_000, 300_000, len(stream))
    results = {
        b"".join(codec.compress(equal_chunks(stream[start : start + way] for start in range(0, len(stream), way))))
        for way in ways
    }
    assert len(results) == 1
    (compressed,) = results
    assert compressed.startswith(bytes.fromhex("1f8b08000000000000ff"))
    assert gzip.decompress(compressed) == stream


def test_gzip_itself_finds_no_fault(tmp_path: Path) -> None:
    file = tmp_path / "x.gz"
    file.write_bytes(b"".join(codec_named("gzip").compress([b"hello"])))
    assert subprocess.run(["gzip", "-dc", file], capture_output=True, check=True).stdout == b"hello"


def test_an_unknown_compression_is_a_usage_error() -> None:
    with pytest.raises(UsageError, match="brotli"):
        codec_named("brotli")
