"""`pack doctor`, as its user runs it: with an engine and without one, on a project that is well and one that is not."""

from __future__ import annotations

import json
import os
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from tests.testbed.daemon import Daemon
from tests.testbed.pack_command import PackCommand

APP = """
import os
from flask import Flask
from flask_sqlalchemy import SQLAlchemy

app = Flask(__name__)
app.config["SQLALCHEMY_DATABASE_URI"] = os.environ["DATABASE_URL"]
"""


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    """A project."""
    folder = tmp_path / "shop"
    folder.mkdir()
    (folder / "app.py").write_text(APP)
    (folder / "requirements.txt").write_text("flask\nflask-sqlalchemy\npymysql\ngunicorn\n")
    return folder


def with_engine(pack: PackCommand, engine: Daemon) -> PackCommand:
    """The command on a machine where an engine runs, with the docker command that goes with it."""
    path = f"{engine.client.parent}{os.pathsep}{os.environ.get('PATH', '')}"
    return replace(pack, more={**pack.more, **engine.environment, "DOCKER_HOST": engine.host, "PATH": path})


def findings(done: subprocess.CompletedProcess[str]) -> dict[str, dict[str, str]]:
    document = json.loads(done.stdout)
    assert document["schema"] == 1
    return {one["subject"]: one for one in document["findings"]}


def test_without_an_engine_the_rest_is_told_all_the_same(pack: PackCommand, shop: Path, tmp_path: Path) -> None:
    absent = replace(pack, more={"DOCKER_HOST": f"unix://{tmp_path}/none.sock", "NO_COLOR": "1", "PYTHONUTF8": "1"})
    done = absent("doctor", shop, "--offline")

    assert done.returncode == 7, done.stderr
    assert "  ✗ engine " in done.stdout
    assert "fix: install and start Docker Engine" in done.stdout
    assert "  ✓ connections             1 container x 3 workers x (5 + 10 of the pool) = 45 connections" in done.stdout
    assert "network                 not asked: --offline" in done.stdout


@pytest.mark.engine
def test_a_machine_with_an_engine_is_well(pack: PackCommand, docker_engine: Daemon, shop: Path) -> None:
    done = with_engine(pack, docker_engine)("doctor", shop, "--offline", "--json")
    found = findings(done)

    assert done.returncode == 0, done.stdout
    assert {one["state"] for one in found.values()} <= {"ok", "note", "warning"}
    assert found["engine"]["what"].startswith("version ")
    assert found["Compose"]["state"] == found["buildx"]["state"] == "ok"
    assert "the engine's machine has" in found["memory of the stack"]["what"]


@pytest.mark.engine
def test_the_numbers_of_changed_files_are_compared(pack: PackCommand, docker_engine: Daemon, shop: Path) -> None:
    command = with_engine(pack, docker_engine)
    for what in ("compose", "nginx", "gunicorn"):
        done = command("generate", what, shop)
        assert done.returncode == 0, done.stderr
    change(shop / "compose.yaml", "stop_grace_period: 40s", "stop_grace_period: 20s")
    change(shop / "deploy/mysql.cnf", "max-connections = 151", "max-connections = 20")
    change(shop / "deploy/nginx/app/proxy.conf", "proxy_read_timeout 65", "proxy_read_timeout 30")
    change(shop / "deploy/gunicorn.conf.py", '"GUNICORN_THREADS", 4', '"GUNICORN_THREADS", 20')

    done = command("doctor", shop, "--offline", "--json")
    found = findings(done)

    assert done.returncode == 7
    assert found["connections"]["state"] == "broken"
    assert "20 of them (deploy/mysql.cnf)" in found["connections"]["what"]
    assert found["connection pool"]["state"] == "warning"
    assert "30 s (deploy/nginx/app/proxy.conf)" in found["time to answer"]["what"]
    assert "20 s (compose.yaml)" in found["time to stop"]["what"]


@pytest.mark.engine
def test_a_volume_of_a_later_mysql_is_told_of(pack: PackCommand, docker_engine: Daemon, shop: Path) -> None:
    (shop / "pack.toml").write_text('[mysql]\nimage = "mysql:8.4"\n')
    labels = ("--label", "com.docker.compose.project=shop", "--label", "com.docker.compose.volume=database")
    docker(docker_engine, "volume", "create", *labels, "shop_database")
    place = docker(docker_engine, "volume", "inspect", "--format", "{{.Mountpoint}}", "shop_database").strip()
    try:
        try:
            Path(place, "mysql_upgrade_history").write_text('{"upgrade_history": [{"version": "9.7.1"}]}')
        except PermissionError:
            pytest.skip("only root writes into a volume")
        found = findings(with_engine(pack, docker_engine)("doctor", shop, "--offline", "--json"))
    finally:
        docker(docker_engine, "volume", "rm", "shop_database")

    assert found["database volume"]["state"] == "broken"
    assert found["database volume"]["what"] == "it holds data of mysql 9.7, which mysql 8.4 cannot open"


def change(path: Path, before: str, after: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert before in text
    path.write_text(text.replace(before, after), encoding="utf-8")


def docker(engine: Daemon, *words: str) -> str:
    environment = {**os.environ, **engine.environment}
    return subprocess.run([engine.client, *words], check=True, capture_output=True, text=True, env=environment).stdout
