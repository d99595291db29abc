"""Files that show developers which variables to set. Their names are facts; their values are never shown."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct

from packer.project.app.modules import joined
from packer.project.model import Evidence
from packer.project.tree import SourceTree
from packer.regex import regex

__all__ = ["ExampleVariable", "read_examples"]

_NAMES = (
    ".env.example", ".env.sample", ".env.template", ".env.dist", ".env-example", ".env-sample", "env.example",
    "env.sample", "example.env", "sample.env", "dotenv.example", ".flaskenv", ".flaskenv.example",
)  # fmt: skip
_LINE = regex(r"(?:export\s+)?(?P<name>[A-Z][A-Z0-9_]*)\s*=\s*(?P<value>.*)")
_SCHEME = regex(r"[a-z][a-z0-9+]*://")
_FLASK_COMMAND = regex(r"FLASK_(APP|ENV|DEBUG|SKIP_DOTENV|RUN_.+)")


class ExampleVariable(Struct, frozen=True, kw_only=True):
    """A variable that an example file names, and the beginning of its value up to `://`, if that is a URL."""

    name: str
    scheme: str | None
    evidence: Evidence


def read_examples(tree: SourceTree, folder: str) -> tuple[ExampleVariable, ...]:
    """The variables of example files in the root and in the application's folder, each once.

    What only the `flask` command reads is left out.
    """
    found: dict[str, ExampleVariable] = {}
    for place in dict.fromkeys((folder, ".")):
        for name in _NAMES:
            for variable in _variables(tree, joined(place, name)):
                found.setdefault(variable.name, variable)
    return tuple(found.values())


def _variables(tree: SourceTree, path: str) -> Iterator[ExampleVariable]:
    for number, line in enumerate((tree.read(path) or "").split("\n"), 1):
        match = _LINE.fullmatch(line.strip())
        if match is None or _FLASK_COMMAND.fullmatch(match["name"]):
            continue
        scheme = _SCHEME.match(match["value"].strip("\"'"))
        evidence = Evidence(path, number, f"{match['name']}=…")
        yield ExampleVariable(name=match["name"], scheme=scheme[0] if scheme else None, evidence=evidence)
