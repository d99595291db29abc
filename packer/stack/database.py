"""The project's database: which container has it, and of what kind it is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from msgspec import Struct

from packer.engine.connection import Engine, engine_errors
from packer.engine.processes import execute
from packer.engine.wire import STDOUT
from packer.errors import EngineError, UsageError
from packer.stack.database_scripts import DatabaseKind, Task, find_sqlite_files, task_command
from packer.stack.members import Member, Members
from packer.stack.shells import interpreter_of

__all__ = ["Database", "find_database"]

_VARIABLES: Mapping[str, DatabaseKind] = {
    "MYSQL_DATABASE": "mysql",
    "MARIADB_DATABASE": "mysql",
    "POSTGRES_DB": "postgresql",
    "POSTGRES_USER": "postgresql",
}
"""What the official images are told when they make a database, and others that are made to be like them."""


class Database(Struct, frozen=True, kw_only=True):
    """A database in a container that runs.

    Attributes:
        member: the container.
        kind: of database.
        python: the container's interpreter.
        path: SQLite's file, None for the others.
    """

    member: Member
    kind: DatabaseKind
    python: str = "python3"
    path: str | None = None

    @property
    def place(self) -> str:
        """What people call it."""
        return f"{self.path} of {self.member.name}" if self.path else f"the {self.kind} of {self.member.name}"

    def command(self, task: Task) -> tuple[str, ...]:
        """What does a task, in the container."""
        return task_command(self.kind, task, python=self.python, path=self.path)


def find_database(engine: Engine, members: Members, *, service: str | None, path: str | None) -> Database:
    """The database of the project.

    Args:
        engine: has it.
        members: the project's containers.
        service: where it is, None to look for it.
        path: SQLite's file, None to look for it.

    Raises:
        UsageError: there are several, or a service that is named is none.
        EngineError: none runs.
    """
    looked_at = [members.one_running(service)] if service else list(members.chosen((), among=members.running))
    described = [(one, _inspected(engine, one)) for one in looked_at]
    servers = [Database(member=one, kind=kind) for one, found in described if (kind := _kind(found)) is not None]
    if path is None and servers:
        return _only(servers)
    files = [database for one, found in described for database in _sqlite(engine, one, found, path)]
    if not files:
        raise EngineError(
            f"no database of {members.identity.name} runs here",
            where=members.place,
            hint="start it: pack up; pack looks for MySQL, MariaDB, PostgreSQL, and SQLite files in volumes",
        )
    return _only(files)


def _only(found: Sequence[Database]) -> Database:
    if len(found) > 1:
        places = ", ".join(one.place for one in found)
        raise UsageError(f"there are several databases: {places}", hint="name one by --service or --path")
    return found[0]


def _inspected(engine: Engine, member: Member) -> dict[str, Any]:
    with engine_errors(f"{member.name} cannot be looked at", engine.endpoint):
        return dict(engine.client.inspect_container(member.container.id))


def _kind(description: Mapping[str, Any]) -> DatabaseKind | None:
    """An app may be told the name of its database by the same variables, but it has no data folder."""
    names = {text.partition("=")[0] for text in (description.get("Config") or {}).get("Env") or ()}
    kinds = {kind for name, kind in _VARIABLES.items() if name in names}
    targets = [str(mount.get("Destination", "")) for mount in description.get("Mounts") or ()]
    data = {kind for kind in kinds if any(target.startswith(f"/var/lib/{kind}") for target in targets)}
    return next(iter(sorted(data)), None)


def _sqlite(engine: Engine, member: Member, description: Mapping[str, Any], path: str | None) -> list[Database]:
    python = interpreter_of(description)
    if path is not None:
        return [Database(member=member, kind="sqlite", python=python, path=path)]
    mounts = tuple(str(mount.get("Destination", "")) for mount in description.get("Mounts") or ())
    if not mounts:
        return []
    try:
        process = execute(engine, member.container.id, find_sqlite_files(python, mounts))
        printed = b"".join(data for output, data in process.wire.outputs() if output == STDOUT)
        ended = process.exit_code()
    except EngineError:  # no Python there
        return []
    paths = printed.decode("utf-8", "surrogateescape").splitlines() if ended == 0 else []
    return [Database(member=member, kind="sqlite", python=python, path=one) for one in sorted(set(paths))]
