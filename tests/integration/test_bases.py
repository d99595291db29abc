"""`pack build --base`: on an image that pack made, and on one that an engine exported; then booted and asked."""

from __future__ import annotations

import json
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from packer.oci.platform import LINUX_AMD64
from packer.store.archive_base import read_archive
from packer.store.cache import DiskCache
from packer.store.layers import DiskLayerCache
from tests.testbed.daemon import Daemon
from tests.testbed.pack_command import PackCommand

pytestmark = [pytest.mark.engine, pytest.mark.network]

SAMPLE = Path(__file__).parents[2] / "sample_flask_app"
BASE_LABEL = "org.opencontainers.image.base."


@dataclass(frozen=True, kw_only=True)
class Layout:
    """An OCI layout with one image, read without pack."""

    folder: Path

    @property
    def digest(self) -> str:
        return str(self._json("index.json")["manifests"][0]["digest"])

    @property
    def layers(self) -> list[str]:
        return [layer["digest"] for layer in self._manifest["layers"]]

    @property
    def config(self) -> dict[str, Any]:
        return self._blob(self._manifest["config"]["digest"])

    @property
    def labels(self) -> dict[str, str]:
        return dict(self.config["config"]["Labels"])

    @property
    def _manifest(self) -> dict[str, Any]:
        return self._blob(self.digest)

    def _blob(self, digest: str) -> dict[str, Any]:
        return self._json(f"blobs/{digest.replace(':', '/')}")

    def _json(self, path: str) -> dict[str, Any]:
        content: dict[str, Any] = json.loads((self.folder / path).read_text())
        return content


@pytest.fixture(scope="module")
def checked(pack: PackCommand, docker_engine: Daemon) -> PackCommand:
    """The `pack` command, whose engine is the private one."""
    return PackCommand(memory=pack.memory, more=docker_engine.environment)


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The project of the base that pack makes: another one than the sample."""
    folder = tmp_path_factory.mktemp("bases") / "first"
    folder.mkdir()
    (folder / "requirements.txt").write_text("flask\n")
    (folder / "app.py").write_text("from flask import Flask\n\napp = Flask(__name__)\n")
    return folder


@pytest.fixture(scope="module")
def base(pack: PackCommand, project: Path) -> Layout:
    return built(pack, project, project.parent / "base")


@pytest.fixture(scope="module")
def debian(docker_engine: Daemon, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What `docker save` writes of a Debian that was imported: layers uncompressed, configuration all but empty."""
    tool = shutil.which("mmdebstrap")
    if not tool:
        pytest.skip("mmdebstrap is not installed")
    folder = tmp_path_factory.mktemp("debian")
    made = subprocess.run(
        [tool, "--variant=minbase", "--include=python3", "trixie", str(folder / "root.tar")],
        capture_output=True,
        text=True,
        check=False,
    )
    if made.returncode:
        pytest.skip(f"mmdebstrap cannot make a Debian here: {made.stderr[-300:]}")
    docker(docker_engine, "import", folder / "root.tar", "debian-python:1")
    docker(docker_engine, "save", "-o", folder / "saved.tar", "debian-python:1")
    return folder / "saved.tar"


def built(pack: PackCommand, project: Path, folder: Path, *words: str | Path) -> Layout:
    result = pack("build", project, "--output", f"oci:{folder}", *words)
    assert result.returncode == 0, result.stderr
    return Layout(folder=folder)


def docker(engine: Daemon, *arguments: object) -> str:
    command = [str(engine.client), *(str(argument) for argument in arguments)]
    result = subprocess.run(command, capture_output=True, text=True, check=False, env=dict(engine.environment))
    assert result.returncode == 0, result.stderr
    return result.stdout


def test_a_layout_is_a_base_whose_layers_stay_as_they_are(pack, base, tmp_path):
    image = built(pack, SAMPLE, tmp_path / "image", "--base", f"oci:{base.folder}")

    assert image.layers[: len(base.layers)] == base.layers
    assert len(image.layers) > len(base.layers)
    assert image.labels[BASE_LABEL + "digest"] == base.digest
    assert image.labels[BASE_LABEL + "name"] == base.folder.name
    assert image.config["config"]["WorkingDir"] == "/app"


def test_an_archive_gives_the_same_image_wherever_it_lies_but_for_its_name(pack, base, project, tmp_path):
    archives = []
    for place in ("one", "two"):
        (tmp_path / place).mkdir()
        archives.append(tmp_path / place / "base")
        assert pack("build", project, "--output", f"archive:{archives[-1]}").returncode == 0
    stranger = PackCommand(memory=tmp_path / "elsewhere")

    digests = {
        built(pack, SAMPLE, tmp_path / "a", "--base", f"oci:{base.folder}").digest,
        built(pack, SAMPLE, tmp_path / "b", "--base", f"archive:{archives[0]}").digest,
        built(stranger, SAMPLE, tmp_path / "c", "--base", f"archive:{archives[1]}").digest,
    }

    assert len(digests) == 1


