"""Shell commands that start a server, read for what they start."""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise

from msgspec import Struct
from msgspec.structs import replace

from packer.project.app.wishes import Wish, parse_target
from packer.regex import regex

__all__ = ["SERVERS", "commands_in", "wishes_in"]

_FLAGS_ALONE = frozenset({
    "--reload", "--preload", "--daemon", "-D", "--check-config", "--print-config", "--spew", "--no-sendfile",
    "--capture-output", "--enable-stdio-inheritance", "--proxy-protocol", "-R",
    "--disable-redirect-access-to-syslog", "--strip-header-spaces", "--factory", "--proxy-headers",
    "--no-proxy-headers", "--no-access-log", "--access-log", "--use-colors", "--no-use-colors",
    "--no-server-header", "--no-date-header", "--debug", "--with-threads", "--master", "--enable-threads",
    "--call", "--die-on-term", "--vacuum", "--need-app", "--lazy-apps", "--http-auto-chunked",
    "--single-interpreter", "--no-reload", "--no-debugger", "--no-debug", "--expose-tracebacks", "-M",
    "--log-syslog", "--reuse-port", "--thunder-lock", "-u", "--strict", "--no-lazy-apps",
    "--manage-script-name", "--log-master", "-q", "--quiet", "--extra-files", "-v",
})  # fmt: skip
"""Options that take no value; every other option of a server takes one."""

_SEPARATORS = frozenset(";&|")
_ASSIGNMENT = regex(r"(?P<name>[A-Z_][A-Z0-9_]*)=(?P<value>.*)", re.DOTALL)
_VARIABLE_FOLDER = regex(r"\$\{?\w+\}?/?")


class _Options(Struct, frozen=True):
    """A server's arguments: options by name, and what stands alone."""

    named: dict[str, str]
    alone: tuple[str, ...]

    def first(self, *names: str) -> str | None:
        return next((self.named[name] for name in names if name in self.named), None)


def wishes_in(command: str, base: Wish) -> Iterator[Wish]:
    """The applications that a command line starts, in order.

    Args:
        command: a line of shell, several commands and all.
        base: source, strength, evidence and folder to give each wish.
    """
    folder = base.folder
    for words in commands_in(command):
        if words[0] == "cd" and len(words) > 1:
            folder = inside(folder, words[1])
        else:
            yield from _served(words, replace(base, folder=folder))


def commands_in(command: str) -> Iterator[list[str]]:
    """The single commands of a line of shell, as words; what `sh -c` is given is looked into.

    >>> list(commands_in("cd web && exec gunicorn 'app:app' -b 0.0.0.0:$PORT"))
    [['cd', 'web'], ['exec', 'gunicorn', 'app:app', '-b', '0.0.0.0:$PORT']]
    """
    for words in _split(command.replace("\\\n", " ").replace("\n", " ; ")):
        script = next((word for before, word in pairwise(words) if before in {"-c", "-lc"}), None)
        if words[0].rpartition("/")[2] in {"sh", "bash"} and script and " " in script:
            yield from commands_in(script)
        else:
            yield words


def _split(command: str) -> Iterator[list[str]]:
    """The words of each command between `&&`, `||`, `;`, `|` and `&`, quotes respected where they are closed."""
    lexer = shlex.shlex(command, posix=True, punctuation_chars=";&|")
    lexer.whitespace_split = True
    lexer.commenters = ""
    words: list[str] = []
    try:
        for word in lexer:
            if set(word) <= _SEPARATORS:
                yield from [words] if words else []
                words = []
            else:
                words.append(word)
    except ValueError:  # a quote is never closed: the words until there
        pass
    yield from [words] if words else []


def inside(folder: str, name: str) -> str:
    """A folder named by a command that runs in `folder`; places outside the project's tree mean its root."""
    name = _VARIABLE_FOLDER.sub("", name).strip("\"'")
    absolute = name.startswith("/")
    parts = [] if folder == "." or absolute else folder.split("/")
    for part in name.split("/"):
        if part == "..":
            parts = parts[:-1]
        elif part not in {"", "."}:
            parts.append(part)
    return "/".join(parts) or "."


