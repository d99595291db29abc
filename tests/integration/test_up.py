"""`pack up` of the sample application: what its user gets, with MySQL and with MariaDB."""

from __future__ import annotations

import gzip
import json
import logging
import shutil
import sys
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import chain
from pathlib import Path
from typing import Any

import pytest

from packer.stack.identity import PROJECT_LABEL
from tests.testbed.browser import running_browser
from tests.testbed.daemon import Daemon
from tests.testbed.guest import Guest, ask
from tests.testbed.pack_command import PackCommand
from tests.testbed.saved_image import saved_files
from tests.testbed.stack import Stack, eventually
from tests.testbed.stand_ins import MARIADB, MYSQL, docker
from tests.testbed.terminal import typed

pytestmark = [pytest.mark.engine, pytest.mark.network]

SAMPLE = Path(__file__).parents[2] / "sample_flask_app"
ARTIFACTS = Path(__file__).parents[2] / ".artifacts"
SERVICES = {"app", "database", "migrate", "web"}
OWN = ("app", "migrate", "web")
"""Services that run images of pack's."""
LOG = logging.getLogger(__name__)
REQUESTS, AT_ONCE, MOST_REFUSALS, PAUSE = 1000, 50, 600, 0.2
VIEW = "guestbook/views/entries.py"


def sample(folder: Path, database: str) -> Path:
    """A copy of the sample that wants a certain database."""
    shutil.copytree(SAMPLE, folder)
    (folder / "pack.toml").write_text(f'[mysql]\nimage = "{database}"\n')
    return folder


@pytest.fixture(scope="module", params=[MYSQL, MARIADB], ids=["mysql", "mariadb"])
def stack(
    request: pytest.FixtureRequest, database_engine: Daemon, pack: PackCommand, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Stack]:
    """The sample's stack, up."""
    folder = sample(tmp_path_factory.mktemp("stack") / "guestbook", request.param)
    stack = Stack.of(folder, database_engine, pack)
    stack.up()
    yield stack
    stack.down("--volumes", "--yes")


def test_everything_is_well_when_the_address_is_printed(stack: Stack) -> None:
    url = stack.up()
    containers = stack.containers()

    assert url == f"http://127.0.0.1:{published(containers['web'])}"
    assert set(containers) == SERVICES
    assert all(stack.is_well(service) for service in ("app", "database", "web"))
    status, headers, text = ask(url)
    assert (status, headers["Server"], "<!doctype html>" in text) == (200, "nginx", True)


def test_static_files_come_from_nginx_with_their_headers(stack: Stack) -> None:
    address = f"{stack.up()}/static/css/guestbook.css"
    status, headers, text = ask(address)

    assert (status, headers["Content-Type"], headers["Cache-Control"]) == (200, "text/css", "no-cache")
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert text == (SAMPLE / "guestbook/static/css/guestbook.css").read_text()
    assert ask(address, If_None_Match=headers["ETag"])[0] == 304
    assert "guestbook.css" not in stack.logs("app")


def test_migrations_ran_once(stack: Stack) -> None:
    containers = stack.containers()
    migrate = containers["migrate"]["State"]

    assert (migrate["Status"], migrate["ExitCode"], containers["migrate"]["RestartCount"]) == ("exited", 0, 0)
    assert stack.logs("migrate").count("Running upgrade") == 1
    assert len(stack.sql("SELECT version_num FROM alembic_version")) == 1


def test_nothing_secret_is_where_it_does_not_belong(stack: Stack) -> None:
    folder = stack.folder / ".secrets"
    secrets = [path.read_text() for path in folder.iterdir() if path.name != ".gitignore"]
    containers = stack.containers()
    images = {one["Image"] for name, one in containers.items() if name in OWN}
    places = [
        json.dumps(containers),
        *(docker(stack.engine, "image", "inspect", image) for image in images),
        *(docker(stack.engine, "image", "history", "--no-trunc", image) for image in images),
        *(stack.logs(service) for service in SERVICES),
        *(
            docker(stack.engine, "top", containers[name]["Id"], "-eo", "pid,args")
            for name in ("app", "database", "web")
        ),
    ]

    assert len(secrets) == 3
    assert folder.stat().st_mode & 0o777 == 0o700
    for secret in secrets:
        assert len(secret) > 20
        assert not [place[:200] for place in places if secret in place]
    held = chain.from_iterable(saved_files(stack.engine, image) for image in images)
    assert not [name for name, content in held if any(secret.encode() in content for secret in secrets)]


