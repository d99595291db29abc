"""What runs inside a database's container: as the app's user, whose password never leaves it.

The image's own variables say who that is; the password is read from its file, and handed on by a variable of the
process, so that it stands on no command line.
"""

from __future__ import annotations

from typing import Literal

__all__ = ["DatabaseKind", "Task", "find_sqlite_files", "task_command"]

DatabaseKind = Literal["mysql", "postgresql", "sqlite"]
Task = Literal["shell", "dump", "restore"]

_FIRST = """\
first() {
  for one; do
    if command -v "$one" >/dev/null; then echo "$one"; return; fi
  done
  echo "the image has none of: $*" >&2
  exit 127
}
"""
_MYSQL = f"""\
set -eu
{_FIRST}
file="${{MYSQL_PASSWORD_FILE:-${{MARIADB_PASSWORD_FILE:-}}}}"
if [ -n "$file" ]; then MYSQL_PWD="$(cat "$file")"; else MYSQL_PWD="${{MYSQL_PASSWORD:-${{MARIADB_PASSWORD:-}}}}"; fi
export MYSQL_PWD
name="${{MYSQL_DATABASE:-${{MARIADB_DATABASE:-}}}}"
set -- --protocol=tcp --host=127.0.0.1 --user="${{MYSQL_USER:-${{MARIADB_USER:-}}}}" --default-character-set=utf8mb4
"""
_MYSQL_CLIENT = """\
client="$(first mariadb mysql)"
case "$client" in mariadb) set -- "$@" --skip-ssl-verify-server-cert ;; esac
exec "$client" "$@" "$name"
"""
"""MariaDB's client warns where it finds no password in its options, and then does not verify a certificate anyway."""
_MYSQL_TASKS: dict[Task, str] = {
    "shell": _MYSQL_CLIENT,
    "dump": """\
dump="$(first mariadb-dump mysqldump)"
case "$dump" in mariadb*) set -- "$@" --skip-ssl-verify-server-cert ;; esac
case "$("$dump" --help 2>/dev/null)" in *set-gtid-purged*) set -- "$@" --set-gtid-purged=OFF ;; esac
exec "$dump" "$@" --single-transaction --quick --routines --triggers --events --no-tablespaces "$name"
""",
    "restore": _MYSQL_CLIENT,
}
_POSTGRESQL = """\
set -eu
if [ -n "${POSTGRES_PASSWORD_FILE:-}" ]; then PGPASSWORD="$(cat "$POSTGRES_PASSWORD_FILE")"
else PGPASSWORD="${POSTGRES_PASSWORD:-}"; fi
export PGPASSWORD
user="${POSTGRES_USER:-postgres}"
set -- --host=127.0.0.1 --username="$user" --dbname="${POSTGRES_DB:-$user}"
"""
_POSTGRESQL_TASKS: dict[Task, str] = {
    "shell": 'exec psql "$@"\n',
    "dump": 'exec pg_dump "$@" --clean --if-exists --no-owner --no-privileges\n',
    "restore": 'exec psql "$@" --no-psqlrc --quiet --set=ON_ERROR_STOP=1 --single-transaction --output=/dev/null\n',
}
_SQLITE_TASKS: dict[Task, str] = {
    "shell": "import runpy, sys; sys.argv = ['sqlite3', sys.argv[1]]; runpy.run_module('sqlite3', run_name='__main__')",
    "dump": """\
import pathlib, sqlite3, sys
database = sqlite3.connect(pathlib.Path(sys.argv[1]).as_uri() + "?mode=ro", uri=True)
sys.stdout.reconfigure(encoding="utf-8")
for line in database.iterdump():
    print(line)
""",
    "restore": """\
import sqlite3, sys
sys.stdin.reconfigure(encoding="utf-8")
new = sqlite3.connect("", isolation_level=None)
statement = ""
for line in sys.stdin:
    statement += line
    if sqlite3.complete_statement(statement):
        new.execute(statement)
        statement = ""
if statement.strip() or new.in_transaction:
    sys.exit("the dump was cut off")
with sqlite3.connect(sys.argv[1]) as database:
    new.backup(database)
""",
}
_FIND_SQLITE = """\
import os, sys
for top in sys.argv[1:]:
    for folder, _, names in os.walk(top):
        for name in names:
            path = os.path.join(folder, name)
            if os.path.isfile(path) and not os.path.islink(path):
                with open(path, "rb") as stream:
                    if stream.read(16) == b"SQLite format 3\\0":
                        print(path)
"""


def task_command(kind: DatabaseKind, task: Task, *, python: str, path: str | None) -> tuple[str, ...]:
    """The command of a task.

    Args:
        kind: the database's.
        task: what is to be done; a dump is written to standard output, a restore reads standard input.
        python: the container's interpreter, for SQLite.
        path: SQLite's file in the container.
    """
    if kind == "sqlite":
        return (python, "-c", _SQLITE_TASKS[task], path or "")
    script = _MYSQL + _MYSQL_TASKS[task] if kind == "mysql" else _POSTGRESQL + _POSTGRESQL_TASKS[task]
    return ("sh", "-c", script)


def find_sqlite_files(python: str, places: tuple[str, ...]) -> tuple[str, ...]:
    """The command that prints the SQLite files below some folders, one a line."""
    return (python, "-c", _FIND_SQLITE, *places)
