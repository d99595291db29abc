"""`pack build --builder engine`: engines of two generations, caches in a registry, secrets that stay secret."""

from __future__ import annotations

import json
import os
import subprocess
from ipaddress import ip_address, ip_network
from pathlib import Path

import pytest

from tests.integration.conftest import EngineStarter
from tests.testbed.daemon import Daemon
from tests.testbed.engines import MODERN, OLD, EngineKind
from tests.testbed.pack_command import PackCommand
from tests.testbed.package_index import pure_wheel, running_index
from tests.testbed.registry.judge import Judge
from tests.testbed.stand_ins import copy_stand_ins, docker

pytestmark = [pytest.mark.engine, pytest.mark.network]

APP = """
from flask import Flask

app = Flask(__name__)


@app.get("/healthz")
def healthz():
    return "ok"
"""
PASSWORD = "correct-horse-battery"


@pytest.fixture(scope="module")
def storing_engine(stocked_engine: Daemon, start_engine: EngineStarter) -> Daemon:
    """An engine that keeps images as containerd does, with the stand-ins."""
    engine = start_engine(EngineKind(release=MODERN, containerd_store=True))
    copy_stand_ins(stocked_engine, engine)
    return engine


def project_in(folder: Path, *, requirements: str = "flask\n", app: str = APP) -> Path:
    project = folder / "shop"
    (project / "static").mkdir(parents=True)
    (project / "static" / "shop.css").write_text("a{}\n" * 800)
    (project / "app.py").write_text(app)
    (project / "requirements.txt").write_text(requirements)
    return project


def user_of(engine: Daemon, pack: PackCommand, **more: str) -> PackCommand:
    path = f"{engine.client.parent}:{os.environ['PATH']}"
    return PackCommand(memory=pack.memory, more={**engine.environment, "PATH": path, **more})


def test_an_engine_of_years_ago_builds_it_too(
    pack: PackCommand, stocked_engine: Daemon, start_engine: EngineStarter, tmp_path: Path
) -> None:
    old = start_engine(EngineKind(release=OLD))
    copy_stand_ins(stocked_engine, old)

    built = user_of(old, pack)("build", project_in(tmp_path), "--builder", "engine", "--web", "--check", "-t", "shop:1")

    assert built.returncode == 0, built.stderr
    assert "it boots" in built.stderr
    assert json.loads(docker(old, "image", "inspect", "shop-web:1"))[0]["Config"]["User"] == "101:101"


def test_a_private_index_is_asked_and_its_password_is_nowhere(
    building_pack: PackCommand, stocked_engine: Daemon, tmp_path: Path
) -> None:
    [network] = json.loads(docker(stocked_engine, "network", "inspect", "bridge"))
    [bridge] = network["IPAM"]["Config"]
    gateway, containers = bridge["Gateway"], ip_network(bridge["Subnet"])
    name, content = pure_wheel("house_sauce", "1.0", {"house_sauce.py": "TASTE = 'umami'\n"})
    app = APP.replace('"ok"', "house_sauce.TASTE").replace("from flask", "import house_sauce\nfrom flask")
    project = project_in(tmp_path, requirements="flask\nhouse-sauce\n", app=app)
    with running_index(gateway, {name: content}, name="ann", password=PASSWORD) as index:
        more = {**building_pack.more, "PIP_EXTRA_INDEX_URL": index.url, "PIP_TRUSTED_HOST": gateway}
        pack = PackCommand(memory=building_pack.memory, more=more)
        built = pack("build", project, "--builder", "engine", "--check", "-t", "private:1")
        assert built.returncode == 0, built.stderr
        assert any(ip_address(one) in containers for one in index.clients - {gateway}), "no container asked"

    docker(stocked_engine, "save", "-o", str(tmp_path / "image.tar"), "private:1")
    told = docker(stocked_engine, "history", "--no-trunc", "private:1")
    told += docker(stocked_engine, "image", "inspect", "private:1") + built.stdout + built.stderr
    assert PASSWORD not in told
    assert PASSWORD.encode() not in (tmp_path / "image.tar").read_bytes()


def test_a_registry_gets_the_image_and_the_layers_of_later_builds(
    pack: PackCommand, storing_engine: Daemon, open_judge: Judge, skopeo: Path, tmp_path: Path
) -> None:
    engine = storing_engine
    project, user = project_in(tmp_path), user_of(engine, pack)
    name, cache = f"{open_judge.address}/team/shop:1", f"type=registry,ref={open_judge.address}/team/shop:cache"
    words = ("build", project, "--builder", "engine", "--push", "-t", name)

    first = user(*words, "--cache-to", f"{cache},mode=max")
    assert first.returncode == 0, first.stderr
    docker(engine, "buildx", "prune", "--all", "--force")
    second = user(*words, "--cache-from", cache)

    assert second.returncode == 0, second.stderr
    assert "importing cache manifest" in second.stderr
    assert "uv pip install" in first.stderr
    assert "Installed" not in second.stderr
    inspect = [skopeo, "inspect", "--config", "--tls-verify=false", f"docker://{name}"]
    found = json.loads(subprocess.run(inspect, check=True, capture_output=True, text=True).stdout)
    assert found["config"]["User"] == "65532:65532"


def test_an_engine_that_keeps_its_cache_to_itself_says_what_to_do(
    building_pack: PackCommand, open_judge: Judge, tmp_path: Path
) -> None:
    cache = f"type=registry,ref={open_judge.address}/team/shop:cache"

    built = building_pack("build", project_in(tmp_path), "--builder", "engine", "--cache-to", cache, "-t", "shop:1")

    assert built.returncode == 5
    assert "turn on its containerd image store" in built.stderr


def test_a_builder_that_is_not_there_is_named(building_pack: PackCommand, tmp_path: Path) -> None:
    built = building_pack("build", project_in(tmp_path), "--builder", "engine", "--buildx", "farm", "-t", "shop:1")

    assert built.returncode == 7
    assert "the builder farm cannot be used" in built.stderr


def test_an_engine_that_is_away_is_said_to_be(building_pack: PackCommand, tmp_path: Path) -> None:
    more = {**building_pack.more, "DOCKER_HOST": f"unix://{tmp_path}/nobody.sock"}
    pack = PackCommand(memory=building_pack.memory, more=more)

    built = pack("build", project_in(tmp_path), "--builder", "engine", "-t", "shop:1")

    assert built.returncode == 7
    assert "the container engine does not answer" in built.stderr
