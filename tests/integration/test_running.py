"""Running, entering and ending containers, by the real command line and a real engine."""

from __future__ import annotations

import fcntl
import json
import os
import pty
import select
import signal
import socket
import struct
import sys
import termios
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from tests.testbed.daemon import Daemon
from tests.testbed.pack_command import PackCommand
from tests.testbed.project_commands import ProjectCommands
from tests.testbed.stand_ins import docker

pytestmark = [pytest.mark.engine, pytest.mark.network]

NAME = "shop-run-1"


@pytest.fixture(scope="module")
def built(pack: PackCommand, docker_engine: Daemon, tmp_path_factory: pytest.TempPathFactory) -> ProjectCommands:
    """A small app whose image is in pack's store."""
    folder = tmp_path_factory.mktemp("running")
    more = {"DOCKER_HOST": docker_engine.host, "PACK_DATA_DIR": str(folder / "data")}
    project = ProjectCommands.new(folder / "shop", PackCommand(memory=pack.memory, more=more))
    project("build")
    return project


@pytest.fixture
def shop(built: ProjectCommands) -> Iterator[ProjectCommands]:
    """The same, with no container before and after."""
    yield built
    built.run("rm", "--all", "--force")


class Terminal:
    """A command in a terminal of its own."""

    def __init__(self, leader: int, process: int) -> None:
        self.leader = leader
        self.process = process
        self.seen = ""
        self.code: int | None = None

    def wait(self) -> int:
        """Its exit code, when it has written everything."""
        if self.code is None:
            with suppress(AssertionError):
                self.until("\0")
            self.code = os.waitstatus_to_exitcode(os.waitpid(self.process, 0)[1])
        return self.code

    def type(self, text: str) -> None:
        os.write(self.leader, text.encode())

    def resize(self, columns: int, rows: int) -> None:
        fcntl.ioctl(self.leader, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    def until(self, text: str) -> None:
        """Read until something is seen, which is then forgotten."""
        deadline = time.monotonic() + 60
        while text not in self.seen:
            assert time.monotonic() < deadline, self.seen
            self.seen += self._read()
        self.seen = self.seen.partition(text)[2]

    def _read(self) -> str:
        ready, _, _ = select.select([self.leader], [], [], 1)
        if not ready:
            return ""
        try:
            return os.read(self.leader, 4096).decode("utf-8", "replace")
        except OSError as error:
            raise AssertionError(f"the terminal was closed after {self.seen!r}") from error


@contextmanager
def terminal(project: ProjectCommands, *words: str) -> Iterator[Terminal]:
    process, leader = pty.fork()
    if process == 0:
        os.chdir(project.folder)
        command = [sys.executable, "-m", "packer", *words]
        os.execve(command[0], command, {**project.pack.environment, "TERM": "xterm"})
    screen = Terminal(leader, process)
    screen.resize(111, 33)
    try:
        yield screen
    finally:
        if screen.code is None:
            os.kill(process, signal.SIGKILL)
        os.close(leader)
        screen.wait()


def states(project: ProjectCommands) -> dict[str, str]:
    return {one["name"]: one["state"] for one in json.loads(project("ps", "-a", "--json"))["containers"]}


def test_a_terminal_reaches_into_a_container_and_back(shop: ProjectCommands) -> None:
    with terminal(shop, "run", "-it", "--rm", "--", "code", "-q") as screen:
        screen.until(">>> ")
        screen.type("import os; print('size', *os.get_terminal_size())\r")
        screen.until("size 111 33")
        screen.resize(77, 22)
        time.sleep(0.5)
        screen.type("print('size', *os.get_terminal_size())\r")
        screen.until("size 77 22")
        screen.type("\x03")
        screen.until("KeyboardInterrupt")
        screen.type("raise SystemExit(5)\r")
        screen.until("\r\n")
        assert screen.wait() == 5
    assert states(shop) == {}


def test_a_shell_opens_what_the_image_has(shop: ProjectCommands) -> None:
    shop("run", "-d")
    with terminal(shop, "shell") as screen:
        screen.until(">>> ")
        screen.type("app.url_map\r")
        screen.until("-> index")
        screen.type("\x04")
        assert screen.wait() == 0
    assert "6 times 7 is 42" in shop("shell", NAME, given="print(f'6 times 7 is {6*7}')\n")


def test_exec_passes_input_outputs_and_the_exit_code(shop: ProjectCommands) -> None:
    shop("run", "-d", "-e", "GREETING=hello")
    python = "/app/.venv/bin/python"
    program = "import os, sys; print(os.environ['GREETING'], sys.stdin.read()); sys.exit('bad')"
    done = shop.run("exec", NAME, "--", python, "-c", program, given="x" * 300_000)

    assert (done.returncode, done.stdout, done.stderr) == (1, f"hello {'x' * 300_000}\n", "bad\n")
    many = "import sys; sys.stdout.write('y' * 5_000_000)"
    assert len(shop("exec", NAME, python, "-c", many)) == 5_000_000
    missing = shop.run("exec", NAME, "nothing")
    assert missing.returncode != 0
    assert "nothing" in missing.stdout + missing.stderr


def test_the_containers_exit_code_is_packs(shop: ProjectCommands) -> None:
    done = shop.run("run", "--rm", "--", "nosuchmodule")

    assert done.returncode == 1
    assert "No module named nosuchmodule" in done.stderr
    assert shop("run", "--rm", "--", "flask", "--version").startswith("Python 3")
    assert states(shop) == {}


def test_a_container_is_hardened_unless_its_user_says_otherwise(shop: ProjectCommands) -> None:
    write = ("--", "timeit", "-n1", "-r1", "open('/app/x', 'w')")
    refused = shop.run("run", "--rm", *write)
    assert "Read-only file system" in refused.stderr
    shop("run", "--rm", "--", "timeit", "-n1", "-r1", "open('/tmp/x', 'w')")
    assert "Permission denied" in shop.run("run", "--rm", "--writable", *write).stderr


def test_a_task_reaches_what_is_in_the_network_that_is_named(shop: ProjectCommands, docker_engine: Daemon) -> None:
    docker(docker_engine, "network", "create", "--internal", "shop_back")
    try:
        shop("run", "-d", "--network", "back", "--name", "shop-other")
        ask = "import urllib.request; print(urllib.request.urlopen('http://shop-other:8000/').status)"
        assert "200" in shop("run", "--rm", "--network", "back", "--", "timeit", "-n1", "-r1", ask)
        unknown = shop.run("run", "--network", "front", "--", "timeit")
        assert unknown.returncode == 7
        assert "this project has back" in unknown.stderr
    finally:
        shop.run("rm", "--all", "--force")
        docker(docker_engine, "network", "rm", "shop_back")


def test_another_program_of_the_image_is_run_in_the_place_of_its_own(shop: ProjectCommands) -> None:
    assert shop("run", "--rm", "--entrypoint", "/usr/bin/python3.13", "--", "-c", "print(6 * 7)") == "42\n"


def test_being_asked_to_end_ends_the_container_in_good_order(shop: ProjectCommands) -> None:
    running = shop.started("run", "--rm")
    assert running.stdout
    assert any("Listening at" in line for line in iter(running.stdout.readline, ""))
    running.send_signal(signal.SIGTERM)
    said, _ = running.communicate(timeout=90)

    assert running.returncode == 0, said
    assert "Shutting down" in said
    assert states(shop) == {}


def test_logs_are_followed_until_the_container_ends(shop: ProjectCommands) -> None:
    shop("run", "-d")
    shop("run", "-d")
    following = shop.started("logs", "-f")
    assert following.stdout
    assert any(line.startswith("shop-run-2  ") for line in iter(following.stdout.readline, ""))
    assert set(shop("stop").split()) == {NAME, "shop-run-2"}
    said, _ = following.communicate(timeout=60)
    assert following.returncode == 0
    assert "Shutting down" in said
    assert len(shop("logs", NAME, "-n", "2", "-t").splitlines()) == 2
    assert shop("logs", "--since", "2100-01-01") == ""


def test_a_port_that_is_taken_is_refused_and_nothing_is_made(shop: ProjectCommands) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        done = shop.run("run", "-d", "-p", str(port))

    assert done.returncode == 2
    assert f"port {port} of this machine is taken" in done.stderr
    assert states(shop) == {}


def test_another_folders_project_of_the_same_name_is_left_alone(shop: ProjectCommands) -> None:
    other = ProjectCommands.new(shop.folder.parent / f"other-{os.getpid()}" / "shop", shop.pack)
    shop("run", "-d")
    for words in (("stop",), ("kill",), ("rm", "--all", "--force"), ("logs",)):
        refused = other.run(*words)
        assert refused.returncode == 7
        assert str(shop.folder) in refused.stderr
    assert other("ps") == ""
    assert states(shop) == {NAME: "running"}
    assert other("run", "-d").strip() != NAME


def test_without_an_engine_every_verb_says_so(shop: ProjectCommands) -> None:
    more = {**shop.pack.more, "DOCKER_HOST": "unix:///nowhere/docker.sock"}
    nobody = ProjectCommands(shop.folder, PackCommand(memory=shop.pack.memory, more=more))
    for words in (("ps",), ("run",), ("logs",), ("stop",), ("shell",), ("exec", "app", "x"), ("db", "dump")):
        done = nobody.run(*words)
        assert done.returncode == 7, done.stderr
        assert "does not answer" in done.stderr
        assert "DOCKER_HOST" in done.stderr


def test_names_are_completed(shop: ProjectCommands, tmp_path: Path) -> None:
    shop("run", "-d", "--name", "shop-once")
    more = {"_PACK_COMPLETE": "complete_zsh", "_TYPER_COMPLETE_ARGS": "pack stop sh"}
    asked = ProjectCommands(shop.folder, PackCommand(memory=shop.pack.memory, more={**shop.pack.more, **more}))
    assert "shop-once" in asked.run().stdout
