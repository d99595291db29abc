"""`docs/from-docker.md`: every command of its second column, typed in its order, against an engine and a registry."""

from __future__ import annotations

import json
import re
import signal
import socket
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from urllib.request import urlopen

import pytest

from tests.testbed.daemon import Daemon
from tests.testbed.pack_command import PackCommand
from tests.testbed.project_commands import ProjectCommands
from tests.testbed.registry.certificates import Authority
from tests.testbed.registry.judge import Judge

pytestmark = [pytest.mark.engine, pytest.mark.network]

PAGE = Path(__file__).resolve().parents[2] / "docs" / "from-docker.md"
ROW = re.compile(r"^\| `docker ([^`]+)` \| `(pack [^`]+)` \| \S.* \|$", re.MULTILINE)
NAME = "friendlyhello-run-1"
SECRET = "countess"


@dataclass
class Desk:
    """Where one sits: the project, the registry's own name for `username/repository`, and a free port."""

    project: ProjectCommands
    registry: str
    port: int

    def words(self, command: str) -> list[str]:
        named = command.replace("username/repository", f"{self.registry}/username/repository")
        return named.replace("4000", str(self.port)).split()[1:]

    def page(self) -> str:
        deadline = time.monotonic() + 60
        while (text := self._answer()) is None:
            assert time.monotonic() < deadline
            time.sleep(0.1)
        return text

    def _answer(self) -> str | None:
        try:
            with urlopen(f"http://127.0.0.1:{self.port}/") as answer:
                return str(answer.read().decode())
        except OSError:
            return None

    def containers(self) -> list[tuple[str, str]]:
        listed = json.loads(self.project("ps", "-a", "--json"))["containers"]
        return [(one["name"], one["state"].partition(" ")[0]) for one in listed]


def foreground(desk: Desk, command: str) -> None:
    """It serves until Ctrl-C, which ends it well; its name and output are shown."""
    running = desk.project.started(*desk.words(command))
    if "4000" in command:
        assert desk.page() == "Hello from here"
    else:
        assert running.stdout
        assert any("Listening at" in line for line in iter(running.stdout.readline, ""))
    running.send_signal(signal.SIGINT)
    said, _ = running.communicate(timeout=60)
    assert running.returncode == 0, said
    assert desk.containers()[0][1] == "exited"
    desk.project("rm", "--all")


def background(desk: Desk, command: str) -> None:
    assert desk.project(*desk.words(command)) == f"{NAME}\n"
    assert desk.page() == "Hello from here"


def listed(desk: Desk, command: str) -> None:
    table = desk.project(*desk.words(command))
    assert NAME in table
    assert f"http://127.0.0.1:{desk.port}" in table


def ended(desk: Desk, command: str) -> None:
    if desk.containers() == [(NAME, "exited")]:
        desk.project("rm", "--all")
        desk.project("run", "-d")
    assert desk.project(*desk.words(command)) == f"{NAME}\n"
    assert desk.containers() == [(NAME, "exited")]
    assert desk.project("ps") == ""
    assert "exited (" in desk.project("ps", "-a")


def removed(desk: Desk, command: str) -> None:
    if not desk.containers():
        desk.project("run", "-d")
        desk.project("stop")
    assert desk.project(*desk.words(command)) == f"{NAME}\n"
    assert desk.containers() == []


def printed(expected: str) -> Callable[[Desk, str], None]:
    def step(desk: Desk, command: str) -> None:
        assert expected in desk.project(*desk.words(command))

    return step


def image_removed(desk: Desk, command: str) -> None:
    answer = ["--yes"] if "--all" in command else []
    assert "docker.io/library/friendlyhello:latest@sha256:" in desk.project(*desk.words(command), *answer)
    left = json.loads(desk.project("images", "-a", "--json"))
    assert left["images"] == []
    assert ("--all" in command) == (left["engine"] == [])
    desk.project("build")


def login(desk: Desk, command: str) -> None:
    words = [*desk.words(command), desk.registry, "-u", "ada", "--password-stdin"]
    assert "logged in to" in desk.project(*words, given=SECRET)


def from_registry(desk: Desk, command: str) -> None:
    """Nothing of it is on this machine any more."""
    desk.project("rmi", "--all", "--yes")
    desk.project("rmi", f"{desk.registry}/username/repository:tag")
    foreground(desk, command)


STEPS: dict[str, Callable[[Desk, str], None]] = {
    "pack build -t friendlyhello": printed("docker.io/library/friendlyhello:latest@sha256:"),
    "pack run -p 4000:80": foreground,
    "pack run -d -p 4000:80": background,
    "pack ps": listed,
    "pack ps -a": listed,
    "pack stop": ended,
    "pack kill": ended,
    "pack rm friendlyhello-run-1": removed,
    "pack rm --all": removed,
    "pack images -a": printed("IN THE ENGINE"),
    "pack rmi friendlyhello": image_removed,
    "pack rmi --all": image_removed,
    "pack login": login,
    "pack tag username/repository:tag": printed("/username/repository:tag@sha256:"),
    "pack push username/repository:tag": printed("/username/repository:tag@sha256:"),
    "pack run username/repository:tag": from_registry,
}


@pytest.fixture(scope="module")
def desk(
    pack: PackCommand,
    docker_engine: Daemon,
    password_judge: Judge,
    authority: Authority,
    tmp_path_factory: pytest.TempPathFactory,
) -> Desk:
    home = tmp_path_factory.mktemp("home")
    trusted = home / ".docker" / "certs.d" / password_judge.address
    trusted.mkdir(parents=True)
    (trusted / "ca.crt").write_bytes(authority.certificate.read_bytes())
    more = {"HOME": str(home), "DOCKER_HOST": docker_engine.host, "PACK_DATA_DIR": str(home / "data")}
    project = ProjectCommands.new(home / "friendlyhello", PackCommand(memory=pack.memory, more=more))
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    return Desk(project, password_judge.address, port)


def test_every_line_of_the_sheet_has_its_row() -> None:
    rows = dict(ROW.findall(PAGE.read_text()))

    assert list(rows.values()) == list(STEPS)
    assert {
        "build -t friendlyhello .",
        "run -p 4000:80 friendlyhello",
        "run -d -p 4000:80 friendlyhello",
        "container ls",
        "container ls -a",
        "container stop <hash>",
        "container kill <hash>",
        "container rm <hash>",
        "container rm $(docker container ls -a -q)",
        "image ls -a",
        "image rm <image id>",
        "image rm $(docker image ls -a -q)",
        "login",
        "tag <image> username/repository:tag",
        "push username/repository:tag",
        "run username/repository:tag",
    } == set(rows)


@pytest.mark.parametrize("command", STEPS)
def test_the_row_does_what_it_says(desk: Desk, command: str) -> None:
    STEPS[command](desk, command)


def test_nothing_was_left_to_the_docker_command(docker_engine: Daemon, desk: Desk) -> None:
    """What pack did is what Docker sees."""
    environment = {**desk.project.pack.environment, **docker_engine.environment}
    listed = subprocess.run(
        [docker_engine.client, "ps", "-a", "--filter", "label=com.docker.compose.project=friendlyhello", "-q"],
        check=True,
        capture_output=True,
        text=True,
        env=environment,
    )
    assert listed.stdout == ""
