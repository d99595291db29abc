"""The project's own files that say how it is started, each read for its wishes.

Commands are looked for where platforms keep them (Procfile, Dockerfile, compose files, service units, …), FLASK_APP where
Flask's developers keep it, and server configurations by their own keys.
"""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from packer.project.app.commands import inside, wishes_in
from packer.project.app.places import folder_of, is_foreign
from packer.project.app.wishes import Wish, parse_target
from packer.project.model import Evidence
from packer.project.tree import SourceTree

__all__ = ["declared_wishes"]

_MAX_TEXT = 256 * 1024
_MAX_FILES = 80
_SERVER_WORD = re.compile(r"\b(?:gunicorn3?|uvicorn|hypercorn|waitress(?:-serve)?|uwsgi|daphne|granian)\b(?![\w.-]*==)")
_FLASK_APP = re.compile(r"\bFLASK_APP[\"']?\s*(?:=|:|\s)\s*[\"']?(?P<target>[\w./\-]+(?::\w+(?:\([^)]*\))?)?)")
_KEY = re.compile(
    r"^\s*(?:-\s+)?[\"']?[\w.\- ]+[\"']?\s*(?:[:=]|=>)\s+(?=\S)|^\s*(?:CMD|ENTRYPOINT|RUN|ExecStart=)\s*|^\s*[-@$>]+\s*"
)


@dataclass(frozen=True, slots=True)
class _Kind:
    """A kind of file: which paths it has, how much its wishes are worth, and how they are read."""

    pattern: re.Pattern[str]
    strength: int
    read: Callable[[str, Wish, SourceTree], Iterator[Wish]]


def declared_wishes(tree: SourceTree) -> tuple[Wish, ...]:
    """Every wish that the project's files state, the strongest first; those nearer to the root before deeper ones."""
    found: list[Wish] = []
    read = 0
    for path in sorted(tree.paths, key=lambda path: (path.count("/"), path)):
        kind = next((kind for kind in _KINDS if kind.pattern.search(path)), None) if path.count("/") <= 3 else None
        if kind is None or is_foreign(path):
            continue
        text = tree.read(path, _MAX_TEXT)
        if text is None:
            continue
        base = Wish(source=path, strength=kind.strength - 3 * path.count("/"), module="", folder=folder_of(path))
        found += kind.read(text, base, tree)
        read += 1
        if read >= _MAX_FILES:
            break
    return tuple(sorted(found, key=lambda wish: -wish.strength))


def _at(base: Wish, number: int, line: str) -> Wish:
    return replace(base, evidence=Evidence(base.source, number, line.strip()[:160]))


def _procfile(text: str, base: Wish, tree: SourceTree) -> Iterator[Wish]:
    for number, line in enumerate(text.split("\n"), 1):
        process, _, command = line.partition(":")
        if process.strip() in {"web", "app", "api", "server", "backend"}:
            yield from _command(command, _at(base, number, line), tree)


def _command(command: str, base: Wish, tree: SourceTree, depth: int = 2) -> Iterator[Wish]:
    """The wishes of a command, and of the script of the project that it runs."""
    yield from wishes_in(command, base)
    for script in re.findall(r"[\w./\-]+\.sh\b", command):
        for path in (inside(base.folder, script), inside(".", script), script.rpartition("/")[2]):
            text = tree.read(path, _MAX_TEXT) if depth and tree.has(path) else None
            if text is not None:
                for line in _script_lines(text):
                    yield from _command(line, base, tree, depth - 1)
                break


def _script_lines(text: str) -> Iterator[str]:
    joined_lines = text.replace("\\\n", " ")
    yield " \n ".join(line for line in joined_lines.split("\n") if not line.lstrip().startswith("#"))


def _dockerfile(text: str, base: Wish, tree: SourceTree) -> Iterator[Wish]:
    folder = base.folder
    for number, line in _logical_lines(text):
        here = replace(_at(base, number, line), folder=folder)
        instruction, _, rest = line.strip().partition(" ")
        match instruction.upper():
            case "CMD" | "ENTRYPOINT":
                yield from _command(_as_shell(rest), here, tree)
            case "ENV":
                yield from _flask_app(line, replace(here, strength=base.strength - 10))
            case "WORKDIR":
                folder = _work_folder(rest, base.folder)
            case _:
                continue


def _work_folder(name: str, base: str) -> str:
    """The folder of the project that an image's working directory stands for; a first level alone is the project itself."""
    parts = [part for part in name.strip().strip("\"'").split("/") if part]
    return inside(base, "/".join(parts[1:])) if len(parts) > 1 and name.startswith("/") else base


