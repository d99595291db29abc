"""What pack writes is read by every kind of engine, and by tools that pack's authors did not write."""

from __future__ import annotations

import io
import json
import subprocess
import tarfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from packer.engine.connection import Engine, connect
from packer.engine.containers import used_images
from packer.errors import EngineError
from packer.oci.config import Execution
from packer.oci.entry import Entry
from packer.oci.image import Image, assemble
from packer.oci.layer import LayerRecipe
from packer.oci.platform import LINUX_AMD64, LINUX_ARM64, Platform
from packer.oci.platform_images import PlatformImages
from packer.oci.reference import Reference
from packer.store.archive import archive_chunks, write_archive
from packer.store.cache import DiskCache
from packer.store.images import ImageStore
from packer.store.layers import DiskLayerCache
from packer.store.layout import write_layout
from packer.workflows.images import list_images
from tests.testbed.daemon import Daemon

pytestmark = pytest.mark.engine

REFERENCE = Reference.parse("registry.example.test:5000/team/shop:1.4")
EXECUTION = Execution(
    user="65532:65532",
    environment=(("GREETING", "grüezi"),),
    entrypoint=("/app/run", "--flag"),
    working_directory="/app",
    ports=("8000/tcp",),
    volumes=("/app/uploads",),
    stop_signal="SIGTERM",
)
LONG_NAME = "app/" + "/".join(["deep" * 10] * 6) + "/größe.txt"


@dataclass(frozen=True)
class Workbench:
    """A cache, and the images that are made in it."""

    cache: DiskCache

    def image(self, platform: Platform = LINUX_AMD64) -> Image:
        layers = DiskLayerCache(self.cache)
        recipes = [_recipe("base", str(platform), _base), _recipe("app", str(platform), _app)]
        return assemble([layers.layer(recipe) for recipe in recipes], platform=platform, execution=EXECUTION, created=1)

    def archive(self, *platforms: Platform) -> Iterator[bytes]:
        images = PlatformImages(tuple(self.image(platform) for platform in platforms or (LINUX_AMD64,)))
        return archive_chunks(images, [REFERENCE], self.cache, host=LINUX_AMD64)


def _recipe(name: str, key: str, entries: object) -> LayerRecipe:
    return LayerRecipe(name=name, inputs=(name, key), created_by=f"test {name}", entries=lambda: entries(key))


def _base(key: str) -> list[Entry]:
    return [
        Entry.directory("tmp", mode=0o1777),
        Entry.symlink("bin", "usr/bin"),
        Entry.file("usr/bin/tool", b"\x7fELF" + key.encode(), mode=0o755),
        Entry.file("etc/passwd", b"nonroot:x:65532:65532::/:/none\n"),
    ]


def _app(key: str) -> list[Entry]:
    return [
        Entry.file("app/run", b"#!/usr/bin/tool\n", mode=0o755),
        Entry.file(LONG_NAME, b"long" + key.encode()),
        Entry.directory("app/uploads", uid=65532, gid=65532),
    ]


@pytest.fixture
def workbench(tmp_path: Path) -> Workbench:
    return Workbench(DiskCache(tmp_path / "cache"))


@pytest.fixture
def engine(any_engine: Daemon, tmp_path: Path) -> Iterator[Engine]:
    with connect(any_engine.environment, tmp_path) as engine:
        yield engine


def test_an_archive_loads_under_its_name(engine, workbench):
    loaded = engine.load(workbench.archive())

    assert loaded.references == (REFERENCE.familiar,)
    assert engine.client.inspect_image(REFERENCE.familiar)["Id"] == loaded.id


def test_a_loaded_image_keeps_the_digest_that_pack_knows(engine, workbench, any_engine):
    image = workbench.image()

    loaded = engine.load(workbench.archive())

    by_manifest = "containerd.snapshotter" in json.dumps(engine.client.info()["DriverStatus"])
    assert loaded.id == str(image.digest if by_manifest else image.config_descriptor.digest)


def test_a_container_is_known_to_be_of_its_stored_image(engine, workbench, any_engine, tmp_path):
    store = ImageStore(tmp_path / "data", workbench.cache)
    store.add(PlatformImages((workbench.image(),)), [REFERENCE], created=1)
    engine.load(workbench.archive())
    container = engine.client.create_container(REFERENCE.familiar)["Id"]
    try:
        [listed] = list_images(store, own=None, used=used_images(any_engine.environment, tmp_path)).images
    finally:
        engine.client.remove_container(container)

    assert listed.containers == 1