def test_containers_can_do_no_more_than_they_must(stack: Stack) -> None:
    containers = stack.containers()

    for name, one in containers.items():
        limits = one["HostConfig"]
        assert "no-new-privileges:true" in limits["SecurityOpt"], name
        assert min(limits["Memory"], limits["NanoCpus"], limits["PidsLimit"]) > 0, name
        assert limits["LogConfig"] == {"Type": "local", "Config": {"max-size": "10m", "max-file": "5"}}, name
        assert not limits["Privileged"], name
    for name in OWN:
        limits = containers[name]["HostConfig"]
        assert (limits["ReadonlyRootfs"], limits["CapDrop"]) == (True, ["ALL"]), name
        assert containers[name]["Config"]["User"] not in ("", "0", "root"), name
        assert [mount["Type"] for mount in containers[name]["Mounts"] if mount["RW"]] == [], name


def test_only_the_web_server_is_reached_and_only_from_this_machine(stack: Stack) -> None:
    containers = stack.containers()
    bound = {name: one["HostConfig"]["PortBindings"] for name, one in containers.items()}
    networks = {name: sorted(one["NetworkSettings"]["Networks"]) for name, one in containers.items()}
    (back,) = networks["database"]

    assert [name for name, ports in bound.items() if ports] == ["web"]
    assert {place["HostIp"] for places in bound["web"].values() for place in places} == {"127.0.0.1"}
    assert json.loads(docker(stack.engine, "network", "inspect", back))[0]["Internal"]
    assert back not in networks["web"]


def test_the_app_reads_its_secrets_as_nobody_in_particular(stack: Stack) -> None:
    read = "import os; print(os.getuid(), len(open('/run/secrets/secret_key').read()))"
    app = stack.containers()["app"]["Id"]

    assert docker(stack.engine, "exec", app, "/app/.venv/bin/python", "-c", read) == "65532 64\n"


def test_data_survive_down_and_up_and_migrations_come_first(stack: Stack) -> None:
    Guest.at(stack.up()).sign("before it went down")

    said = stack.down()
    gone = stack.containers()
    url = stack.up()

    assert gone == {}
    containers = stack.containers()
    assert containers["migrate"]["State"]["FinishedAt"] < containers["app"]["State"]["StartedAt"]
    assert "its data stays" in said
    assert Guest.at(url).reads("before it went down")


def test_data_survive_the_sudden_death_of_the_database(stack: Stack) -> None:
    url = stack.up()
    guest = Guest.at(url)
    assert guest.sign("before the crash")

    stack.crash("database")

    eventually(lambda: guest.sign("after the crash"))
    assert stack.sql("SELECT COUNT(*) FROM entries WHERE message LIKE '%the crash'") == ["2"]
    eventually(lambda: stack.is_well("database"))


def test_what_was_acknowledged_is_kept_when_the_app_dies_under_load(stack: Stack) -> None:
    guest = Guest.at(stack.up())
    texts = [f"guest number {number:04}" for number in range(REQUESTS)]
    start = time.monotonic()
    with ThreadPoolExecutor(AT_ONCE) as pool:
        signing = [pool.submit(signed, guest, text) for text in texts]
        eventually(lambda: sum(one.done() for one in signing) > REQUESTS / 4)
        stack.crash("app")
        refused = sum(one.result() for one in signing)
    LOG.info("%d entries in %.1f s, %d refused", REQUESTS, time.monotonic() - start, refused)

    held = Counter(stack.sql("SELECT message FROM entries WHERE message LIKE 'guest number %'"))
    assert set(held) == set(texts)
    assert held.total() <= REQUESTS + refused
    eventually(lambda: stack.is_well("app"))


def signed(guest: Guest, text: str) -> int:
    """Sign until it is acknowledged; how often it was not."""
    refused = 0
    while not guest.sign(text):
        refused += 1
        assert refused < MOST_REFUSALS
        time.sleep(PAUSE)
    return refused