def _logical_lines(text: str) -> list[tuple[int, str]]:
    """Lines with their continuations, numbered by where each begins."""
    found: list[tuple[int, str]] = []
    begun: tuple[int, str] | None = None
    for number, line in enumerate(text.split("\n"), 1):
        start, before = begun or (number, "")
        if line.rstrip().endswith("\\"):
            begun = (start, before + line.rstrip()[:-1] + " ")
        else:
            found.append((start, before + line))
            begun = None
    return found


def _as_shell(command: str) -> str:
    """A command in exec form (a JSON list) as one line of shell."""
    plain = command.strip().rstrip(",")
    if plain.startswith("["):
        words = re.findall(r"\"((?:[^\"\\]|\\.)*)\"|'([^']*)'", plain)
        return " ".join(_quoted(double or single) for double, single in words)
    return plain.strip("\"'") if plain[:1] == plain[-1:] else plain


def _quoted(word: str) -> str:
    return "'" + word.replace("'", "'\"'\"'") + "'" if re.search(r"[\s()'\"$;&|]", word) else word


def _lines(text: str, base: Wish, tree: SourceTree) -> Iterator[Wish]:
    """Any text with commands in it: each line that names a server, or FLASK_APP."""
    for number, line in _logical_lines(text):
        if len(line) > 2000 or line.lstrip().startswith(("#", "//")):
            continue
        here = _at(base, number, line)
        if _SERVER_WORD.search(line) and not re.search(
            r"\b(?:pip3?|apt(?:-get)?|uv|poetry|conda)\s+(?:add|install)", line
        ):
            yield from wishes_in(_as_shell(_KEY.sub("", line)), here)
        elif "FLASK_APP" in line or "--app " in line:
            yield from _flask_app(line, replace(here, strength=base.strength - 10))
        elif re.search(r"\bpython[\d.]*\s+[\w./\-]+\.py\b", line):
            yield from wishes_in(_as_shell(_KEY.sub("", line)), replace(here, strength=base.strength - 10))
    del tree


def _flask_app(line: str, base: Wish) -> Iterator[Wish]:
    found = _FLASK_APP.search(line) or re.search(r"\bflask\s+(?:--app|-A)[ =](?P<target>[^\s\"']+)", line)
    target = parse_target(found["target"]) if found else None
    if target is not None:
        module, attribute, call = target
        yield replace(base, module=module, attribute=attribute, call=call, server="flask", calls_factory=True)


def _environment_file(text: str, base: Wish, tree: SourceTree) -> Iterator[Wish]:
    for number, line in enumerate(text.split("\n"), 1):
        if re.match(r"\s*(?:export\s+)?FLASK_APP\s*=", line):
            yield from _flask_app(line, _at(base, number, line))
    del tree


def _gunicorn_config(text: str, base: Wish, tree: SourceTree) -> Iterator[Wish]:
    module = tree.module(base.source)
    values: dict[str, tuple[str, int]] = {}
    for node in module.body if module else ():
        match node:
            case ast.Assign(targets=[ast.Name(id=name)], value=ast.Constant(value=str() as value)):
                values[name] = (value, node.lineno)
            case _:
                continue
    if "wsgi_app" in values:
        target, line = values["wsgi_app"]
        folder = inside(base.folder, values["chdir"][0]) if "chdir" in values else base.folder
        search = (
            tuple(inside(folder, name) for name in values["pythonpath"][0].split(",")) if "pythonpath" in values else ()
        )
        parsed = parse_target(target)
        if parsed is not None:
            here = _at(base, line, text.split("\n")[line - 1])
            yield replace(
                here,
                module=parsed[0],
                attribute=parsed[1],
                call=parsed[2],
                folder=folder,
                search=search,
                server="gunicorn",
            )


def _uwsgi_config(text: str, base: Wish, tree: SourceTree) -> Iterator[Wish]:
    if "[uwsgi]" not in text and not base.source.rpartition("/")[2].startswith("uwsgi"):
        return
    values: dict[str, tuple[str, int, str]] = {}
    for number, line in enumerate(text.split("\n"), 1):
        key, equals, value = line.replace(":", "=", 1).partition("=") if "=" not in line else line.partition("=")
        if equals and not key.lstrip().startswith((";", "#")):
            values.setdefault(key.strip(), (value.strip(), number, line))
    target = next((values[key] for key in ("module", "wsgi", "mount", "wsgi-file", "file") if key in values), None)
    if target is None:
        return
    text_of, number, line = target
    parsed = parse_target(text_of.partition("=")[2].strip() or text_of)
    if parsed is None:
        return
    folder = (
        inside(base.folder, values["chdir"][0])
        if "chdir" in values and not values["chdir"][0].startswith("/")
        else base.folder
    )
    attribute = parsed[1] or (values["callable"][0] if "callable" in values else None)
    yield replace(
        _at(base, number, line), module=parsed[0], attribute=attribute, call=parsed[2], folder=folder, server="uwsgi"
    )
    del tree


