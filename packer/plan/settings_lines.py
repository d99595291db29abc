"""Where in a TOML file a setting stands. TOML parsers keep no positions, so the lines are read once more."""

from __future__ import annotations

from packer.regex import regex

__all__ = ["line_of_setting"]

_HEADER = regex(r"\s*\[(?P<keys>[^\[\]]+)\]\s*(?:#.*)?$")
_ASSIGNMENT = regex(r"""\s*(?P<keys>(?:[\w-]+|"[^"]*"|'[^']*')(?:\s*\.\s*(?:[\w-]+|"[^"]*"|'[^']*'))*)\s*=""")
_KEY = regex(r"""[\w-]+|"[^"]*"|'[^']*'""")


def line_of_setting(text: str, table: tuple[str, ...], name: str) -> int | None:
    r"""The line (from 1) of the setting `name` below `table`; None where this simple reading does not find it.

    >>> line_of_setting("[tool.pack]\nport = 80\n", ("tool", "pack"), "port")
    2
    """
    wanted = (*table, *name.split("."))
    current: tuple[str, ...] = ()
    for number, line in enumerate(text.split("\n"), 1):
        if header := _HEADER.match(line):
            current = _keys(header["keys"])
            found = current
        elif assignment := _ASSIGNMENT.match(line):
            found = current + _keys(assignment["keys"])
        else:
            continue
        if found[: len(wanted)] == wanted:
            return number
    return None


def _keys(dotted: str) -> tuple[str, ...]:
    return tuple(key.strip("\"'") for key in _KEY.findall(dotted))
