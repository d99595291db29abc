"""`layout = "single"`: app, nginx and MariaDB in one container, which no death of a process brings down."""

from __future__ import annotations

import json
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.testbed.daemon import Daemon
from tests.testbed.pack_command import PackCommand

pytestmark = [pytest.mark.engine, pytest.mark.network]

SAMPLE = Path(__file__).parents[2] / "sample_flask_app"
CONFINED = ("--read-only", "--tmpfs", "/tmp", "--cap-drop", "ALL", "--security-opt", "no-new-privileges")
PATIENCE = 90
SERVED_BY = (
    "mariadbd",
    "nginx: master",
    "-m gunicorn",
    "s6-supervise app",
    "s6-supervise web",
    "s6-supervise database",
)
Docker = Callable[..., str]


@pytest.fixture(scope="module")
def docker(docker_engine: Daemon) -> Docker:
    """The docker command; a failing one fails the test."""

    def run(*words: str) -> str:
        command = [docker_engine.client, *words]
        done = subprocess.run(
            command, check=False, capture_output=True, text=True, env={"PATH": "/usr/bin", **docker_engine.environment}
        )
        assert done.returncode == 0, done.stderr
        return done.stdout + done.stderr

    return run


@pytest.fixture(scope="module", params=["native", "engine"])
def image(request: pytest.FixtureRequest, pack: PackCommand, docker_engine: Daemon) -> str:
    builder = request.param
    user = request.getfixturevalue("building_pack") if builder == "engine" else pack
    equipped = PackCommand(memory=pack.memory, more={**docker_engine.environment, **user.more, "PACK_LAYOUT": "single"})
    built = equipped("build", SAMPLE, "-t", f"guestbook-single:{builder}", "--load", "--builder", builder)
    assert built.returncode == 0, built.stderr
    return f"guestbook-single:{builder}"


by_one_builder = pytest.mark.parametrize("image", ["native"], indirect=True)


@pytest.fixture
def started(docker: Docker, image: str, request: pytest.FixtureRequest) -> Iterator[Callable[[], None]]:
    """Starts a container called `single` on a volume of its own."""
    volume = f"single-{request.node.name[:40]}".replace("[", "-").replace("]", "")

    def start() -> None:
        docker(
            "run", "-d", "--name", "single", *CONFINED, "-p", "127.0.0.1::8080", "-v", f"{volume}:/var/lib/pack", image
        )

    yield start
    docker("rm", "-f", "-v", "single")
    docker("volume", "rm", "-f", volume)


def address(docker: Docker) -> str:
    return "http://" + docker("port", "single", "8080").split()[0]


def page(docker: Docker, path: str = "/", data: bytes | None = None) -> tuple[int, str]:
    try:
        with urllib.request.urlopen(address(docker) + path, data=data, timeout=10) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, ""
    except (OSError, IndexError):
        return 0, ""


def wait_until_ready(docker: Docker) -> None:
    deadline = time.monotonic() + PATIENCE
    while page(docker, "/readyz")[0] != 200:
        assert time.monotonic() < deadline, docker("logs", "--tail", "60", "single")
        time.sleep(0.2)


def processes(docker: Docker) -> dict[str, tuple[int, str]]:
    """The first process of each service, on this machine: its PID and its command."""
    rows = [line.split(None, 1) for line in docker("top", "single", "-eo", "pid,args").splitlines()[1:]]
    found = {name: [(int(pid), command) for pid, command in rows if name in command] for name in SERVED_BY}
    return {name: processes[0] for name, processes in found.items() if processes}


def wait_for(docker: Docker, name: str, *, other_than: int | None = None) -> int:
    """The PID of a service's first process, which is not the one that was."""
    deadline = time.monotonic() + PATIENCE
    while True:
        pid, _ = processes(docker).get(name, (other_than, ""))
        if pid is not None and pid != other_than:
            return pid
        assert time.monotonic() < deadline, docker("logs", "--tail", "60", "single")
        time.sleep(0.2)


def test_it_serves_the_app_and_its_static_files(docker: Docker, started: Callable[[], None]) -> None:
    started()
    wait_until_ready(docker)

    assert "Guest" in page(docker)[1]
    with urllib.request.urlopen(address(docker) + "/static/css/guestbook.css") as answer:
        assert answer.headers["Server"] == "nginx"
        assert answer.headers["Cache-Control"] == "no-cache"


@by_one_builder
def test_it_survives_the_death_of_any_of_its_processes(docker: Docker, started: Callable[[], None]) -> None:
    started()
    wait_until_ready(docker)
    for name in SERVED_BY:
        pid = wait_for(docker, name)
        subprocess.run(["kill", "-9", str(pid)], check=True)
        wait_for(docker, name, other_than=pid)
        wait_until_ready(docker)
    assert docker("inspect", "single", "--format", "{{.State.Running}} {{.RestartCount}}").split() == ["true", "0"]


@by_one_builder
def test_an_interrupted_first_start_leaves_nothing_behind(docker: Docker, started: Callable[[], None]) -> None:
    started()
    for delay in (0.3, 1.0, 2.0):
        time.sleep(delay)
        docker("kill", "-s", "KILL", "single")
        docker("start", "single")
    wait_until_ready(docker)


def test_it_stops_cleanly_and_keeps_its_data_and_secrets(docker: Docker, started: Callable[[], None]) -> None:
    started()
    wait_until_ready(docker)
    read = ("exec", "single", "/app/.venv/bin/python", "-c")
    secrets = "import os;d='/var/lib/pack/secrets/';print({n: open(d+n).read() for n in sorted(os.listdir(d))})"
    before = docker(*read, secrets)
    docker("stop", "-t", "30", "single")

    assert docker("inspect", "single", "--format", "{{.State.ExitCode}}").strip() == "0"
    assert "mariadbd: Shutdown complete" in docker("logs", "single")

    docker("start", "single")
    wait_until_ready(docker)
    assert docker(*read, secrets) == before
    assert "making the database" not in docker("logs", "--since", "5s", "single")


def test_no_secret_is_in_the_image_or_in_what_the_engine_shows(docker: Docker, started: Callable[[], None]) -> None:
    started()
    wait_until_ready(docker)
    read = "print(open('/var/lib/pack/secrets/database-password').read())"
    password = docker("exec", "single", "/app/.venv/bin/python", "-c", read).strip()

    assert len(password) > 20
    assert password not in docker("inspect", "single")
    assert password not in docker("logs", "single")
    assert json.loads(docker("inspect", "single"))[0]["Config"]["User"] == "65532:65532"


@by_one_builder
def test_a_volume_that_it_may_not_write_to_is_a_clear_error(docker: Docker, image: str) -> None:
    docker("run", "-d", "--name", "refused", *CONFINED, "--tmpfs", "/var/lib/pack:uid=0,mode=0700", image)
    try:
        docker("wait", "refused")
        assert "/var/lib/pack cannot be used" in docker("logs", "refused")
    finally:
        docker("rm", "-f", "refused")
