from __future__ import annotations

import gzip
import io
import json
import tarfile
from collections.abc import Callable
from pathlib import Path

import pytest

from packer.errors import ArchiveError, BuildError, TrustError, UsageError
from packer.oci.archive import tar_chunks
from packer.oci.entry import Entry
from packer.oci.image import BaseImage, Image
from packer.oci.platform import LINUX_AMD64, LINUX_ARM64, Platform
from packer.oci.platform_images import PlatformImages
from packer.oci.reference import Reference
from packer.store.archive import archive_chunks, write_archive
from packer.store.archive_base import read_archive
from packer.store.cache import DiskCache
from packer.store.layers import DiskLayerCache

MakeImage = Callable[..., Image]
SHOP = [Reference.parse("shop:1"), Reference.parse("example.com/shop:1")]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "image.tar"


def read(path: Path | str, cache: DiskCache, platform: Platform = LINUX_AMD64) -> BaseImage:
    return read_archive(str(path), platform=platform, cache=cache, layers=DiskLayerCache(cache))


def members(path: Path) -> dict[str, bytes]:
    with tarfile.open(path) as archive:
        return {one.name: archive.extractfile(one).read() for one in archive if one.isfile()}  # type: ignore[union-attr]


def docker_saved(
    image: Image, cache: DiskCache, *, layer_name: Callable[[int], str], **entry: object
) -> dict[str, bytes]:
    """The files of a `docker save` archive of an image: layers uncompressed."""
    config = f"{image.config_descriptor.digest.hex}.json"
    layers = {
        layer_name(number): gzip.decompress(cache.path(layer.descriptor.digest).read_bytes())  # type: ignore[union-attr]
        for number, layer in enumerate(image.layers)
    }
    fields = {"Config": config, "RepoTags": ["shop:1"], "Layers": list(layers), **entry}
    return {"manifest.json": json.dumps([fields]).encode(), config: image.config, **layers}


def tarred(path: Path, files: dict[str, bytes]) -> Path:
    path.write_bytes(b"".join(tar_chunks(Entry.file(name, content) for name, content in files.items())))
    return path


def test_an_archive_is_a_layout_and_a_docker_archive_of_the_same_blobs(
    file: Path, cache: DiskCache, make_image: MakeImage
) -> None:
    image = make_image("base", "app")
    write_archive(file, PlatformImages((image,)), SHOP, cache, host=LINUX_AMD64)
    files = members(file)
    (docker,) = json.loads(files["manifest.json"])
    assert docker["RepoTags"] == ["shop:1", "example.com/shop:1"]
    assert files[docker["Config"]] == image.config
    assert docker["Layers"] == [f"blobs/sha256/{layer.descriptor.digest.hex}" for layer in image.layers]
    assert [entry["annotations"] for entry in json.loads(files["index.json"])["manifests"]] == [
        {"io.containerd.image.name": "docker.io/library/shop:1", "org.opencontainers.image.ref.name": "1"},
        {
            "io.containerd.image.name": "example.com/shop:1",
            "org.opencontainers.image.ref.name": "example.com/shop:1",
        },
    ]
    assert files[f"blobs/sha256/{image.digest.hex}"] == image.manifest
    assert "oci-layout" in files


def test_equal_images_give_equal_archives(cache: DiskCache, make_image: MakeImage) -> None:
    archives = [
        b"".join(archive_chunks(PlatformImages((make_image("a"),)), SHOP, cache, host=LINUX_AMD64)) for _ in range(2)
    ]
    assert archives[0] == archives[1]


def test_the_hosts_image_is_the_one_that_docker_loads(file: Path, cache: DiskCache, make_image: MakeImage) -> None:
    amd, arm = make_image("amd"), make_image("arm", platform=LINUX_ARM64)
    write_archive(file, PlatformImages((amd, arm)), SHOP, cache, host=LINUX_ARM64)
    files = members(file)
    assert files[json.loads(files["manifest.json"])[0]["Config"]] == arm.config
    assert read(file, cache).digest == amd.digest
    assert read(file, cache, LINUX_ARM64).digest == arm.digest


def test_a_layer_that_is_gone_leaves_no_archive(file: Path, cache: DiskCache, make_image: MakeImage) -> None:
    image = make_image("a")
    path = cache.path(image.layers[0].descriptor.digest)
    assert path is not None
    path.unlink()
    with pytest.raises(BuildError, match="no longer in the cache"):
        write_archive(file, PlatformImages((image,)), SHOP, cache, host=LINUX_AMD64)
    assert [one for one in file.parent.iterdir() if one.is_file()] == []


@pytest.mark.parametrize("suffix", ["", ":1", ":shop:1", ":example.com/shop:1"])
def test_a_written_archive_is_read_back(
    file: Path, cache: DiskCache, other_cache: DiskCache, make_image: MakeImage, suffix: str
) -> None:
    image = make_image("base", "app")
    write_archive(file, PlatformImages((image,)), SHOP, cache, host=LINUX_AMD64)
    base = read(f"{file}{suffix}", other_cache)
    assert base.digest == image.digest
    assert all(other_cache.verify(layer.descriptor.digest) for layer in base.layers)


@pytest.mark.parametrize("compress", [bytes, gzip.compress], ids=["plain", "gzip"])
def test_what_docker_saved_is_read_and_its_layers_are_compressed(
    file: Path, cache: DiskCache, other_cache: DiskCache, make_image: MakeImage, compress
) -> None:
    image = make_image("base", "app")
    tarred(file, docker_saved(image, cache, layer_name=lambda number: f"{number}/layer.tar"))
    file.write_bytes(compress(file.read_bytes()))
    base = read(file, other_cache)
    assert base.config.execution.entrypoint == ("/app",)
    assert [layer.diff_id for layer in base.layers] == [layer.diff_id for layer in image.layers]
    assert [layer.descriptor for layer in base.layers] == [layer.descriptor for layer in image.layers]
    assert list((other_cache.root / "tmp").iterdir()) == []


