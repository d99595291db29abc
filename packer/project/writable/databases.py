"""SQLite files and other databases that live in a file of the application's own."""

from __future__ import annotations

import ast
import posixpath
import re
from collections.abc import Iterator, Mapping

from packer.project.code.configuration import Configuration
from packer.project.code.module import Assignment, Site
from packer.project.code.scope import Scope
from packer.project.code.values import ROOT, Constant
from packer.project.routing.application import Application, keyword
from packer.project.writable.places import Place, Places
from packer.regex import regex

__all__ = ["database_files"]

_URL = regex(r"sqlite(?:\+\w+)?:///(?P<path>[^?]*)")
_FLASK_KEYS = ("SQLALCHEMY_DATABASE_URI", "SQLALCHEMY_BINDS")
_FILE_OPENERS = frozenset({
    "sqlite3.connect", "sqlite3.dbapi2.connect", "pysqlite3.connect", "aiosqlite.connect", "apsw.Connection",
    "peewee.SqliteDatabase", "playhouse.sqlite_ext.SqliteExtDatabase", "playhouse.pool.PooledSqliteDatabase",
    "tinydb.TinyDB", "shelve.open", "dbm.open", "sqlitedict.SqliteDict", "pickledb.load", "duckdb.connect",
})  # fmt: skip
_URL_OPENERS = frozenset({
    "sqlalchemy.create_engine", "sqlalchemy.engine.create_engine", "sqlalchemy.ext.asyncio.create_async_engine",
    "sqlmodel.create_engine", "databases.Database", "dataset.connect", "playhouse.db_url.connect", "cs50.SQL",
    "flask_apscheduler.SQLAlchemyJobStore", "apscheduler.jobstores.sqlalchemy.SQLAlchemyJobStore",
})  # fmt: skip
_DJANGO_ENGINE = "django.db.backends.sqlite3"


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
        for mapping in module.mappings:
            yield from _of_django(places, mapping)
        for assignment in module.assignments:
            yield from _given(places, assignment)


def _given(places: Places, assignment: Assignment) -> Iterator[Place]:
    """An extension's own setting: `dashboard.config.database_name = "sqlite:///data.db"`."""
    match assignment:
        case Assignment(target=ast.Attribute(), value=ast.Constant(value=str(url)) as value, scope=scope):
            yield from _from_url(places, url, value, scope, None)
        case _:
            return


def _urls(value: Constant) -> Iterator[str]:
    """The URL of a setting, or those of a mapping of binds, which may be mappings with a `url` each."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for inner in value.values():
            url = inner.get("url") if isinstance(inner, Mapping) else inner
            if isinstance(url, str):
                yield url


def _opened(places: Places, call: Site[ast.Call]) -> Iterator[Place]:
    name = places.program.name_of(call.node.func, call.scope)
    if name in _FILE_OPENERS:
        given = keyword(call.node, "database", 0) or keyword(call.node, "filename")
        value = places.constants.value(given, call.scope) if given is not None else None
        if given is not None and not (isinstance(value, str) and _is_memory(value)):
            yield from places.at(given, call.scope, "file")
    elif name in _URL_OPENERS:
        given = keyword(call.node, "url", 0)
        value = places.constants.value(given, call.scope) if given is not None else None
        if given is not None and isinstance(value, str):
            yield from _from_url(places, value, given, call.scope, None)


def _of_django(places: Places, mapping: Site[ast.Dict]) -> Iterator[Place]:
    """An entry of Django's `DATABASES`: `{"ENGINE": "django.db.backends.sqlite3", "NAME": …}`."""
    parts = {
        key.value: value
        for key, value in zip(mapping.node.keys, mapping.node.values, strict=True)
        if isinstance(key, ast.Constant)
    }
    engine, name = parts.get("ENGINE"), parts.get("NAME")
    if name is not None and isinstance(engine, ast.Constant) and engine.value == _DJANGO_ENGINE:
        yield from places.at(name, mapping.scope, "file")


def _is_memory(path: str) -> bool:
    return not path or path.startswith((":memory:", "file:"))


def _from_url(places: Places, url: str, node: ast.expr, scope: Scope, base: str | None) -> Iterator[Place]:
    found = _URL.match(url)
    path = re.sub(r"^/+", "/", found["path"]) if found else ""
    if _is_memory(path):
        return
    full = posixpath.join(base, path) if base else path
    yield Place(path=full, kind="file", evidence=places.program.evidence(scope, node))
