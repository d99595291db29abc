"""A small reader of Dockerfiles, written from the reference alone: instructions, their flags and their arguments.

https://docs.docker.com/reference/dockerfile/
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass

__all__ = ["Instruction", "expanded_array", "instructions", "names_and_values", "words"]

_DIRECTIVE = re.compile(r"#\s*(?:syntax|escape|check)\s*=")


@dataclass(frozen=True, slots=True)
class Instruction:
    """One instruction: its keyword in capitals, and the rest on one line as the file has it."""

    keyword: str
    rest: str


def instructions(text: str) -> list[Instruction]:
    """The instructions of a file. Comments, also between continued lines, say nothing."""
    found: list[Instruction] = []
    waiting = ""
    for line in text.split("\n"):
        if line.lstrip().startswith("#") or (waiting and not line.strip()):
            continue
        whole = waiting + line.strip() if not waiting else waiting + line
        if re.search(r"\\[ \t]*$", line):
            waiting = re.sub(r"\\[ \t]*$", "", whole)
            continue
        waiting = ""
        if whole.strip():
            keyword, _, rest = whole.strip().partition(" ")
            found.append(Instruction(keyword.upper(), rest.strip()))
    assert not waiting, "the last line goes on"
    return found


def words(text: str) -> list[str]:
    """The words of an instruction that expands variables, as it understands them; a variable stays as `${NAME}`.

    An error for a variable that is not in the form that the templates have.
    """
    found: list[str] = []
    word, quote, inside = "", "", False
    position = 0
    while position < len(text):
        character = text[position]
        if quote != "'" and character == "\\" and position + 1 < len(text):
            following = text[position + 1]
            word += following if not quote or following in '\\"$' else f"\\{following}"
            position += 1
            inside = True
        elif character in "'\"" and quote in ("", character):
            quote = "" if quote else character
            inside = True
        elif character.isspace() and not quote:
            found += [word] if inside else []
            word, inside = "", False
        else:
            assert character != "$" or quote == "'" or text.startswith("${", position), f"a variable in {text!r}"
            word += character
            inside = True
        position += 1
    assert not quote, f"a quotation in {text!r} does not end"
    return [*found, word] if inside else found


def names_and_values(text: str) -> dict[str, str]:
    """The pairs of `ENV` or `LABEL`."""
    return {name: value for name, _, value in (word.partition("=") for word in words(text))}


def expanded_array(text: str) -> list[str]:
    """A JSON array in an instruction that expands variables."""
    return ["".join(words(f'"{_requoted(item)}"')) for item in json.loads(text)]


def _requoted(item: str) -> str:
    """An unquoted word in the form of a quoted one: a backslash before any character means that character."""
    return re.sub(r"\\(.)", lambda found: "\\" + found[1] if found[1] in '\\"$' else found[1], item)
