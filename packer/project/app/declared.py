"""The project's own files that say how it is started: which files those are, and how much the word of each is worth."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from msgspec import Struct

from packer.project.app.command_files import (
    app_yaml_wishes,
    command_lines,
    dockerfile_wishes,
    environment_wishes,
    procfile_wishes,
)
from packer.project.app.places import folder_of, is_foreign
from packer.project.app.server_files import (
    gunicorn_wishes,
    uwsgi_wishes,
    vercel_wishes,
    wsgi_file_wishes,
    wsgi_path_wishes,
    zappa_wishes,
)
from packer.project.app.wishes import Wish
from packer.project.tree import SourceTree
from packer.regex import regex

__all__ = ["declared_wishes"]

_MAX_TEXT = 256 * 1024
_MAX_FILES = 80
_MAX_DEPTH = 3

WishReader = Callable[[str, Wish, SourceTree], Iterator[Wish]]
"""Reads a file's text; the second argument carries source, strength and folder for each wish found."""


class _Kind(Struct, frozen=True):
    pattern: re.Pattern[str]
    strength: int
    read: WishReader


def declared_wishes(tree: SourceTree) -> tuple[Wish, ...]:
    """Every wish that the project's files state, the strongest first; those nearer to the root before deeper ones."""
    found: list[Wish] = []
    read = 0
    for path in sorted(tree.paths, key=lambda path: (path.count("/"), path)):
        kind = _kind_of(path)
        text = tree.read(path, _MAX_TEXT) if kind else None
        if kind is None or text is None:
            continue
        base = Wish(source=path, strength=kind.strength - 3 * path.count("/"), module="", folder=folder_of(path))
        found += kind.read(text, base, tree)
        read += 1
        if read >= _MAX_FILES:
            break
    return tuple(sorted(found, key=lambda wish: -wish.strength))


def _kind_of(path: str) -> _Kind | None:
    if path.count("/") > _MAX_DEPTH or not _ANY_KIND.search(path) or is_foreign(path):
        return None
    return next((kind for kind in _KINDS if kind.pattern.search(path)), None)


def _kind(names: str, strength: int, read: WishReader, folder: str = r"(?:^|/)") -> _Kind:
    return _Kind(regex(rf"{folder}(?:{names})$", re.IGNORECASE), strength, read)


_KINDS = (
    _kind(r"Procfile", 100, procfile_wishes),
    _kind(r"(?:gunicorn[\w.\-]*|[\w.\-]*gunicorn)(?:\.conf)?\.py", 95, gunicorn_wishes),
    _kind(r"\.flaskenv", 90, environment_wishes),
    _kind(r"Dockerfile(?:[.\-](?:prod|production|web|app|flask|api|backend))?", 85, dockerfile_wishes),
    _kind(r"(?:uwsgi[\w.\-]*|[\w.\-]*uwsgi|wsgi)\.(?:ini|ya?ml)", 80, uwsgi_wishes),
    _kind(r"app\.ya?ml", 80, app_yaml_wishes),
    _kind(r"app\.ini", 60, uwsgi_wishes),
    _kind(r"(?:render|heroku|fly|koyeb|manifest|apprunner|\.platform\.app)\.(?:ya?ml|toml)", 80, command_lines),
    _kind(r"(?:railway|nixpacks|app)\.(?:json|toml)", 80, command_lines),
    _kind(r"(?:docker-)?compose(?:[.\-](?:prod|production))?\.ya?ml", 75, command_lines),
    _kind(r"[^/]+\.wsgi", 70, wsgi_file_wishes),
    _kind(r"zappa_settings\.json", 70, zappa_wishes),
    _kind(r"[^/]+\.config", 70, wsgi_path_wishes, folder=r"(?:^|/)\.ebextensions/"),
    _kind(r"[\w.\-]+\.service", 60, command_lines),
    _kind(
        r"(?:entrypoint|docker-entrypoint|start|run|boot|serve|server|startup|prod|gunicorn[\w\-]*)(?:_\w+)?\.sh",
        60,
        command_lines,
    ),
    _kind(r"supervisord?\.conf|[\w\-]+\.conf", 55, command_lines),
    _kind(r"Dockerfile[\w.\-]*", 50, dockerfile_wishes),
    _kind(r"(?:docker-)?compose[\w.\-]*\.ya?ml", 45, command_lines),
    _kind(r"\.env(?:[.\-](?:example|sample|template|dist|prod|production))?", 45, environment_wishes),
    _kind(r"(?:example|sample)\.env", 45, environment_wishes),
    _kind(r"vercel\.json", 40, vercel_wishes),
    _kind(r"Makefile|justfile|Taskfile\.ya?ml|package\.json|pyproject\.toml|tox\.ini|[\w\-]+\.sh", 40, command_lines),
    _kind(r"(?:README|INSTALL|DEPLOY\w*)(?:\.(?:md|rst|txt))?", 30, command_lines, folder="^"),
    _kind(r"\.github/workflows/[^/]+\.ya?ml|\.gitlab-ci\.yml|\.vscode/launch\.json", 25, command_lines, folder="^"),
)
_ANY_KIND = regex("|".join(kind.pattern.pattern for kind in _KINDS), re.IGNORECASE)
"""Most files are of no kind, and one look says so."""
"""Kinds of files; the first that fits a path reads it. Commands for production are worth more than for development."""
