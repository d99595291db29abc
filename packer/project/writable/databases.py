"""SQLite files and other databases that live in a file of the application's own."""

from __future__ import annotations

import ast
import posixpath
import re
from collections.abc import Iterator, Mapping

from packer.project.code.configuration import Configuration
from packer.project.code.module import Site
from packer.project.code.scope import Scope
from packer.project.code.values import ROOT, Constant
from packer.project.routing.application import Application, keyword
from packer.project.writable.places import Place, Places

__all__ = ["database_files"]

_URL = re.compile(r"sqlite(?:\+\w+)?:///(?P<path>[^?]*)")
_FLASK_KEYS = ("SQLALCHEMY_DATABASE_URI", "SQLALCHEMY_BINDS")
_OPENERS = frozenset({
    "sqlite3.connect", "sqlite3.dbapi2.connect", "aiosqlite.connect", "apsw.Connection", "peewee.SqliteDatabase",
    "playhouse.sqlite_ext.SqliteExtDatabase", "playhouse.pool.PooledSqliteDatabase", "tinydb.TinyDB", "shelve.open",
    "dbm.open", "sqlitedict.SqliteDict", "pickledb.load", "duckdb.connect", "cs50.SQL", "dataset.connect",
    "sqlalchemy.create_engine", "sqlalchemy.engine.create_engine", "sqlalchemy.ext.asyncio.create_async_engine",
    "sqlmodel.create_engine", "databases.Database", "flask_apscheduler.SQLAlchemyJobStore", "playhouse.db_url.connect",
    "apscheduler.jobstores.sqlalchemy.SQLAlchemyJobStore", "diskcache.Cache", "pysqlite3.connect",
})  # fmt: skip


def database_files(
    places: Places, configuration: Configuration, application: Application, *, in_instance_folder: bool
) -> Iterator[Place]:
    """The files, from Flask-SQLAlchemy's settings and from whatever opens a database by its file name.

    `in_instance_folder`: Flask-SQLAlchemy 3 puts relative files into the instance folder, 2 into the root path.
    """
    home = application.instance_path if in_instance_folder else application.root_path
    base = posixpath.join(ROOT, home) if home is not None else None
    for key in _FLASK_KEYS:
        for setting in configuration.settings(key):
            for url in _urls(places.constants.value(setting.value, setting.scope)):
                yield from _from_url(places, url, setting.value, setting.scope, base)
    for module in places.program.modules:
        for call in module.calls:
            yield from _opened(places, call)


def _urls(value: Constant) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for inner in value.values():
            yield from _urls(inner)


def _opened(places: Places, call: Site[ast.Call]) -> Iterator[Place]:
    name = places.program.name_of(call.node.func, call.scope)
    given = keyword(call.node, "database", 0) or keyword(call.node, "url") or keyword(call.node, "filename")
    if name not in _OPENERS or given is None:
        return
    value = places.constants.value(given, call.scope)
    if isinstance(value, str) and "://" in value:
        yield from _from_url(places, value, given, call.scope, None)
    elif isinstance(value, str) and (not value or value.startswith((":memory:", "file:"))):
        return
    else:
        kind = "directory" if name == "diskcache.Cache" else "file"
        yield from places.at(given, call.scope, "directory" if kind == "directory" else "file")


def _from_url(places: Places, url: str, node: ast.expr, scope: Scope, base: str | None) -> Iterator[Place]:
    found = _URL.match(url)
    path = found["path"] if found else ""
    if not path or path.startswith((":memory:", "file:")):
        return
    full = posixpath.join(base, path) if base else path
    yield Place(path=full, kind="file", evidence=places.program.evidence(scope, node))
