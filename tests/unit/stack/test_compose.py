"""Finding Compose and listening to it, with programs that say what Compose says."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from packer.errors import EngineError
from packer.stack.compose import Compose, ComposeError, ComposeProject, find_compose

PULL = """\
 Network shop_back  Creating
 Container shop-web-1  Waiting
 Container shop-web-1  Removed
 database Pulling
 4f4fb700ef54 Pulling fs layer
 4f4fb700ef54 Downloading [=====>       ]  1.2MB/12MB
 4f4fb700ef54 Extracting  1 s
 database Error
Error response from daemon: manifest unknown
"""


def program(folder: Path, name: str, script: str) -> dict[str, str]:
    """A command, and the environment that finds it and no other."""
    path = folder / name
    path.write_text(f"#!/bin/sh\n{script}")
    path.chmod(0o755)
    return {"PATH": str(folder)}


@pytest.mark.parametrize("name", ["docker", "docker-compose"])
def test_compose_is_a_plugin_or_a_command_of_its_own(tmp_path: Path, name: str) -> None:
    environment = program(tmp_path, name, "echo 2.26.1-3\n")

    words = (str(tmp_path / "docker"), "compose") if name == "docker" else (str(tmp_path / "docker-compose"),)
    assert find_compose(environment).command == words


def test_a_plugin_that_is_missing_is_no_hindrance(tmp_path: Path) -> None:
    program(tmp_path, "docker", "echo \"docker: 'compose' is not a docker command\" >&2\nexit 1\n")
    environment = program(tmp_path, "docker-compose", "echo v2.40.0\n")

    assert find_compose(environment).command == (str(tmp_path / "docker-compose"),)


@pytest.mark.parametrize(("answer", "sentence"), [("1.29.2", "too old: 1.29.2"), ("2.19.1", "too old: 2.19.1")])
def test_an_old_compose_is_refused(tmp_path: Path, answer: str, sentence: str) -> None:
    with pytest.raises(EngineError, match=sentence) as caught:
        find_compose(program(tmp_path, "docker-compose", f"echo {answer}\n"))

    assert caught.value.hint is not None
    assert "docker-compose-plugin" in caught.value.hint


def test_no_compose_says_how_to_get_one(tmp_path: Path) -> None:
    with pytest.raises(EngineError, match="there is none here"):
        find_compose({"PATH": str(tmp_path)})


def test_layers_are_not_shown_but_what_failed_is_kept(tmp_path: Path) -> None:
    words = tmp_path / "words"
    words.write_text(PULL)
    script = 'if [ "$1" = version ]; then echo 2.26.1; exit; fi\nwhile IFS= read -r text; do echo "$text"; done >&2'
    compose = find_compose(program(tmp_path, "docker-compose", f"{script} <{words}\nexit 18\n"))
    heard: list[str] = []

    with pytest.raises(ComposeError, match="`docker compose up` ended with exit status 18") as caught:
        compose.follow(ComposeProject(name="shop", folder=tmp_path, files=()), ["up"], variables={}, line=heard.append)

    assert heard == [
        " Container shop-web-1  Removed",
        " database Pulling",
        " database Error",
        "Error response from daemon: manifest unknown",
    ]
    assert caught.value.said == PULL.strip()


def test_compose_is_ended_when_what_it_waits_for_will_not_come(tmp_path: Path) -> None:
    script = 'if [ "$1" = version ]; then echo 2.26.1; exit; fi\necho waiting >&2\nexec sleep 600\n'
    environment = {"PATH": f"{program(tmp_path, 'docker-compose', script)['PATH']}:{os.environ['PATH']}"}
    compose = Compose(command=(str(tmp_path / "docker-compose"),), environment=environment)
    project = ComposeProject(name="shop", folder=tmp_path, files=())

    def look() -> None:
        raise EngineError("the database is not well")

    with pytest.raises(EngineError, match="the database is not well"):
        compose.follow(project, ["up"], variables={}, line=[].append, meanwhile=look)
