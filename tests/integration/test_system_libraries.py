"""Distributions without wheels that need libraries of the system: built and run by both builders."""

from __future__ import annotations

import json
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.testbed.daemon import Daemon
from tests.testbed.pack_command import PackCommand
from tests.testbed.stand_ins import MARIADB, docker

pytestmark = [pytest.mark.engine, pytest.mark.network]

NETWORK = "system-libraries"
PATIENCE = 90
APP = """
import ldap
import MySQLdb
import psycopg2
import pycurl
from flask import Flask

app = Flask(__name__)


@app.get("/healthz")
def healthz():
    return {"curl": pycurl.version_info()[1], "ldap": ldap.TLS_AVAIL, "pq": psycopg2.__libpq_version__}


@app.get("/answer")
def answer():
    connection = MySQLdb.connect(host="database", user="shop", password="secret", database="shop")
    with connection.cursor() as cursor:
        cursor.execute("SELECT 6 * 7")
        return {"answer": cursor.fetchone()[0]}
"""
REQUIREMENTS = "flask\nmysqlclient\npsycopg2\npycurl\npython-ldap\n"


@pytest.fixture(scope="module")
def database(stocked_engine: Daemon, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The name of a network in which a MariaDB is called `database`."""
    password = tmp_path_factory.mktemp("database") / "password"
    password.write_text("secret")
    docker(stocked_engine, "network", "create", NETWORK)
    container = docker(
        stocked_engine, "run", "--detach", "--network", NETWORK, "--network-alias", "database",
        "--volume", f"{password}:/run/password:ro", "--env", "MYSQL_PASSWORD_FILE=/run/password",
        "--env", "MYSQL_DATABASE=shop", "--env", "MYSQL_USER=shop", MARIADB,
    ).strip()  # fmt: skip
    yield NETWORK
    docker(stocked_engine, "rm", "--force", "--volumes", container)
    docker(stocked_engine, "network", "rm", NETWORK)


@pytest.mark.parametrize("builder", ["native", "engine"])
def test_they_are_compiled_find_their_libraries_and_talk_to_a_database(
    builder: str, building_pack: PackCommand, stocked_engine: Daemon, database: str, tmp_path: Path
) -> None:
    (tmp_path / "app.py").write_text(APP)
    (tmp_path / "requirements.txt").write_text(REQUIREMENTS)
    tag = f"libraries:{builder}"

    built = building_pack("build", tmp_path, "--builder", builder, "--load", "-t", tag)

    assert built.returncode == 0, built.stderr
    words = ("--read-only", "--tmpfs", "/tmp", "--network", database, "--publish", "127.0.0.1::8000")
    container = docker(stocked_engine, "run", "--detach", *words, tag).strip()
    try:
        port = docker(stocked_engine, "port", container, "8000").split()[0].rpartition(":")[2]
        assert set(asked(port, "/healthz")) == {"curl", "ldap", "pq"}
        assert asked(port, "/answer") == {"answer": 42}
    finally:
        docker(stocked_engine, "rm", "--force", container)
    if builder == "engine":
        tools = docker(stocked_engine, "run", "--rm", "--entrypoint", "/bin/sh", tag, "-c", "command -v cc gcc || true")
        assert tools == "", "the image has a compiler"


def asked(port: str, path: str) -> dict[str, object]:
    """The document that is answered, as soon as there is one."""
    deadline = time.monotonic() + PATIENCE
    while True:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=10) as answer:
                return dict(json.load(answer))
        except (OSError, urllib.error.HTTPError):
            if time.monotonic() > deadline:
                raise
        time.sleep(0.5)