def test_the_configuration_arrives(engine, workbench):
    config = engine.client.inspect_image(engine.load(workbench.archive()).id)["Config"]

    assert config["User"] == EXECUTION.user
    assert config["Entrypoint"] == list(EXECUTION.entrypoint)
    assert config["WorkingDir"] == EXECUTION.working_directory
    assert "GREETING=grüezi" in config["Env"]
    assert list(config["Volumes"]) == ["/app/uploads"]
    assert config["StopSignal"] == "SIGTERM"


def test_the_files_arrive_as_they_were_stated(engine, workbench):
    loaded = engine.load(workbench.archive())

    files = _files(engine, loaded.id)

    assert (files["tmp"].mode & 0o7777, files["tmp"].isdir()) == (0o1777, True)
    assert (files["bin"].issym(), files["bin"].linkname) == (True, "usr/bin")
    assert files["usr/bin/tool"].mode & 0o7777 == 0o755
    assert (files["app"].uid, files["app"].mode & 0o7777) == (0, 0o755)
    assert (files["app/uploads"].uid, files["app/uploads"].gid) == (65532, 65532)
    assert files[LONG_NAME].size == len(b"longlinux/amd64")


def test_an_archive_for_two_platforms_gives_this_machines(engine, workbench):
    engine.load(workbench.archive(LINUX_ARM64, LINUX_AMD64))

    assert engine.client.inspect_image(REFERENCE.familiar)["Architecture"] == "amd64"


def test_loading_again_changes_nothing(engine, workbench):
    first = engine.load(workbench.archive())

    assert engine.load(workbench.archive()) == first


def test_a_truncated_archive_is_an_error_and_not_an_image(engine, workbench):
    whole = b"".join(workbench.archive())

    with pytest.raises(EngineError):
        engine.load([whole[: len(whole) // 2]])


def test_skopeo_reads_the_archive_in_both_of_its_forms(skopeo, workbench, tmp_path):
    file = tmp_path / "shop.tar"
    image = workbench.image()
    write_archive(file, PlatformImages((image,)), [REFERENCE], workbench.cache, host=LINUX_AMD64)

    as_oci = _inspect(skopeo, f"oci-archive:{file}")
    as_docker = _inspect(skopeo, f"docker-archive:{file}")

    assert as_oci["Digest"] == str(image.digest)
    assert as_oci["Layers"] == [str(layer.descriptor.digest) for layer in image.layers]
    assert as_docker["Env"] == as_oci["Env"] == ["GREETING=grüezi"]


def test_skopeo_copies_the_layout_without_touching_a_digest(skopeo, workbench, tmp_path):
    image = workbench.image()
    write_layout(tmp_path / "layout", PlatformImages((image,)), [REFERENCE], workbench.cache)

    source, copy = f"oci:{tmp_path}/layout:{REFERENCE.tag}", f"oci:{tmp_path}/copy:x"
    subprocess.run([skopeo, "copy", "--quiet", source, copy], check=True, capture_output=True)

    assert _inspect(skopeo, copy)["Digest"] == str(image.digest)


def test_umoci_unpacks_the_layout(umoci, workbench, tmp_path):
    write_layout(tmp_path / "layout", PlatformImages((workbench.image(),)), [REFERENCE], workbench.cache)

    words = [umoci, "unpack", "--rootless", "--image", f"{tmp_path}/layout:{REFERENCE.tag}", tmp_path / "bundle"]
    subprocess.run(words, check=True, capture_output=True)

    assert (tmp_path / "bundle/rootfs" / LONG_NAME).read_bytes() == b"longlinux/amd64"
    specification = json.loads((tmp_path / "bundle/config.json").read_text())
    assert specification["process"]["args"] == list(EXECUTION.entrypoint)


def _files(engine: Engine, image: str) -> dict[str, tarfile.TarInfo]:
    """The files of a container of the image, which never runs."""
    container = engine.client.create_container(image)["Id"]
    try:
        content = b"".join(engine.client.export(container))
    finally:
        engine.client.remove_container(container, v=True)
    with tarfile.open(fileobj=io.BytesIO(content)) as archive:
        return {entry.name.rstrip("/"): entry for entry in archive}


def _inspect(skopeo: Path, image: str) -> dict[str, object]:
    done = subprocess.run([skopeo, "inspect", image], check=True, capture_output=True, text=True)
    return json.loads(done.stdout)