def _zappa(text: str, base: Wish, tree: SourceTree) -> Iterator[Wish]:
    for number, line in enumerate(text.split("\n"), 1):
        found = re.search(r"\"app_function\"\s*:\s*\"([\w.]+)\.(\w+)\"", line)
        if found:
            yield replace(_at(base, number, line), module=found[1], attribute=found[2], server="zappa")
    del tree


def _vercel(text: str, base: Wish, tree: SourceTree) -> Iterator[Wish]:
    try:
        settings = json.loads(text)
    except (ValueError, RecursionError):
        return
    builds = settings.get("builds") if isinstance(settings, dict) else None
    for build in builds if isinstance(builds, list) else ():
        source = build.get("src") if isinstance(build, dict) else None
        if isinstance(source, str) and source.endswith(".py") and tree.has(inside(base.folder, source)):
            number = next((n for n, line in enumerate(text.split("\n"), 1) if source in line), 1)
            yield replace(_at(base, number, f'"src": "{source}"'), module=source, server="vercel")


def _wsgi_path(text: str, base: Wish, tree: SourceTree) -> Iterator[Wish]:
    for number, line in enumerate(text.split("\n"), 1):
        found = re.search(r"WSGIPath[\"']?\s*[:=]\s*[\"']?([\w./:\-]+)", line)
        parsed = parse_target(found[1]) if found else None
        if parsed is not None:
            here = replace(_at(base, number, line), folder=folder_of(folder_of(base.source)))
            yield replace(here, module=parsed[0], attribute=parsed[1], call=parsed[2])
    del tree


def _kind(pattern: str, strength: int, read: Callable[[str, Wish, SourceTree], Iterator[Wish]]) -> _Kind:
    return _Kind(re.compile(pattern, re.IGNORECASE), strength, read)


_KINDS = (
    _kind(r"(^|/)Procfile$", 100, _procfile),
    _kind(r"(^|/)\.flaskenv$", 90, _environment_file),
    _kind(r"(^|/)(gunicorn[\w.\-]*|[\w.\-]*gunicorn)(\.conf)?\.py$", 95, _gunicorn_config),
    _kind(r"(^|/)Dockerfile([.\-](prod|production|web|app|flask|api|backend))?$", 85, _dockerfile),
    _kind(
        r"(^|/)(uwsgi[\w.\-]*|[\w.\-]*uwsgi|app|wsgi)\.(ini|ya?ml)$", 80, lambda t, b, s: _app_yaml_or_uwsgi(t, b, s)
    ),
    _kind(r"(^|/)zappa_settings\.json$", 70, _zappa),
    _kind(r"(^|/)vercel\.json$", 40, _vercel),
    _kind(r"(^|/)\.ebextensions/[^/]+\.config$", 70, _wsgi_path),
    _kind(
        r"(^|/)(render|heroku|railway|nixpacks|fly|koyeb|manifest|\.platform\.app|apprunner|app\.json)\.?(ya?ml|json|toml)?$",
        80,
        _lines,
    ),
    _kind(r"(^|/)(docker-)?compose([.\-](prod|production))?\.ya?ml$", 75, _lines),
    _kind(r"(^|/)[\w.\-]+\.service$", 60, _lines),
    _kind(r"(^|/)(supervisord?|[\w\-]+)\.conf$", 55, _lines),
    _kind(
        r"(^|/)(entrypoint|docker-entrypoint|start|run|boot|serve|server|startup|prod|gunicorn[\w\-]*)(_\w+)?\.sh$",
        60,
        _lines,
    ),
    _kind(r"(^|/)Dockerfile[\w.\-]*$", 50, _dockerfile),
    _kind(r"(^|/)(docker-)?compose[\w.\-]*\.ya?ml$", 45, _lines),
    _kind(
        r"(^|/)\.env([.\-](example|sample|template|dist|prod|production))?$|(^|/)(example|sample)\.env$",
        45,
        _environment_file,
    ),
    _kind(r"(^|/)(Makefile|justfile|Taskfile\.ya?ml|package\.json|pyproject\.toml|tox\.ini|[\w\-]+\.sh)$", 40, _lines),
    _kind(r"^(README|INSTALL|DEPLOY\w*)(\.(md|rst|txt))?$", 30, _lines),
    _kind(r"^\.github/workflows/[^/]+\.ya?ml$|^\.gitlab-ci\.yml$|^\.vscode/launch\.json$", 25, _lines),
)
"""Kinds of files, the first that fits a path."""


def _app_yaml_or_uwsgi(text: str, base: Wish, tree: SourceTree) -> Iterator[Wish]:
    if re.search(r"^entrypoint\s*:|^runtime\s*:", text, re.MULTILINE):
        return _lines(text, base, tree)
    return _uwsgi_config(text, base, tree)
