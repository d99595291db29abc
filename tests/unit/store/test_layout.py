from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from packer.errors import ArchiveError, BuildError, PackError, TrustError, UsageError
from packer.oci.artifact import attached_document
from packer.oci.image import Image
from packer.oci.platform import LINUX_AMD64, LINUX_ARM64
from packer.oci.platform_images import PlatformImages
from packer.oci.reference import Reference
from packer.store.cache import DiskCache
from packer.store.layout import read_layout, write_layout

MakeImage = Callable[..., Image]


def references(*texts: str) -> list[Reference]:
    return [Reference.parse(text) for text in texts]


def names_in(folder: Path) -> dict[str, str]:
    """Digest by `ref.name`."""
    entries = json.loads((folder / "index.json").read_bytes())["manifests"]
    return {entry["annotations"]["org.opencontainers.image.ref.name"]: entry["digest"] for entry in entries}


@pytest.fixture
def layout(tmp_path: Path, cache: DiskCache, make_image: MakeImage) -> Path:
    folder = tmp_path / "layout"
    write_layout(folder, PlatformImages((make_image("base", "app"),)), references("shop:1"), cache)
    return folder


def test_a_written_layout_is_read_back_whole(layout: Path, other_cache: DiskCache, make_image: MakeImage) -> None:
    image = make_image("base", "app")
    base = read_layout(str(layout), platform=LINUX_AMD64, cache=other_cache)
    assert base.digest == image.digest
    assert base.config.execution.entrypoint == ("/app",)
    assert [layer.descriptor for layer in base.layers] == [layer.descriptor for layer in image.layers]
    assert [layer.created_by for layer in base.layers] == ["pack: base", "pack: app"]
    assert all(other_cache.verify(layer.descriptor.digest) for layer in base.layers)


def test_a_layout_has_what_the_specification_asks_for(layout: Path, make_image: MakeImage) -> None:
    image = make_image("base", "app")
    assert json.loads((layout / "oci-layout").read_bytes()) == {"imageLayoutVersion": "1.0.0"}
    assert names_in(layout) == {"1": str(image.digest)}
    blobs = {image.digest, image.config_descriptor.digest, *(layer.descriptor.digest for layer in image.layers)}
    assert {path.name for path in (layout / "blobs" / "sha256").iterdir()} == {digest.hex for digest in blobs}
    assert sorted(path.name for path in layout.iterdir()) == ["blobs", "index.json", "oci-layout"]


def test_the_same_images_give_the_same_layout(
    layout: Path, tmp_path: Path, cache: DiskCache, make_image: MakeImage
) -> None:
    write_layout(tmp_path / "again", PlatformImages((make_image("base", "app"),)), references("shop:1"), cache)
    assert (tmp_path / "again" / "index.json").read_bytes() == (layout / "index.json").read_bytes()


def test_an_existing_layout_keeps_its_other_images(layout: Path, cache: DiskCache, make_image: MakeImage) -> None:
    first = names_in(layout)["1"]
    new = make_image("base", "new")
    write_layout(layout, PlatformImages((new,)), references("shop:2", "other:1"), cache)
    assert names_in(layout) == {"1": first, "2": str(new.digest), "docker.io/library/other:1": str(new.digest)}


def test_a_name_leads_to_the_image_written_last(layout: Path, cache: DiskCache, make_image: MakeImage) -> None:
    new = make_image("base", "new")
    write_layout(layout, PlatformImages((new,)), references("shop:1"), cache)
    assert names_in(layout) == {"1": str(new.digest)}


def test_several_platforms_stand_under_one_name(
    tmp_path: Path, cache: DiskCache, other_cache: DiskCache, make_image: MakeImage
) -> None:
    amd, arm = make_image("amd"), make_image("arm", platform=LINUX_ARM64)
    write_layout(tmp_path / "x", PlatformImages((amd, arm)), references("shop"), cache)
    assert read_layout(str(tmp_path / "x"), platform=LINUX_AMD64, cache=other_cache).digest == amd.digest
    assert read_layout(str(tmp_path / "x"), platform=LINUX_ARM64, cache=other_cache).digest == arm.digest


@pytest.mark.parametrize("name", ["2", "shop:2", "docker.io/library/shop:2"])
def test_an_image_is_found_by_tag_or_reference(
    layout: Path, cache: DiskCache, make_image: MakeImage, name: str
) -> None:
    new = make_image("base", "new")
    write_layout(layout, PlatformImages((new,)), references("shop:2"), cache)
    assert read_layout(f"{layout}:{name}", platform=LINUX_AMD64, cache=cache).digest == new.digest


def test_several_images_want_a_name(layout: Path, cache: DiskCache, make_image: MakeImage) -> None:
    write_layout(layout, PlatformImages((make_image("new"),)), references("shop:2"), cache)
    with pytest.raises(UsageError, match="several images"):
        read_layout(str(layout), platform=LINUX_AMD64, cache=cache)
    with pytest.raises(UsageError, match="no image '3'"):
        read_layout(f"{layout}:3", platform=LINUX_AMD64, cache=cache)


