"""What runs in a database's container, run here by the shell with stand-ins for its programs, and dumps as files."""

from __future__ import annotations

import gzip
import os
import sqlite3
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from packer.engine.connection import Engine, connect
from packer.errors import EngineError, UsageError
from packer.stack.database import Database, find_database
from packer.stack.database_scripts import DatabaseKind, Task, find_sqlite_files, task_command
from packer.stack.dumps import require_whole
from packer.stack.identity import StackIdentity
from packer.stack.members import members_of

from .doubles import FOLDER, EngineDouble, container, serving

PASSWORD = "pa'ss \"wörd$"
TELLTALE = '#!/bin/sh\necho "$(basename "$0") $*"\necho "knows $MYSQL_PWD$PGPASSWORD"\n'
MYSQL = {"MYSQL_DATABASE": "shop", "MYSQL_USER": "anna"}
POSTGRESQL = {"POSTGRES_DB": "shop", "POSTGRES_USER": "anna"}


def ran(command: Sequence[str], given: bytes = b"", **variables: str) -> subprocess.CompletedProcess[bytes]:
    environment = variables or dict(os.environ)
    return subprocess.run([*command], check=False, input=given, env=environment, capture_output=True)


def told(tmp_path: Path, programs: str, kind: DatabaseKind, task: Task, variables: dict[str, str]) -> list[str]:
    """What the script's program is called with, and the password that it knows."""
    folder = tmp_path / "bin"
    folder.mkdir()
    for name in programs.split():
        (folder / name).write_text(TELLTALE)
        (folder / name).chmod(0o755)
    secret = tmp_path / "secret"
    secret.write_text(f"{PASSWORD}\n")
    environment = {name: value.replace("FILE", str(secret)) for name, value in variables.items()}
    command = task_command(kind, task, python="python3", path=None)
    done = ran(command, PATH=f"{folder}:{os.environ['PATH']}", **environment)
    assert done.returncode == 0, done.stderr
    return done.stdout.decode().splitlines()


@pytest.mark.parametrize("task", ["shell", "dump", "restore"])
@pytest.mark.parametrize(
    ("programs", "kind", "variables"),
    [
        ("mysql mysqldump", "mysql", {**MYSQL, "MYSQL_PASSWORD_FILE": "FILE"}),
        ("mariadb mariadb-dump", "mysql", {**MYSQL, "MARIADB_PASSWORD_FILE": "FILE"}),
        ("mysql mysqldump", "mysql", {**MYSQL, "MYSQL_PASSWORD": PASSWORD}),
        ("psql pg_dump", "postgresql", {**POSTGRESQL, "POSTGRES_PASSWORD_FILE": "FILE"}),
    ],
)
def test_the_password_reaches_the_program_and_no_command_line(
    tmp_path: Path, task: Task, programs: str, kind: DatabaseKind, variables: dict[str, str]
) -> None:
    called, known = told(tmp_path, programs, kind, task, variables)

    assert known == f"knows {PASSWORD}"
    assert PASSWORD not in called
    assert "anna" in called
    assert "shop" in called


def test_a_dump_is_consistent_and_complete(tmp_path: Path) -> None:
    called = told(tmp_path, "mariadb-dump", "mysql", "dump", {**MYSQL, "MYSQL_PASSWORD": "x"})[0]

    wanted = "--single-transaction --quick --routines --triggers --events --no-tablespaces shop"
    assert called.endswith(wanted)


def test_sqlite_is_found_dumped_and_restored_by_python_alone(tmp_path: Path) -> None:
    path = tmp_path / "data" / "app.db"
    path.parent.mkdir()
    (path.parent / "other.db").write_text("no database")
    with sqlite3.connect(path) as database:
        database.execute("CREATE TABLE entry (text TEXT)")
        database.execute("INSERT INTO entry VALUES ('a;\nb''é')")
    database.close()

    assert ran(find_sqlite_files(sys.executable, (str(tmp_path),))).stdout.decode() == f"{path}\n"
    dump = ran(task_command("sqlite", "dump", python=sys.executable, path=str(path)))
    assert dump.returncode == 0
    with sqlite3.connect(path) as database:
        database.execute("DELETE FROM entry")
    database.close()
    restoring = task_command("sqlite", "restore", python=sys.executable, path=str(path))
    assert ran(restoring, dump.stdout[:-9]).returncode == 1
    assert ran(restoring, dump.stdout).returncode == 0
    database = sqlite3.connect(path)
    assert database.execute("SELECT text FROM entry").fetchall() == [("a;\nb'é",)]
    database.close()


WHOLE = b"-- MySQL dump 10.13\n" + b"INSERT\n" * 1000 + b"-- Dump completed on 2026-01-01\n"
PACKED = gzip.compress(WHOLE, mtime=0)


@pytest.mark.parametrize("content", [WHOLE, PACKED, b"SELECT 1;\n"])
def test_a_whole_dump_is_accepted_whatever_its_name(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "dump"
    file.write_bytes(content)
    require_whole(file)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "empty"),
        (WHOLE[:-40], "cut off"),
        (PACKED[:-20], "cannot be read"),
        (PACKED[:60] + b"x" * 60, "cannot be read"),
    ],
)
def test_a_dump_that_is_not_whole_is_refused(tmp_path: Path, content: bytes, message: str) -> None:
    file = tmp_path / "dump.sql.gz"
    file.write_bytes(content)
    with pytest.raises(UsageError, match=message):
        require_whole(file)


def found_in(tmp_path: Path, details: dict[str, dict[str, object]], service: str | None = None) -> Database:
    double = EngineDouble([container(name, service=name) for name in details])
    double.details = {f"id-{name}": one for name, one in details.items()}

    def ask(engine: Engine) -> Database:
        members = members_of(StackIdentity(name="shop", folder=FOLDER), engine)
        return find_database(engine, members, service=service, path=None)

    with serving(double, tmp_path / "socket"), connect(double.environment, tmp_path) as engine:
        return ask(engine)


def described(*variables: str, data: str | None = None) -> dict[str, object]:
    return {"Config": {"Env": list(variables)}, "Mounts": [{"Destination": data}] if data else []}


def test_a_database_is_known_by_its_variables_and_its_data(tmp_path: Path) -> None:
    app = described("MYSQL_DATABASE=shop")
    server = described("MYSQL_DATABASE=shop", data="/var/lib/mysql")

    found = found_in(tmp_path, {"app": app, "database": server})
    assert (found.member.name, found.kind) == ("database", "mysql")
    two = {"one": server, "two": described("POSTGRES_DB=x", data="/var/lib/postgresql/data")}
    with pytest.raises(UsageError, match="several databases"):
        found_in(tmp_path, two)
    assert found_in(tmp_path, two, "two").kind == "postgresql"


def test_a_project_without_a_database_is_told_what_was_looked_for(tmp_path: Path) -> None:
    with pytest.raises(EngineError, match="no database of shop runs here"):
        found_in(tmp_path, {"app": described("MYSQL_DATABASE=shop")})