def test_another_up_with_nothing_changed_restarts_nothing(stack: Stack) -> None:
    url, before = stack.up(), stack.ids()

    assert stack.up() == url
    after = stack.ids()
    assert {name for name in SERVICES if after[name] != before[name]} <= {"migrate"}  # it finds nothing to do


def test_a_changed_line_replaces_the_app_alone(stack: Stack) -> None:
    url, before = stack.up(), stack.ids()
    view = stack.folder / VIEW
    view.write_text(view.read_text() + "\n\n@blueprint.get('/new')\ndef new() -> str:\n    return 'it is new'\n")

    stack.up()

    after = stack.ids()
    assert {name for name in SERVICES if after[name] != before[name]} == {"app", "migrate"}
    eventually(lambda: ask(f"{url}/new")[2] == "it is new", seconds=15)  # nginx keeps the app's address for 10 s


@pytest.mark.parametrize("stack", [MYSQL], ids=["mysql"], indirect=True)
def test_a_visitor_signs_in_a_browser(stack: Stack, chromium: Path) -> None:
    with running_browser(chromium) as browser:
        browser.open(stack.up())
        browser.value("document.querySelector('[name=name]').value = 'Ada'")
        browser.value("document.querySelector('[name=message]').value = 'Seen with my own eyes'")
        browser.value("document.querySelector('form').requestSubmit()")
        browser.wait_for("document.body.innerText.includes('Thank you for signing')")

        assert "Seen with my own eyes" in browser.value("document.querySelector('.entry').innerText")
        assert browser.value("[...document.styleSheets].every(sheet => sheet.cssRules.length > 0)")
        browser.screenshot(ARTIFACTS / "guestbook.png")


def test_data_are_not_removed_where_nobody_can_be_asked(stack: Stack) -> None:
    refused = stack.pack("down", stack.folder, "--volumes")

    assert refused.returncode == 2
    assert "_database would be lost, and nobody is here to be asked" in refused.stderr
    assert "pack down --volumes --yes" in refused.stderr
    assert set(stack.containers()) == SERVICES


def test_a_dump_is_offered_before_data_are_removed(stack: Stack, tmp_path: Path) -> None:
    assert Guest.at(stack.up()).sign("worth a dump")
    command = [sys.executable, "-m", "packer", "down", stack.folder, "--volumes"]
    environment = {name: value for name, value in stack.pack.environment.items() if name != "CI"}

    code, shown = typed(command, "y\nn\n", environment=environment, folder=tmp_path)

    (dump,) = tmp_path.iterdir()
    assert code != 0
    assert "Remove them? [y/N]" in shown
    assert b"worth a dump" in gzip.decompress(dump.read_bytes())
    assert set(stack.containers()) == SERVICES


@pytest.mark.parametrize("stack", [MARIADB], ids=["mariadb"], indirect=True)
def test_a_second_project_with_an_odd_name_is_another_stack(stack: Stack, tmp_path: Path) -> None:
    folder = sample(tmp_path / "Gäste $buch (v2.0) & Co", MARIADB)
    second = Stack.of(folder, stack.engine, stack.pack)
    url, before = stack.up(), stack.ids()
    try:
        other = second.up()

        assert other != url
        Guest.at(other).sign("only in the second")
        assert second.sql("SELECT message FROM entries") == ["only in the second"]
        assert not Guest.at(url).reads("only in the second")
        assert stack.ids() == before
    finally:
        second.down("--volumes", "--yes")
    assert ask(url)[0] == 200
    ours = ("--filter", f"label={PROJECT_LABEL}")
    assert docker(stack.engine, "volume", "ls", "--quiet", *ours).split() == [volume(stack)]


def volume(stack: Stack) -> str:
    """The name of the database's volume."""
    mounts: list[dict[str, Any]] = stack.containers()["database"]["Mounts"]
    return next(str(mount["Name"]) for mount in mounts if mount["Type"] == "volume")


def published(container: dict[str, Any]) -> str:
    """The port of this machine that leads to a container."""
    ((place,),) = container["NetworkSettings"]["Ports"].values()
    return str(place["HostPort"])
