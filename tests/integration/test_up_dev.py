"""`pack up --dev`: the project's folder is what runs, and what it leaves is its owner's."""

from __future__ import annotations

import logging
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.testbed.daemon import Daemon
from tests.testbed.guest import Guest, ask
from tests.testbed.pack_command import PackCommand
from tests.testbed.stack import Stack, eventually
from tests.testbed.stand_ins import MARIADB

pytestmark = [pytest.mark.engine, pytest.mark.network]

SAMPLE = Path(__file__).parents[2] / "sample_flask_app"
LOG = logging.getLogger(__name__)
OWNER = os.getuid() or 1000
"""Whose folder it is. Root works in somebody else's, as with `sudo`."""
SECONDS = 20
"""How long a change may take at most on a machine that does much else."""
VIEWS = """

@blueprint.get("/fails")
def fails() -> str:
    return str(1 // 0)


@blueprint.get("/writes")
def writes() -> str:
    from pathlib import Path

    Path("written.txt").write_text("by the app")
    return "written"
"""


@pytest.fixture(scope="module")
def stack(stocked_engine: Daemon, pack: PackCommand, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """The sample, as it runs while somebody works on it."""
    folder = tmp_path_factory.mktemp("development") / "guestbook"
    shutil.copytree(SAMPLE, folder)
    (folder / "pack.toml").write_text(f'[mysql]\nimage = "{MARIADB}"\n')
    view = folder / "guestbook" / "views" / "entries.py"
    view.write_text(view.read_text() + VIEWS)
    if not os.getuid():
        for path in (folder, *folder.rglob("*")):
            os.chown(path, OWNER, OWNER)
    stack = Stack.of(folder, stocked_engine, pack)
    stack.up("--dev")
    yield stack
    stack.down("--volumes", "--yes")


def test_a_change_is_served_at_once(stack: Stack) -> None:
    url = stack.up("--dev")
    page = stack.folder / "guestbook" / "templates" / "index.html"
    view = stack.folder / "guestbook" / "views" / "entries.py"

    page.write_text(page.read_text().replace("Thank you for stopping by", "A new heading"))
    took = eventually(lambda: "A new heading" in ask(url)[2], seconds=SECONDS)
    LOG.info("a changed template was served after %.1f s", took)
    view.write_text(view.read_text().replace('"written"', '"written anew"'))
    took = eventually(lambda: ask(f"{url}/writes")[2] == "written anew", seconds=SECONDS)
    LOG.info("a changed view was served after %.1f s", took)


def test_a_failure_shows_the_debugger(stack: Stack) -> None:
    status, _, text = ask(f"{stack.up('--dev')}/fails")

    assert status == 500
    assert "ZeroDivisionError" in text
    assert "__debugger__=yes" in text
    assert "Debugger PIN" in stack.logs("app")


def test_what_the_app_writes_is_the_owners(stack: Stack) -> None:
    assert ask(f"{stack.up('--dev')}/writes")[0] == 200

    owners = {path.stat().st_uid for path in stack.folder.rglob("*") if ".secrets" not in path.parts}
    assert (stack.folder / "written.txt").read_text() == "by the app"
    assert owners == {OWNER}


def test_only_the_app_is_reached_and_nginx_stays_away(stack: Stack) -> None:
    stack.up("--dev")
    containers = stack.containers()

    assert set(containers) == {"app", "database", "migrate"}
    ports = {name: one["HostConfig"]["PortBindings"] for name, one in containers.items()}
    assert [place["HostIp"] for places in ports["app"].values() for place in places] == ["127.0.0.1"]
    assert not ports["database"]


def test_the_database_is_the_same_in_production(stack: Stack) -> None:
    assert Guest.at(stack.up("--dev")).sign("while it was written")

    url = stack.up()

    assert "web" in stack.containers()
    assert Guest.at(url).reads("while it was written")
    assert ask(f"{url}/fails")[0] == 500
    assert "__debugger__" not in ask(f"{url}/fails")[2]