def test_a_saved_layer_may_be_gzipped(file: Path, cache: DiskCache, make_image: MakeImage) -> None:
    image = make_image("a")
    files = docker_saved(image, cache, layer_name=lambda _: "layer.tar")
    files["layer.tar"] = gzip.compress(files["layer.tar"])
    assert read(tarred(file, files), cache).layers[0].diff_id == image.layers[0].diff_id


def test_a_saved_layer_may_be_a_link_to_anothers(file: Path, cache: DiskCache, make_image: MakeImage) -> None:
    image = make_image("a")
    files = docker_saved(image, cache, layer_name=lambda _: "new/layer.tar")
    files["old/layer.tar"] = files.pop("new/layer.tar")
    entries = [Entry.file(name, content) for name, content in files.items()]
    file.write_bytes(b"".join(tar_chunks([*entries, Entry.symlink("new/layer.tar", "../old/layer.tar")])))
    assert read(file, cache).layers[0].diff_id == image.layers[0].diff_id


def test_a_saved_layer_without_its_diff_id_is_refused(file: Path, cache: DiskCache, make_image: MakeImage) -> None:
    files = docker_saved(make_image("a"), cache, layer_name=lambda _: "layer.tar")
    files["layer.tar"] = bytes(10_240)
    with pytest.raises(TrustError, match="diff ID") as caught:
        read(tarred(file, files), cache)
    assert caught.value.where == str(file)


def test_several_saved_images_want_a_name(file: Path, cache: DiskCache, make_image: MakeImage) -> None:
    files = docker_saved(make_image("a"), cache, layer_name=lambda _: "layer.tar")
    entry = json.loads(files["manifest.json"])[0]
    files["manifest.json"] = json.dumps([entry, {**entry, "RepoTags": ["other:2"]}]).encode()
    tarred(file, files)
    with pytest.raises(UsageError, match="several images"):
        read(file, cache)
    with pytest.raises(UsageError, match="no image 'third'"):
        read(f"{file}:third", cache)
    assert read(f"{file}:docker.io/library/other:2", cache).config.execution.entrypoint == ("/a",)


@pytest.mark.parametrize(
    "change",
    [
        {"Layers": []},
        {"Layers": ["missing.tar"]},
        {"Layers": ["../../etc/passwd"]},
        {"Config": "missing.json"},
        {"Config": "/etc/hostname"},
        {"Config": "layer.tar"},
        {"Layers": "layer.tar"},
    ],
    ids=str,
)
def test_a_saved_image_that_does_not_hold_together_is_refused(
    file: Path, cache: DiskCache, make_image: MakeImage, change: dict[str, object]
) -> None:
    tarred(file, docker_saved(make_image("a"), cache, layer_name=lambda _: "layer.tar", **change))
    with pytest.raises(ArchiveError) as caught:
        read(file, cache)
    assert caught.value.where == str(file)


def test_a_loop_of_links_ends(file: Path, cache: DiskCache) -> None:
    loop = [Entry.symlink("manifest.json", "a"), Entry.symlink("a", "manifest.json")]
    file.write_bytes(b"".join(tar_chunks(loop)))
    with pytest.raises(ArchiveError, match="neither"):
        read(file, cache)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"not a tar at all" * 100,
        gzip.compress(b"x" * 5000),
        gzip.compress(b"x" * 5000)[:40],
        b"\x1f\x8b",
        bytes(10_240),
    ],
    ids=range(6),
)
def test_what_is_no_archive_is_refused(file: Path, cache: DiskCache, content: bytes) -> None:
    file.write_bytes(content)
    with pytest.raises(ArchiveError) as caught:
        read(file, cache)
    assert caught.value.where == str(file)


@pytest.mark.parametrize("share", [0.2, 0.4, 0.6])
def test_an_archive_that_is_cut_short_is_refused(
    file: Path, cache: DiskCache, other_cache: DiskCache, make_image: MakeImage, share: float
) -> None:
    whole = b"".join(archive_chunks(PlatformImages((make_image("a", "b"),)), SHOP, cache, host=LINUX_AMD64))
    end = whole.rindex(b'"imageLayoutVersion"') + 512
    file.write_bytes(whole[: int(end * share)])
    with pytest.raises((ArchiveError, TrustError)):
        read(file, other_cache)


def test_a_sparse_member_cannot_grow_without_end(file: Path, cache: DiskCache) -> None:
    header = tarfile.TarInfo("index.json")
    header.type, header.size = tarfile.GNUTYPE_SPARSE, 0
    block = bytearray(header.tobuf(tarfile.GNU_FORMAT))
    block[483:495] = b"77777777777\0"  # the real size: 8 GiB of nothing
    block[148:156] = b" " * 8
    block[148:156] = f"{sum(block):06o}\0 ".encode()
    file.write_bytes(bytes(block) + bytes(10_240 - len(block)))
    with pytest.raises(ArchiveError, match="neither"):
        read(file, cache)


def test_an_archive_that_is_not_there_is_a_usage_error(tmp_path: Path, cache: DiskCache) -> None:
    with pytest.raises(UsageError, match="no such image archive"):
        read(tmp_path / "none.tar", cache)


def test_the_stream_can_go_to_an_engine(cache: DiskCache, make_image: MakeImage) -> None:
    stream = io.BytesIO()
    stream.writelines(archive_chunks(PlatformImages((make_image("a"),)), [], cache, host=LINUX_AMD64))
    stream.seek(0)
    with tarfile.open(fileobj=stream) as archive:
        assert "manifest.json" in archive.getnames()
