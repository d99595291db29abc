"""What pack writes, read by programs that nobody here wrote; and what they write, read by pack."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from packer.oci.config import Execution, Healthcheck
from packer.oci.entry import Entry
from packer.oci.image import Image, assemble
from packer.oci.layer import LayerRecipe
from packer.oci.platform import LINUX_AMD64, LINUX_ARM64, Platform
from packer.oci.platform_images import PlatformImages
from packer.oci.reference import Reference
from packer.store.archive import write_archive
from packer.store.archive_base import read_archive
from packer.store.cache import DiskCache
from packer.store.layers import DiskLayerCache
from packer.store.layout import read_layout, write_layout
from tests.testbed.daemon import Daemon
from tests.testbed.engines import KINDS, EngineKind

NAMES = [Reference.parse("forms:1"), Reference.parse("registry.example.com/team/forms:1")]


@pytest.fixture
def cache(tmp_path: Path) -> DiskCache:
    return DiskCache(tmp_path / "cache")


def image(cache: DiskCache, platform: Platform) -> Image:
    entries = [
        Entry.file("app/" + "long/" * 40 + "grüße.py", b"x = 1"),
        Entry.symlink("app/link", "long"),
        Entry.directory("tmp", mode=0o1777),
        Entry.file("bin/tool", str(platform).encode(), mode=0o755, uid=65532, gid=65532),
    ]
    recipe = LayerRecipe(name="app", inputs=(str(platform),), created_by="pack", entries=lambda: entries)
    execution = Execution(
        entrypoint=("/bin/tool",),
        environment=(("A", "1"),),
        user="65532:65532",
        healthcheck=Healthcheck.command(("/bin/tool", "health"), interval=10),
    )
    layers = [DiskLayerCache(cache).layer(recipe)]
    return assemble(layers, platform=platform, execution=execution, created=1_700_000_000)


@pytest.fixture
def images(cache: DiskCache) -> PlatformImages:
    return PlatformImages((image(cache, LINUX_AMD64), image(cache, LINUX_ARM64)))


@pytest.fixture
def archive(tmp_path: Path, cache: DiskCache, images: PlatformImages) -> Path:
    write_archive(tmp_path / "image.tar", images, NAMES, cache, host=LINUX_AMD64)
    return tmp_path / "image.tar"


@pytest.fixture
def layout(tmp_path: Path, cache: DiskCache, images: PlatformImages) -> Path:
    write_layout(tmp_path / "layout", images, NAMES[:1], cache)
    return tmp_path / "layout"


def run(*command: object) -> str:
    result = subprocess.run([str(part) for part in command], capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stderr
    return result.stdout


def docker(engine: Daemon, *arguments: object) -> str:
    command = [str(engine.client), *(str(argument) for argument in arguments)]
    result = subprocess.run(command, capture_output=True, text=True, check=False, env=dict(engine.environment))
    assert result.returncode == 0, result.stderr
    return result.stdout


def test_an_archive_loads_in_every_docker(any_engine: Daemon, archive: Path, images: PlatformImages) -> None:
    docker(any_engine, "load", "-i", archive)
    for name in NAMES:
        (found,) = json.loads(docker(any_engine, "image", "inspect", name.familiar))
        assert found["Config"]["Entrypoint"] == ["/bin/tool"]
        assert found["Config"]["User"] == "65532:65532"
        assert found["Config"]["Healthcheck"]["Test"] == ["CMD", "/bin/tool", "health"]
        assert found["RootFS"]["Layers"] == [str(layer.diff_id) for layer in images.images[0].layers]


def test_the_containerd_store_keeps_the_digest(
    start_engine: Callable[[EngineKind], Daemon], archive: Path, images: PlatformImages
) -> None:
    engine = start_engine(next(kind for kind in KINDS if kind.containerd_store))
    docker(engine, "load", "-i", archive)
    (found,) = json.loads(docker(engine, "image", "inspect", NAMES[0].familiar))
    assert found["Id"] == str(images.digest)


def test_what_docker_saves_is_a_base(any_engine: Daemon, archive: Path, tmp_path: Path, images: PlatformImages) -> None:
    docker(any_engine, "load", "-i", archive)
    docker(any_engine, "save", "-o", tmp_path / "saved.tar", NAMES[0].familiar)
    there = DiskCache(tmp_path / "elsewhere")
    base = read_archive(str(tmp_path / "saved.tar"), platform=LINUX_AMD64, cache=there, layers=DiskLayerCache(there))
    assert [layer.diff_id for layer in base.layers] == [layer.diff_id for layer in images.images[0].layers]
    assert base.config.execution.environment[-1] == ("A", "1")


@pytest.mark.parametrize("platform", [LINUX_AMD64, LINUX_ARM64], ids=str)
def test_skopeo_reads_both_outputs(
    skopeo: Path, archive: Path, layout: Path, images: PlatformImages, platform: Platform
) -> None:
    wanted = images.best_for(platform)
    sources = [f"oci:{layout}:1", f"oci-archive:{archive}:1"]
    if platform == LINUX_AMD64:
        sources.append(f"docker-archive:{archive}:forms:1")
    for source in sources:
        command = (
            skopeo,
            "--override-os=linux",
            f"--override-arch={platform.architecture}",
            "inspect",
            "--config",
            source,
        )
        config = json.loads(run(*command))
        assert config["architecture"] == platform.architecture
        assert config["rootfs"]["diff_ids"] == [str(layer.diff_id) for layer in wanted.layers]


@pytest.mark.parametrize("form", ["oci", "oci-archive", "docker-archive"])
def test_what_skopeo_writes_is_a_base(
    skopeo: Path, layout: Path, tmp_path: Path, images: PlatformImages, form: str
) -> None:
    target = tmp_path / form
    name = ":forms:9" if form == "docker-archive" else ":9"
    run(skopeo, "--override-os=linux", "--override-arch=amd64", "copy", f"oci:{layout}:1", f"{form}:{target}{name}")
    there = DiskCache(tmp_path / "elsewhere")
    if form == "oci":
        base = read_layout(str(target), platform=LINUX_AMD64, cache=there)
    else:
        base = read_archive(str(target), platform=LINUX_AMD64, cache=there, layers=DiskLayerCache(there))
    assert [layer.diff_id for layer in base.layers] == [layer.diff_id for layer in images.images[0].layers]


def test_umoci_unpacks_a_layout(umoci: Path, tmp_path: Path, cache: DiskCache) -> None:
    write_layout(tmp_path / "single", PlatformImages((image(cache, LINUX_AMD64),)), NAMES[:1], cache)
    run(umoci, "unpack", "--rootless", "--image", f"{tmp_path / 'single'}:1", tmp_path / "bundle")
    root = tmp_path / "bundle" / "rootfs"
    assert (root / "app" / ("long/" * 40) / "grüße.py").read_bytes() == b"x = 1"
    assert (root / "app" / "link").readlink() == Path("long")
    assert (root / "bin" / "tool").stat().st_mode & 0o777 == 0o755
