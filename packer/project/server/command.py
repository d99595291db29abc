"""The server's command line in a Procfile: which program, and which of its options are worth keeping."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from types import MappingProxyType

from msgspec import Struct

from packer.project.app.commands import commands_in
from packer.project.app.modules import joined
from packer.project.model import Evidence
from packer.project.tree import SourceTree
from packer.regex import regex

__all__ = ["ServerCommand", "find_command"]

_PROCESS = regex(r"(?P<name>[A-Za-z0-9_-]+)\s*:\s*(?P<command>\S.*)")
_PROGRAMS = MappingProxyType(
    {
        "gunicorn": "gunicorn", "gunicorn3": "gunicorn", "uvicorn": "uvicorn", "waitress-serve": "waitress",
        "waitress": "waitress", "uwsgi": "uwsgi", "hypercorn": "hypercorn", "daphne": "daphne",
    }
)  # fmt: skip
_KEPT = (
    "--config", "--graceful-timeout", "--keep-alive", "--limit-request-field_size", "--limit-request-line",
    "--max-requests", "--max-requests-jitter", "--threads", "--timeout", "--worker-class", "--worker-connections",
    "--workers",
)  # fmt: skip
_LONG = MappingProxyType(
    {
        **{name: name for name in _KEPT},
        "-c": "--config",
        "-k": "--worker-class",
        "-t": "--timeout",
        "-w": "--workers",
    }
)
"""The options worth keeping, by their short and long names."""

_VALUE = regex(r"[A-Za-z0-9_.:/-]+")


class ServerCommand(Struct, frozen=True, kw_only=True):
    """A server's command, with its options in their long form, as in ("--timeout", "120")."""

    program: str
    options: tuple[tuple[str, str], ...]
    evidence: Evidence

    def option(self, name: str) -> str | None:
        """The last value of an option."""
        return next((value for option, value in reversed(self.options) if option == name), None)


def find_command(tree: SourceTree, folder: str) -> ServerCommand | None:
    """The first server that the web process starts, in the Procfile nearest to `folder`."""
    for place in dict.fromkeys((folder, ".")):
        path = joined(place, "Procfile")
        for number, line in enumerate((tree.read(path) or "").split("\n"), 1):
            process = _PROCESS.fullmatch(line.strip())
            if process and process["name"] == "web":
                evidence = Evidence(path, number, line.strip()[:160])
                return next(_servers(process["command"], evidence), None)
    return None


def _servers(command: str, evidence: Evidence) -> Iterator[ServerCommand]:
    for words in commands_in(command):
        for position, word in enumerate(words):
            program = _PROGRAMS.get(word.rpartition("/")[2])
            if program is not None:
                options = tuple(_options(words[position + 1 :])) if program == "gunicorn" else ()
                yield ServerCommand(program=program, options=options, evidence=evidence)
                break


def _options(words: Sequence[str]) -> Iterator[tuple[str, str]]:
    waiting: str | None = None
    for word in words:
        name, separator, value = word.partition("=")
        if waiting is not None:
            if _VALUE.fullmatch(word):
                yield waiting, word
            waiting = None
        elif name in _LONG and separator:
            if _VALUE.fullmatch(value):
                yield _LONG[name], value
        elif word in _LONG:
            waiting = _LONG[word]
        elif word[:2] in _LONG and not word.startswith("--") and _VALUE.fullmatch(word[2:]):
            yield _LONG[word[:2]], word[2:]
