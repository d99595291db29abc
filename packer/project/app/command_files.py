"""Files that hold commands: Procfile, Dockerfile, compose files, units, scripts, environment files."""

from __future__ import annotations

import re
from collections.abc import Iterator

from msgspec.structs import replace

from packer.project.app.commands import inside, wishes_in
from packer.project.app.wishes import Wish, at_line, parse_target
from packer.project.tree import SourceTree
from packer.regex import regex

__all__ = ["app_yaml_wishes", "command_lines", "dockerfile_wishes", "environment_wishes", "procfile_wishes"]

_MAX_TEXT = 256 * 1024
_MAX_LINE = 4000
_DEVELOPMENT = 10  # how much less FLASK_APP and `python x.py` are worth than a server's command beside them

_WEB_PROCESSES = frozenset({"web", "app", "api", "server", "backend"})
_SERVER_WORD = regex(r"\b(?:gunicorn3?|uvicorn|hypercorn|waitress(?:-serve)?|uwsgi|daphne|granian)\b(?![\w.-]*==)")
_INSTALLATION = regex(r"\b(?:pip3?|apt(?:-get)?|uv|poetry|conda|pipenv)\s+(?:add|install)")
_SCRIPT_RUN = regex(r"\bpython[\d.]*\s+[\w./\-]+\.py\b")
_FLASK_APP = regex(
    r"\bFLASK_APP[\"']?\s*(?:=|:|\s)\s*[\"']?(?P<target>[\w./\-]+(?::\w+(?:\([^)]*\))?)?)"
    r"|\bflask\s+(?:--app|-A)[ =](?P<option>[^\s\"']+)"
)
_KEY = regex(
    r"^\s*(?:-\s+)?[\"']?[\w.\- ]+[\"']?\s*(?:[:=]|=>)\s+(?=\S)|^\s*(?:CMD|ENTRYPOINT|RUN|ExecStart=)\s*|^\s*[-@$>]+\s*"
)


def procfile_wishes(text: str, base: Wish, tree: SourceTree) -> Iterator[Wish]:
    """The web process of a Procfile; the others are no servers."""
    for number, line in enumerate(text.split("\n"), 1):
        process, _, command = line.partition(":")
        if process.strip() in _WEB_PROCESSES:
            yield from _command_wishes(command, at_line(base, number, line), tree)


def dockerfile_wishes(text: str, base: Wish, tree: SourceTree) -> Iterator[Wish]:
    """CMD and ENTRYPOINT in the working directory that stands above them, and FLASK_APP."""
    folder = base.folder
    for number, line in _logical_lines(text):
        here = replace(at_line(base, number, line), folder=folder)
        instruction, _, rest = line.strip().partition(" ")
        match instruction.upper():
            case "CMD" | "ENTRYPOINT":
                yield from _command_wishes(_as_shell(rest), here, tree)
            case "ENV":
                yield from _flask_app_wishes(line, replace(here, strength=base.strength - _DEVELOPMENT))
            case "WORKDIR":
                folder = _work_folder(rest, base.folder)
            case _:
                continue


def app_yaml_wishes(text: str, base: Wish, tree: SourceTree) -> Iterator[Wish]:
    """The entrypoint of App Engine's app.yaml; other files of that name say nothing."""
    if re.search(r"^(?:entrypoint|runtime)\s*:", text, re.MULTILINE):
        yield from command_lines(text, base, tree)


def command_lines(text: str, base: Wish, tree: SourceTree) -> Iterator[Wish]:
    """Any text with commands in it: each line that names a server, FLASK_APP, or a script that is run."""
    del tree
    for number, line in _logical_lines(text):
        if len(line) > _MAX_LINE or line.lstrip().startswith(("#", "//")):
            continue
        here = at_line(base, number, line)
        weaker = replace(here, strength=base.strength - _DEVELOPMENT)
        if _SERVER_WORD.search(line) and not _INSTALLATION.search(line):
            yield from wishes_in(_as_shell(_KEY.sub("", line)), here)
        elif "FLASK_APP" in line or "--app " in line:
            yield from _flask_app_wishes(line, weaker)
        elif _SCRIPT_RUN.search(line):
            yield from wishes_in(_as_shell(_KEY.sub("", line)), weaker)


def environment_wishes(text: str, base: Wish, tree: SourceTree) -> Iterator[Wish]:
    """FLASK_APP in a file of variables."""
    del tree
    for number, line in enumerate(text.split("\n"), 1):
        if re.match(r"\s*(?:export\s+)?FLASK_APP\s*=", line):
            yield from _flask_app_wishes(line, at_line(base, number, line))


def _flask_app_wishes(line: str, base: Wish) -> Iterator[Wish]:
    found = _FLASK_APP.search(line)
    target = parse_target(found["target"] or found["option"]) if found else None
    if target is not None:
        module, attribute, call = target
        yield replace(base, module=module, attribute=attribute, call=call, server="flask", calls_factory=True)


def _command_wishes(command: str, base: Wish, tree: SourceTree, depth: int = 2) -> Iterator[Wish]:
    """The wishes of a command, and of the scripts of the project that it runs."""
    yield from wishes_in(command, base)
    for script in re.findall(r"[\w./\-]+\.sh\b", command) if depth else ():
        places = (inside(base.folder, script), inside(".", script), script.rpartition("/")[2])
        path = next((place for place in places if tree.has(place)), None)
        text = tree.read(path, _MAX_TEXT) if path else None
        if text is not None:
            lines = (line for _, line in _logical_lines(text) if not line.lstrip().startswith("#"))
            yield from _command_wishes("\n".join(lines), base, tree, depth - 1)


def _work_folder(name: str, base: str) -> str:
    """The folder of the project that an image's working directory means; its first level is the project itself."""
    parts = [part for part in name.strip().strip("\"'").split("/") if part]
    return inside(base, "/".join(parts[1:])) if len(parts) > 1 and name.startswith("/") else base


def _logical_lines(text: str) -> Iterator[tuple[int, str]]:
    """Lines with their continuations, numbered by where each begins."""
    start, begun = 0, ""
    for number, line in enumerate(text.split("\n"), 1):
        start = start or number
        if line.rstrip().endswith("\\"):
            begun += line.rstrip()[:-1] + " "
        else:
            yield start, begun + line
            start, begun = 0, ""


def _as_shell(command: str) -> str:
    """A command in exec form (a JSON list) as one line of shell."""
    plain = command.strip().rstrip(",")
    if plain.startswith("["):
        words = re.findall(r"\"((?:[^\"\\]|\\.)*)\"|'([^']*)'", plain)
        return " ".join(_quoted(double or single) for double, single in words)
    return plain.strip("\"'") if plain[:1] == plain[-1:] else plain


def _quoted(word: str) -> str:
    return "'" + word.replace("'", "'\"'\"'") + "'" if re.search(r"[\s()'\"$;&|]", word) else word