def _served(words: Sequence[str], base: Wish) -> Iterator[Wish]:
    for position, word in enumerate(words):
        assignment = _ASSIGNMENT.fullmatch(word)
        if assignment and assignment["name"] == "FLASK_APP":
            yield from _named(assignment["value"], replace(base, server="flask", calls_factory=True))
        name = word.rpartition("/")[2]
        reader = SERVERS.get(name) or (SERVERS["python"] if re.fullmatch(r"python[\d.]*", name) else None)
        if reader is not None:
            yield from reader(words[position + 1 :], replace(base, server=name))
            return


def _options(words: Sequence[str]) -> _Options:
    named: dict[str, str] = {}
    alone: list[str] = []
    waiting: str | None = None
    for word in words:
        if waiting is not None:
            named[waiting], waiting = word, None
        elif word.startswith("--") and "=" in word:
            name, _, value = word.partition("=")
            named[name] = value
        elif word in _FLAGS_ALONE:
            named[word] = ""
        elif re.fullmatch(r"-[a-zA-Z].+", word) and not word.startswith("--") and not re.fullmatch(r"-[a-zA-Z]+", word):
            named[word[:2]] = word[2:]
        elif word.startswith("-"):
            waiting = word
        else:
            alone.append(word)
    return _Options(named, tuple(alone))


def _named(text: str, base: Wish) -> Iterator[Wish]:
    target = parse_target(text)
    if target is not None:
        module, attribute, call = target
        yield replace(base, module=module, attribute=attribute, call=call)


def _moved(options: _Options, base: Wish) -> Wish:
    folder = options.first("--chdir")
    search = options.first("--pythonpath", "--pp", "--app-dir", "--python-path")
    moved = base if folder is None else replace(base, folder=inside(base.folder, folder))
    return moved if search is None else replace(moved, search=tuple(inside(moved.folder, s) for s in search.split(",")))


def _gunicorn(words: Sequence[str], base: Wish) -> Iterator[Wish]:
    options = _options(words)
    moved = _moved(options, base)
    with_colon = [word for word in options.alone if ":" in word and not re.search(r":[\d$]", word)]
    for word in with_colon[:1] or options.alone[:1]:
        yield from _named(word, moved)


def _uvicorn(words: Sequence[str], base: Wish) -> Iterator[Wish]:
    options = _options(words)
    moved = replace(_moved(options, base), calls_factory="--factory" in options.named)
    for word in options.alone:
        text = re.sub(r"^(?:wsgi|asgi):(?=[\w.]+:)", "", word)
        if ":" in text:
            yield from _named(text, moved)
            return


def _waitress(words: Sequence[str], base: Wish) -> Iterator[Wish]:
    options = _options(words)
    moved = replace(_moved(options, base), calls_factory="--call" in options.named)
    for word in options.alone[:1]:
        yield from _named(word, moved)


def _uwsgi(words: Sequence[str], base: Wish) -> Iterator[Wish]:
    options = _options(words)
    moved = _moved(options, base)
    target = options.first("--module", "-w", "--wsgi", "--mount", "--wsgi-file", "--file")
    if target is None:
        return
    target = target.partition("=")[2] or target
    for wish in _named(target, moved):
        yield replace(wish, attribute=wish.attribute or options.first("--callable"))


def _flask(words: Sequence[str], base: Wish) -> Iterator[Wish]:
    options = _options(words)
    target = options.first("--app", "-A")
    if target is not None:
        yield from _named(target, replace(base, calls_factory=True))


def _python(words: Sequence[str], base: Wish) -> Iterator[Wish]:
    rest = [word for word in words if word not in {"-u", "-O", "-B"}]
    if rest[:1] == ["-m"] and len(rest) > 1:
        module = rest[1]
        reader = SERVERS.get(module) or (_waitress if module == "waitress" else None)
        if reader is not None:
            yield from reader(rest[2:], replace(base, server=module))
        elif re.fullmatch(r"[A-Za-z_][\w.]*", module):
            yield replace(base, module=module, imported=False, strength=base.strength // 3)
    elif rest and rest[0].endswith(".py"):
        yield replace(base, module=rest[0], imported=False, strength=base.strength // 3)


SERVERS: dict[str, Callable[[Sequence[str], Wish], Iterator[Wish]]] = {
    "gunicorn": _gunicorn,
    "gunicorn3": _gunicorn,
    "uvicorn": _uvicorn,
    "hypercorn": _uvicorn,
    "daphne": _uvicorn,
    "granian": _uvicorn,
    "waitress-serve": _waitress,
    "uwsgi": _uwsgi,
    "flask": _flask,
    "python": _python,
}
"""Readers of each server's arguments, by program."""