def test_a_lock_holds_the_base_and_a_frozen_build_takes_no_other(pack, base, project, tmp_path):
    app = Path(shutil.copytree(project, tmp_path / "app"))
    place = tmp_path / "base"
    shutil.copytree(base.folder, place)
    words = ("--base", f"oci:{place}")

    locked = pack("lock", app, *words)
    assert locked.returncode == 0, locked.stderr
    text = (app / "pack.lock").read_text()
    assert base.digest in text
    assert str(tmp_path) not in text
    followed = pack("build", app, "--frozen", "--output", f"oci:{tmp_path / 'frozen'}", *words)
    assert followed.returncode == 0, followed.stderr
    assert "nothing is pinned" not in followed.stderr

    shutil.rmtree(place)
    (project / "more.py").write_text("")
    other = built(pack, project, place)
    assert other.digest != base.digest
    refused = pack("build", app, "--frozen", *words)
    assert refused.returncode == 5
    assert other.digest in refused.stderr
    assert base.digest in refused.stderr
    told = pack("build", app, *words)
    assert told.returncode == 0, told.stderr
    assert base.digest in told.stderr

    relocked = pack("lock", app, *words)
    assert relocked.returncode == 0, relocked.stderr
    assert pack("build", app, "--frozen", *words).returncode == 0


def test_a_lock_of_debian_packages_is_not_one_of_an_image(pack, base, project, tmp_path):
    app = Path(shutil.copytree(project, tmp_path / "app"))
    assert pack("lock", app, "--platform", "linux/amd64").returncode == 0

    refused = pack("build", app, "--frozen", "--base", f"oci:{base.folder}")

    assert refused.returncode == 5
    assert "does not hold the base" in refused.stderr


def test_a_lock_for_a_platform_that_the_base_lacks_is_refused_where_it_is_wished_for(pack, base, project, tmp_path):
    app = Path(shutil.copytree(project, tmp_path / "app"))

    result = pack("lock", app, "--base", f"oci:{base.folder}", "--platform", "linux/arm64")

    assert result.returncode == 5
    assert "no image for linux/arm64" in result.stderr
    assert not (app / "pack.lock").exists()


def test_debian_packages_beside_an_image_are_refused(pack, base, project, tmp_path):
    app = Path(shutil.copytree(project, tmp_path / "app"))
    (app / "pack.toml").write_text('packages = ["libmagic1t64"]\n')

    result = pack("build", app, "--base", f"oci:{base.folder}")

    assert result.returncode == 4
    assert "libmagic1t64 cannot be added" in result.stderr


def test_what_stands_on_a_base_of_pack_boots(checked, base):
    result = checked("build", SAMPLE, "--base", f"oci:{base.folder}", "--check")

    assert result.returncode == 0, result.stderr
    assert "/healthz answered 200" in result.stderr


def test_what_stands_on_an_exported_debian_boots_with_its_bytecode(checked, docker_engine, debian, tmp_path):
    words = ("--base", f"archive:{debian}")
    result = checked("build", SAMPLE, *words, "-t", "on-debian:1", "--check")

    assert result.returncode == 0, result.stderr
    assert "/healthz answered 200" in result.stderr
    image = built(checked, SAMPLE, tmp_path / "image", *words)
    cache = DiskCache(tmp_path / "cache")
    (layer,) = read_archive(str(debian), platform=LINUX_AMD64, cache=cache, layers=DiskLayerCache(cache)).layers
    assert image.layers[0] == str(layer.descriptor.digest)
    assert image.config["rootfs"]["diff_ids"][0] == str(layer.diff_id)
    version = "import sys, flask; print(sys.version_info[:2], flask.__spec__.cached)"
    answer = docker(docker_engine, "run", "--rm", "--entrypoint", "/app/.venv/bin/python", "on-debian:1", "-c", version)
    assert "(3, 13)" in answer
    bytecode = answer.split()[-1]
    docker(
        docker_engine, "run", "--rm", "--entrypoint", "/app/.venv/bin/python", "on-debian:1",
        "-c", f"assert open({bytecode!r}, 'rb').read(8)[4:] == b'\\x01\\0\\0\\0'",
    )  # fmt: skip


def test_a_python_that_the_base_lacks_is_refused(pack, base):
    result = pack("build", SAMPLE, "--base", f"oci:{base.folder}", "--python", "3.12")

    assert result.returncode == 5
    assert "but 3.12 is wanted" in result.stderr


def test_another_platform_is_refused(pack, base):
    result = pack("build", SAMPLE, "--base", f"oci:{base.folder}", "--platform", "linux/arm64")

    assert result.returncode == 5
    assert "linux/arm64" in result.stderr
