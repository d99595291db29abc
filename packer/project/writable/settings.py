"""Folders and files that the application's configuration names for uploads, sessions, caches, indexes and logs."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from packer.project.code.configuration import Configuration, Setting
from packer.project.code.values import ROOT
from packer.project.routing.application import Application, keyword
from packer.project.writable.places import Place, Places
from packer.regex import regex

__all__ = ["configured_places", "instance_folder"]

_FOLDER_KEY = regex(
    r"(\w+_)?(UPLOADS?|UPLOADED(_\w+)?|MEDIA|LOGS?|EXPORTS?|TE?MP|CACHE|GENERATED|THUMBNAILS?|DOWNLOADS?|WHOOSHEE?|ATTACHMENTS?)"
    r"(_DEFAULT)?_(FOLDER|DIR|DIRECTORY|PATH|DEST|ROOT|BASE|DESTINATION|LOCATION)"
)
_INDEX_KEYS = ("WHOOSH_BASE", "WHOOSHEE_DIR", "MSEARCH_INDEX_NAME")
_SESSION_FOLDER = "flask_session"
_FILE_CACHES = (
    "filesystem",
    "filesystemcache",
    "flask_caching.backends.filesystem",
    "flask_caching.backends.filesystemcache",
)


def configured_places(places: Places, configuration: Configuration) -> Iterator[Place]:
    """The places that configuration keys name."""
    for key in sorted(configuration.keys):
        if _FOLDER_KEY.fullmatch(key) and key != "CACHE_DIR":
            for setting in configuration.settings(key):
                yield from _folder_or_file(places, setting)
    for key in _INDEX_KEYS:
        for setting in configuration.settings(key):
            yield from places.at(setting.value, setting.scope, "directory")
    yield from _sessions(places, configuration)
    yield from _caches(places, configuration)


def _folder_or_file(places: Places, setting: Setting) -> Iterator[Place]:
    """A folder, unless its last part has the look of a file: `LOG_PATH = "logs/app.log"`."""
    text = places.constants.text(setting.value, setting.scope)
    if text is not None and "://" not in text and len(text) < 1000:
        is_file = re.search(r"\.(log|db|sqlite3?|json|csv|txt)$", text) is not None
        yield from places.at(setting.value, setting.scope, "file" if is_file else "directory")


def _sessions(places: Places, configuration: Configuration) -> Iterator[Place]:
    """Flask-Session's files; without a folder of their own they go to `flask_session` where the process starts."""
    for setting in configuration.settings("SESSION_TYPE"):
        if places.constants.value(setting.value, setting.scope) == "filesystem":
            folders = configuration.settings("SESSION_FILE_DIR")
            for folder in folders:
                yield from places.at(folder.value, folder.scope, "directory")
            if not folders:
                evidence = places.program.evidence(setting.scope, setting.value)
                yield Place(path=_SESSION_FOLDER, kind="directory", evidence=evidence)


def _caches(places: Places, configuration: Configuration) -> Iterator[Place]:
    """Flask-Caching's files."""
    for setting in configuration.settings("CACHE_TYPE"):
        value = places.constants.value(setting.value, setting.scope)
        if isinstance(value, str) and value.lower() in _FILE_CACHES:
            for folder in configuration.settings("CACHE_DIR"):
                yield from places.at(folder.value, folder.scope, "directory")


def instance_folder(places: Places, application: Application) -> Iterator[Place]:
    """Flask's instance folder, where the code asks for its path or declares that it lives with one."""
    if application.instance_path is None:
        return
    path = f"{ROOT}/{application.instance_path}"
    call = application.call
    relative = keyword(call.node, "instance_relative_config", 8) if call is not None else None
    if call is not None and isinstance(relative, ast.Constant) and relative.value is True:
        yield Place(path=path, kind="directory", evidence=places.program.evidence(call.scope, call.node))
    for module in places.program.modules:
        line = module.attributes.get("instance_path")
        if line is not None:
            yield Place(path=path, kind="directory", evidence=places.program.line(module.path, line))
