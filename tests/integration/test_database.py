"""`pack db` with the databases themselves: MariaDB in a stack, and SQLite in a volume."""

from __future__ import annotations

import gzip
import json
import shutil
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.testbed.daemon import Daemon
from tests.testbed.pack_command import PackCommand
from tests.testbed.project_commands import ProjectCommands
from tests.testbed.stand_ins import MARIADB

pytestmark = [pytest.mark.engine, pytest.mark.network]

SAMPLE = Path(__file__).resolve().parents[2] / "sample_flask_app"
ROWS = "INSERT INTO extra VALUES (1, 'naïve; \"quoted\" ''text'''), (2, REPEAT('x', 100000));"
SQLITE_APP = """
import sqlite3

from flask import Flask

app = Flask(__name__)
with sqlite3.connect("/app/data/notes.db") as database:
    database.execute("CREATE TABLE IF NOT EXISTS note (text TEXT)")


@app.get("/")
def index():
    return "ok"
"""


@pytest.fixture(scope="module")
def stack(building_pack: PackCommand, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ProjectCommands]:
    """The guest book with MariaDB, running."""
    folder = tmp_path_factory.mktemp("stack") / "guest"
    shutil.copytree(SAMPLE, folder)
    (folder / "pack.toml").write_text(f'[mysql]\nimage = "{MARIADB}"\n')
    project = ProjectCommands(folder, building_pack)
    project("up", "-d", "--port", "18080")
    yield project
    project.run("down", "--volumes", "--yes")


def test_a_dump_brings_back_what_was_there(stack: ProjectCommands) -> None:
    dump_and_restore(stack)


def dump_and_restore(stack: ProjectCommands) -> None:
    routine = "CREATE PROCEDURE twice(n INT) SELECT 2 * n;"
    stack("db", "shell", given=f"CREATE TABLE extra (id INT PRIMARY KEY, text LONGTEXT); {ROWS} {routine}")
    question = "SELECT id, MD5(text) FROM extra ORDER BY id; CALL twice(21);"
    before = stack("db", "shell", given=question)
    assert "42" in before

    assert stack("db", "dump", "dump.sql.gz") == "dump.sql.gz\n"
    file = stack.folder / "dump.sql.gz"
    assert file.stat().st_mode & 0o777 == 0o600
    text = gzip.decompress(file.read_bytes())
    assert b"-- Dump completed" in text[-200:]
    password = (stack.folder / ".secrets" / "database_password").read_text().strip()
    assert password.encode() not in text

    stack("db", "shell", given="DELETE FROM extra; DROP PROCEDURE twice;")
    refused = stack.run("db", "restore", "dump.sql.gz")
    assert refused.returncode == 2
    assert "--yes" in refused.stderr
    stack("db", "restore", "dump.sql.gz", "--yes")
    assert stack("db", "shell", given=question) == before
    [saved] = stack.folder.glob("before-*.sql.gz")
    assert b"extra" in gzip.decompress(saved.read_bytes())
    saved.unlink()

    (stack.folder / "bad.sql").write_text("SELECT 1; nonsense;\n")
    bad = stack.run("db", "restore", "bad.sql", "--yes", "--no-dump")
    assert bad.returncode == 7
    assert "nonsense" in bad.stderr
    (stack.folder / "cut.sql").write_bytes(text[:-100])
    assert stack.run("db", "restore", "cut.sql", "--yes").returncode == 2
    assert stack("db", "shell", given=question) == before

    assert stack("db", "dump", "-").startswith("/*M!") or stack("db", "dump", "-").startswith("-- M")
    stack("stop", "database")
    away = stack.run("db", "dump", "gone.sql")
    assert away.returncode == 7
    assert not (stack.folder / "gone.sql").exists()


def test_a_sqlite_file_in_a_volume_is_dumped_and_restored(
    pack: PackCommand, docker_engine: Daemon, tmp_path: Path
) -> None:
    more = {"DOCKER_HOST": docker_engine.host, "PACK_DATA_DIR": str(tmp_path / "data")}
    project = ProjectCommands.new(tmp_path / "notes", PackCommand(memory=pack.memory, more=more))
    (project.folder / "app.py").write_text(SQLITE_APP)
    (project.folder / "pack.toml").write_text('volumes = ["/app/data"]\n')
    project("build")
    try:
        project("run", "-d")
        deadline = time.monotonic() + 60
        while project.run("db", "dump", "-").returncode:  # the app makes its table when it starts
            assert time.monotonic() < deadline
        project("db", "shell", given="INSERT INTO note VALUES ('first');\n")
        project("db", "dump", "notes.sql")
        project("db", "shell", given="DELETE FROM note;\n")
        project("db", "restore", "notes.sql", "--yes", "--no-dump")
        assert "INSERT INTO \"note\" VALUES('first');" in project("db", "dump", "-")
        listed = json.loads(project("ps", "--json"))["containers"]
        assert [one["state"] for one in listed] == ["running"]
    finally:
        project.run("rm", "--all", "--force", "--volumes", "--yes")
