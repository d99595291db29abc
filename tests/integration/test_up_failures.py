"""`pack up` that does not come up: which service, why, and what to do, in one sentence each."""

from __future__ import annotations

import os
import shutil
import socket
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.testbed.daemon import Daemon
from tests.testbed.pack_command import PackCommand
from tests.testbed.registry.judge import Judge
from tests.testbed.stack import Stack
from tests.testbed.stand_ins import MARIADB

pytestmark = [pytest.mark.engine, pytest.mark.network]

SAMPLE = Path(__file__).parents[2] / "sample_flask_app"
APP = """
from flask import Flask

app = Flask(__name__)


@app.get("/healthz")
def healthz():
    return "ok"
"""
Maker = Callable[..., Stack]


@pytest.fixture
def stack_of(stocked_engine: Daemon, pack: PackCommand, tmp_path: Path) -> Iterator[Maker]:
    """Makes a small project's stack, or the sample's; whatever came up of it goes at the end."""
    made: list[Stack] = []

    def make(text: str = APP, *, sample: bool = False, image: str = MARIADB) -> Stack:
        folder = tmp_path / "shop"
        if sample:
            shutil.copytree(SAMPLE, folder)
            (folder / "pack.toml").write_text(f'[mysql]\nimage = "{image}"\n')
        else:
            folder.mkdir()
            (folder / "app.py").write_text(text)
            (folder / "requirements.txt").write_text("flask\n")
        made.append(Stack.of(folder, stocked_engine, pack))
        return made[-1]

    yield make
    for stack in made:
        stack.down("--volumes", "--yes")


def test_a_port_that_another_program_uses(stack_of: Maker) -> None:
    stack = stack_of()
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]

        said = stack.failing_up("--port", str(port))

    assert f"another program uses the port {port}" in said
    assert "--port" in said
    assert stack.containers() == {}


def test_a_variable_that_only_the_user_knows(stack_of: Maker) -> None:
    stack = stack_of(APP + '\n\nimport os\n\nREGION = os.environ["SHOP_REGION"]\n')

    said = stack.failing_up()
    (stack.folder / ".env").write_text("SHOP_REGION=north\n")

    assert "the app needs SHOP_REGION, and only you can say it" in said
    assert "SHOP_REGION=… to the file .env" in said
    assert stack.up().startswith("http://127.0.0.1:")


def test_an_app_that_dies_at_import(stack_of: Maker) -> None:
    said = stack_of(APP + '\n\nraise RuntimeError("the shop is closed")\n').failing_up()

    assert "the service app" in said
    assert "RuntimeError: the shop is closed" in said
    assert "app.py" in said


def test_a_migration_that_fails(stack_of: Maker) -> None:
    stack = stack_of(sample=True)
    (script,) = (stack.folder / "migrations" / "versions").glob("*.py")
    text = script.read_text()
    script.write_text(text.replace("def upgrade():", "def upgrade():\n    op.execute('ALTER TABLE nobody ADD x INT')"))
    assert script.read_text() != text

    said = stack.failing_up()

    assert "migrate is not well: it ended with exit code 1" in said
    assert "the table shop.nobody" in said.replace("guestbook.nobody", "shop.nobody")
    assert "app" not in {name for name in stack.containers() if stack.containers()[name]["State"]["Running"]}


def test_a_volume_that_was_made_with_another_password(stack_of: Maker) -> None:
    stack = stack_of(sample=True)
    stack.up()
    stack.down()
    for path in (stack.folder / ".secrets").glob("database_*"):
        path.unlink()

    said = stack.failing_up()

    assert "the database does not take the password of guestbook: its volume was made with another one" in said
    assert ".secrets/database_password" in said


def test_an_image_that_is_not_there(stack_of: Maker, open_judge: Judge) -> None:
    said = stack_of(sample=True, image=f"{open_judge.address}/team/mysql:9.7").failing_up()

    assert f"the image {open_judge.address}/team/mysql:9.7 is not there" in said
    assert "mysql.image" in said


def test_no_engine(stack_of: Maker, tmp_path: Path) -> None:
    stack = stack_of()
    alone = PackCommand(memory=stack.pack.memory, more={"DOCKER_HOST": f"unix://{tmp_path}/none.sock"})
    before = sorted(path.name for path in stack.folder.iterdir())

    for words in (("up", "-d"), ("down",)):
        done = alone(*words, stack.folder)

        assert (done.returncode, done.stdout) == (7, "")
        assert "the container engine named by DOCKER_HOST does not answer" in done.stderr
        assert "install and start Docker Engine" in done.stderr
    assert sorted(path.name for path in stack.folder.iterdir()) == before


@pytest.mark.parametrize(
    ("program", "sentence"),
    [(None, "a stack needs Docker Compose, and there is none here"), ("2.17.3", "is too old: 2.17.3")],
    ids=["none", "old"],
)
def test_no_compose_or_an_old_one(stack_of: Maker, tmp_path: Path, program: str | None, sentence: str) -> None:
    stack = stack_of()
    folder = tmp_path / "programs"
    folder.mkdir()
    if program:
        (folder / "docker-compose").write_text(f"#!/bin/sh\necho {program}\n")
        (folder / "docker-compose").chmod(0o755)
    done = PackCommand(memory=stack.pack.memory, more={**stack.engine.environment, "PATH": os.fspath(folder)})(
        "up", "-d", stack.folder
    )

    assert (done.returncode, done.stdout) == (7, "")
    assert sentence in done.stderr
    assert "apt install docker-compose" in done.stderr
