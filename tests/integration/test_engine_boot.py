"""`pack build --check`: an image is called good when an engine has started it and it has answered."""

from __future__ import annotations

from pathlib import Path

import docker
import pytest

from tests.testbed.daemon import Daemon
from tests.testbed.pack_command import PackCommand

pytestmark = [pytest.mark.engine, pytest.mark.network]

APP = """
import os

from flask import Flask

app = Flask(__name__)


@app.get("/healthz")
def healthz():
    return "ok"
"""


@pytest.fixture
def checked(pack: PackCommand, docker_engine: Daemon) -> PackCommand:
    """The `pack` command, whose engine is the private one."""
    return PackCommand(memory=pack.memory, more=docker_engine.environment)


@pytest.fixture
def project(tmp_path: Path) -> Path:
    folder = tmp_path / "shop"
    folder.mkdir()
    (folder / "requirements.txt").write_text("flask\n")
    (folder / "app.py").write_text(APP)
    return folder


def containers(docker_engine: Daemon) -> str:
    """The containers that the engine has, running or not."""
    client = docker.APIClient(base_url=docker_engine.host)
    try:
        return str(client.containers(all=True))
    finally:
        client.close()


def test_an_app_that_boots_is_good(checked, project, docker_engine):
    built = checked("build", project, "--check")

    assert built.returncode == 0, built.stderr
    assert "/healthz answered 200" in built.stderr
    assert containers(docker_engine) == "[]"


def test_variables_that_the_app_wants_get_values_for_the_check(checked, project):
    with (project / "app.py").open("a") as source:
        source.write('app.secret_key = os.environ["SECRET_KEY"]\n')

    assert checked("build", project, "--check").returncode == 0


def test_an_app_that_fails_shows_its_own_traceback_and_the_likely_cause(checked, project, docker_engine):
    with (project / "app.py").open("a") as source:
        source.write('open("/app/count.txt", "w")\n')

    built = checked("build", project, "--check")

    assert built.returncode == 7
    assert 'File "/app/app.py"' in built.stderr
    assert "/app/count.txt" in built.stderr
    assert "gunicorn/arbiter.py" not in built.stderr
    assert "volumes" in built.stderr
    assert containers(docker_engine) == "[]"


def test_without_an_engine_the_user_is_told_what_to_do(pack, project):
    nobody = PackCommand(memory=pack.memory, more={"DOCKER_HOST": "unix:///nowhere/docker.sock"})

    built = nobody("build", project, "--check")

    assert built.returncode == 7
    assert "DOCKER_HOST" in built.stderr
