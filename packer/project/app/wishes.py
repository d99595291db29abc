"""A wish: what one of the project's own files says is to be started, believed as far as the code bears it out."""

from __future__ import annotations

import re

from msgspec import Struct
from msgspec.structs import replace

from packer.project.model import Evidence
from packer.regex import regex

__all__ = ["Wish", "at_line", "parse_target"]

_TARGET = regex(r"(?P<module>[\w./\\\- ]+?)(?::(?P<attribute>[A-Za-z_][\w.]*)(?P<call>\(.*\))?)?", re.DOTALL)


class Wish(Struct, frozen=True, kw_only=True):
    """An application that a file names.

    Attributes:
        source: the name of the file or setting, for messages.
        strength: how much it is worth; production commands more than development ones.
        module: a dotted name, or the path of a file.
        attribute: the object or function in it, None where it is left to be found.
        call: the brackets and arguments after it, None without.
        folder: the folder that the command runs in.
        search: further folders that it puts on the path.
        imported: False for a script that is run (`python app.py`) rather than a module that is imported.
        server: the program that serves, empty where none is named.
        calls_factory: the server calls the attribute (`uvicorn --factory`, `flask run`).
    """

    source: str
    strength: int
    module: str
    attribute: str | None = None
    call: str | None = None
    folder: str = "."
    search: tuple[str, ...] = ()
    imported: bool = True
    server: str = ""
    calls_factory: bool = False
    evidence: Evidence | None = None

    @property
    def text(self) -> str:
        """The wish as it was written, more or less."""
        return self.module + (f":{self.attribute}{self.call or ''}" if self.attribute else "")


def at_line(wish: Wish, number: int, line: str) -> Wish:
    """A wish with the line of its source as evidence."""
    return replace(wish, evidence=Evidence(wish.source, number, line.strip()[:160]))


def parse_target(text: str) -> tuple[str, str | None, str | None] | None:
    """Module, attribute and call of `module:attribute` or `module:factory()`; None for anything else.

    >>> parse_target("shop.web:create_app('prod')")
    ('shop.web', 'create_app', "('prod')")
    >>> parse_target("$TARGET") is None
    True
    """
    found = _TARGET.fullmatch(text.strip().strip("\"'"))
    if found is None or not re.search(r"[A-Za-z_]", found["module"]):
        return None
    return found["module"], found["attribute"], found["call"]