def test_a_folder_with_something_else_is_not_touched(tmp_path: Path, cache: DiskCache, make_image: MakeImage) -> None:
    (tmp_path / "home").mkdir()
    (tmp_path / "home" / "letter").write_text("dear")
    with pytest.raises(UsageError, match="neither empty nor an OCI layout"):
        write_layout(tmp_path / "home", PlatformImages((make_image("a"),)), references("shop"), cache)
    assert [path.name for path in (tmp_path / "home").iterdir()] == ["letter"]


def test_a_layer_that_is_gone_leaves_no_half_layout(tmp_path: Path, cache: DiskCache, make_image: MakeImage) -> None:
    image = make_image("a")
    shutil.rmtree(cache.root / "blobs")
    with pytest.raises(BuildError, match="no longer in the cache"):
        write_layout(tmp_path / "new" / "layout", PlatformImages((image,)), references("shop"), cache)
    assert list((tmp_path / "new").iterdir()) == []


def test_an_empty_folder_becomes_a_layout(tmp_path: Path, cache: DiskCache, make_image: MakeImage) -> None:
    (tmp_path / "empty").mkdir()
    write_layout(tmp_path / "empty", PlatformImages((make_image("a"),)), references("shop"), cache)
    assert list(names_in(tmp_path / "empty")) == ["latest"]


def test_a_nameless_image_can_be_written_and_read(tmp_path: Path, cache: DiskCache, make_image: MakeImage) -> None:
    for _ in range(2):
        write_layout(tmp_path / "x", PlatformImages((make_image("a"),)), [], cache)
    assert read_layout(str(tmp_path / "x"), platform=LINUX_AMD64, cache=cache).digest == make_image("a").digest


def blob_files(layout: Path) -> list[Path]:
    return sorted((layout / "blobs" / "sha256").iterdir())


@pytest.mark.parametrize("position", range(4))
@pytest.mark.parametrize("damage", ["flip", "cut", "remove"])
def test_every_damaged_blob_is_noticed(
    layout: Path, tmp_path: Path, other_cache: DiskCache, position: int, damage: str
) -> None:
    copy = tmp_path / "copy"
    shutil.copytree(layout, copy)
    blob = blob_files(copy)[position]
    content = blob.read_bytes()
    if damage == "remove":
        blob.unlink()
    else:
        blob.write_bytes(content[:-1] if damage == "cut" else content[:-1] + bytes([content[-1] ^ 1]))
    with pytest.raises((TrustError, ArchiveError)) as caught:
        read_layout(str(copy), platform=LINUX_AMD64, cache=other_cache)
    assert caught.value.where == str(copy)


@pytest.mark.parametrize("content", [b"", b"{}", b"[" * 99_999, b'{"manifests":[{}]}', b'{"manifests":{}}'])
def test_a_broken_index_is_refused_and_not_overwritten(
    layout: Path, cache: DiskCache, make_image: MakeImage, content: bytes
) -> None:
    (layout / "index.json").write_bytes(content)
    with pytest.raises(ArchiveError):
        read_layout(str(layout), platform=LINUX_AMD64, cache=cache)
    with pytest.raises(PackError):
        write_layout(layout, PlatformImages((make_image("a"),)), references("shop"), cache)
    assert (layout / "index.json").read_bytes() == content


def test_another_platform_is_refused(layout: Path, cache: DiskCache) -> None:
    with pytest.raises(ArchiveError, match="no image for linux/arm64"):
        read_layout(str(layout), platform=LINUX_ARM64, cache=cache)


def test_a_layout_that_is_not_there_is_a_usage_error(tmp_path: Path, cache: DiskCache) -> None:
    with pytest.raises(UsageError, match="no such OCI layout"):
        read_layout(str(tmp_path / "none:1"), platform=LINUX_AMD64, cache=cache)


def test_artifacts_stand_in_the_index_without_a_name(layout: Path, cache: DiskCache, make_image: MakeImage) -> None:
    image = make_image("base", "app")
    artifact = attached_document(image.descriptor, b"bill", media_type="application/vnd.cyclonedx+json")
    for _ in range(2):
        write_layout(layout, PlatformImages((image,)), references("shop:1"), cache, attached=[artifact])

    entries = json.loads((layout / "index.json").read_bytes())["manifests"]
    types = sorted((entry["digest"], entry.get("artifactType")) for entry in entries)
    assert types == sorted([(str(image.digest), None), (str(artifact.digest), "application/vnd.cyclonedx+json")])
    for digest, blob in artifact.documents.items():
        assert (layout / "blobs" / "sha256" / digest.hex).read_bytes() == blob


@pytest.mark.parametrize("name", ["", ":1"])
def test_a_reader_of_images_passes_artifacts_by(
    layout: Path, cache: DiskCache, other_cache: DiskCache, make_image: MakeImage, name: str
) -> None:
    image = make_image("base", "app")
    artifact = attached_document(image.descriptor, b"bill", media_type="application/vnd.cyclonedx+json")
    write_layout(layout, PlatformImages((image,)), references("shop:1"), cache, attached=[artifact])

    assert read_layout(f"{layout}{name}", platform=LINUX_AMD64, cache=other_cache).digest == image.digest
