"""The everyday commands with Podman in the engine's place."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from tests.testbed.pack_command import PackCommand
from tests.testbed.podman import PodmanError, running_podman
from tests.testbed.project_commands import ProjectCommands

pytestmark = [pytest.mark.engine, pytest.mark.network]

NAME = "shop-run-1"


@pytest.fixture(scope="module")
def shop(pack: PackCommand, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ProjectCommands]:
    """A small app whose image is in pack's store, where a container can be started at all."""
    folder = tmp_path_factory.mktemp("podman")
    try:
        with running_podman() as host:
            more = {"DOCKER_HOST": host, "PACK_DATA_DIR": str(folder / "data")}
            project = ProjectCommands.new(folder / "shop", PackCommand(memory=pack.memory, more=more))
            project("build")
            tried = project.run("run", "--rm", "--", "platform")
            if tried.returncode:
                pytest.skip(f"podman starts no container here: {tried.stderr.strip()[-300:]}")
            yield project
    except PodmanError as error:
        pytest.skip(str(error))


def states(project: ProjectCommands) -> list[tuple[str, str]]:
    return [(one["name"], one["state"]) for one in json.loads(project("ps", "-a", "--json"))["containers"]]


def test_a_container_runs_is_looked_at_entered_ended_and_removed(shop: ProjectCommands) -> None:
    assert shop("run", "-d") == f"{NAME}\n"
    assert states(shop) == [(NAME, "running")]
    assert "http://127.0.0.1:" in shop("ps")
    done = shop.run("exec", NAME, "--", "/app/.venv/bin/python", "-c", "import sys; sys.exit(input())", given="no\n")
    assert (done.returncode, done.stderr) == (1, "no\n")
    assert "42" in shop("shell", given="print(6*7)\n")
    assert "Listening at" in shop("logs")
    assert shop("stop") == f"{NAME}\n"
    assert states(shop) == [(NAME, "exited")]
    assert shop("rm", "--all") == f"{NAME}\n"
    assert states(shop) == []


def test_the_containers_exit_code_is_packs(shop: ProjectCommands) -> None:
    assert shop.run("run", "--rm", "--", "nosuchmodule").returncode == 1
    assert states(shop) == []
