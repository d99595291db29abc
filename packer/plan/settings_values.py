"""The kinds of values that settings have: what each accepts, from TOML, from the command line and as text.

A kind reads a value or says in words what is wrong with it. It also describes itself as a JSON schema, so that an
editor and pack agree on what is valid.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Protocol

from msgspec import Struct

from packer.regex import regex

__all__ = ["Kind", "ListTable", "Misfit", "Number", "Switch", "Text", "TextList", "TextTable", "Variables"]

_SHOWN = 60
_TRUE, _FALSE = frozenset({"1", "true", "yes", "on"}), frozenset({"0", "false", "no", "off"})

_SECRET_NAME = regex(
    r"(?:^|_)(?:SECRETS?|PASSWORD|PASSWD|PASSPHRASE|PWD|PW|TOKEN|CREDENTIALS?|APIKEY"
    r"|(?:API|SECRET|PRIVATE|ACCESS|SIGNING|ENCRYPTION)_KEYS?(?:_ID|_BASE)?)$",
    re.IGNORECASE,
)
_URL_WITH_PASSWORD = regex(r"^[a-z][a-z0-9+.-]*://[^/@\s]*:[^/@\s]+@", re.IGNORECASE)


class Misfit(Exception):  # noqa: N818 - never reaches a user: the parser turns it into a `UsageError`
    """A value that a setting cannot have: `reason` says why, `hint` what to do."""

    def __init__(self, reason: str, hint: str | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.hint = hint


class Kind(Protocol):
    """A kind of value. Parsed values are hashable: texts, numbers, booleans, and tuples of them."""

    def parse(self, value: object) -> object:
        """A value as TOML or the command line gives it. Raises `Misfit`."""
        ...

    def parse_text(self, text: str) -> object:
        """A value as an environment variable gives it. Raises `Misfit`."""
        ...

    def schema(self) -> dict[str, object]:
        """The values it accepts, as JSON schema."""
        ...


class Text(Struct, frozen=True):
    """A text that matches `pattern` whole. `expected` describes it, `example` is one."""

    expected: str
    pattern: str
    example: str

    def parse(self, value: object) -> str:
        """The text itself."""
        if not isinstance(value, str):
            raise Misfit(
                f"{self.expected} is expected, as text, not {_type_name(value)}", f'for example "{self.example}"'
            )
        if not re.fullmatch(self.pattern, value):
            raise Misfit(f"{_shown(value)} is not {self.expected}", f'for example "{self.example}"')
        return value

    def parse_text(self, text: str) -> str:
        """The text itself."""
        return self.parse(text)

    def schema(self) -> dict[str, object]:
        """A string with its pattern."""
        return {"type": "string", "pattern": f"^(?:{self.pattern})$", "examples": [self.example]}


class Number(Struct, frozen=True):
    """A whole number within limits, both included."""

    low: int
    high: int

    def parse(self, value: object) -> int:
        """The number."""
        if isinstance(value, bool) or not isinstance(value, int):
            raise Misfit(f"{self._expected} is expected, not {_type_name(value)}")
        if not self.low <= value <= self.high:
            shown = value if abs(value) < 10**18 else "the number"  # Python refuses to spell very long ones
            raise Misfit(f"{shown} is not {self._expected}")
        return value

    def parse_text(self, text: str) -> int:
        """The number that decimal digits spell."""
        if not re.fullmatch(r"[0-9]{1,18}", text.strip()):
            raise Misfit(f"{_shown(text)} is not {self._expected}")
        return self.parse(int(text))

    def schema(self) -> dict[str, object]:
        """An integer with its limits."""
        return {"type": "integer", "minimum": self.low, "maximum": self.high}

    @property
    def _expected(self) -> str:
        return f"a whole number from {self.low} to {self.high}"


class Switch(Struct, frozen=True):
    """Yes or no."""

    def parse(self, value: object) -> bool:
        """The boolean."""
        if not isinstance(value, bool):
            raise Misfit(f"true or false is expected, not {_type_name(value)}")
        return value

    def parse_text(self, text: str) -> bool:
        """`1`, `true`, `yes`, `on`, or their opposites."""
        word = text.strip().lower()
        if word not in _TRUE | _FALSE:
            raise Misfit(f"{_shown(text)} is not true or false")
        return word in _TRUE

    def schema(self) -> dict[str, object]:
        """A boolean."""
        return {"type": "boolean"}


class TextList(Struct, frozen=True):
    """A list of texts, in the order given; a text that stands twice counts once."""

    item: Text

    def parse(self, value: object) -> tuple[str, ...]:
        """The texts."""
        if not isinstance(value, list | tuple):
            raise Misfit(f"a list is expected, not {_type_name(value)}", f'for example ["{self.item.example}"]')
        return tuple(dict.fromkeys(self.item.parse(each) for each in value))

    def parse_text(self, text: str) -> tuple[str, ...]:
        """The texts between commas or line breaks."""
        parts = (part.strip() for part in re.split(r"[,\n]", text))
        return self.parse([part for part in parts if part])

    def schema(self) -> dict[str, object]:
        """An array of strings."""
        return {"type": "array", "items": self.item.schema(), "uniqueItems": True}


class TextTable(Struct, frozen=True):
    """A table of names and texts, sorted by name. `example` is a value for the name's own example."""

    name: Text
    example: str

    def parse(self, value: object) -> tuple[tuple[str, str], ...]:
        """The pairs."""
        if not isinstance(value, Mapping):
            raise Misfit(f"a table of names and texts is expected, not {_type_name(value)}")
        return tuple(sorted((self.name.parse(name), self._text(name, text)) for name, text in value.items()))

    def parse_text(self, text: str) -> tuple[tuple[str, str], ...]:
        """The pairs of `NAME=value` lines."""
        lines = [line.strip() for line in text.splitlines() if line.strip()]
        if any("=" not in line for line in lines):
            raise Misfit("NAME=value is expected, one a line")
        return self.parse(dict(line.split("=", 1) for line in lines))

    def schema(self) -> dict[str, object]:
        """An object of strings."""
        names = {"pattern": f"^(?:{self.name.pattern})$"}
        return {"type": "object", "propertyNames": names, "additionalProperties": {"type": "string"}}

    def _text(self, name: str, value: object) -> str:
        if not isinstance(value, str):
            raise Misfit(f"{name} must be a text, not {_type_name(value)}", f'write it in quotes: {name} = "…"')
        if "\0" in value:
            raise Misfit(f"{name} holds a NUL character")
        return value


class ListTable(Struct, frozen=True):
    """A table of names and lists of texts, sorted by name; the texts keep their order."""

    name: Text
    items: TextList

    def parse(self, value: object) -> tuple[tuple[str, tuple[str, ...]], ...]:
        """The pairs."""
        if not isinstance(value, Mapping):
            raise Misfit(f"a table of names and lists is expected, not {_type_name(value)}")
        return tuple(sorted((self.name.parse(name), self.items.parse(texts)) for name, texts in value.items()))

    def parse_text(self, text: str) -> tuple[tuple[str, tuple[str, ...]], ...]:
        """The pairs of `NAME=value,value` lines."""
        lines = [line.strip() for line in text.splitlines() if line.strip()]
        if any("=" not in line for line in lines):
            raise Misfit("NAME=value,value is expected, one a line")
        pairs = (line.split("=", 1) for line in lines)
        return tuple(sorted((self.name.parse(name), self.items.parse_text(texts)) for name, texts in pairs))

    def schema(self) -> dict[str, object]:
        """An object of arrays."""
        names = {"pattern": f"^(?:{self.name.pattern})$"}
        return {"type": "object", "propertyNames": names, "additionalProperties": self.items.schema()}


class Variables(TextTable, frozen=True):
    """Environment variables for everyone who has the image to read, and so none that looks like a secret."""

    def _text(self, name: str, value: object) -> str:
        text = super()._text(name, value)
        if _SECRET_NAME.search(name) or _URL_WITH_PASSWORD.match(text):
            raise Misfit(
                f"{name} looks like a secret, and everyone who has the image could read it",
                "give it to the container when it starts: -e, an env file, or a secret file that the app reads",
            )
        return text


def _shown(text: str) -> str:
    return repr(text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…")


def _type_name(value: object) -> str:
    """What TOML calls the value's type.

    >>> _type_name(True), _type_name([]), _type_name(None)
    ('a boolean', 'a list', 'NoneType')
    """
    names: tuple[tuple[type | tuple[type, ...], str], ...] = (
        (bool, "a boolean"),
        ((int, float), "a number"),
        (str, "a text"),
        ((list, tuple), "a list"),
        (Mapping, "a table"),
    )
    return next((name for kind, name in names if isinstance(value, kind)), type(value).__name__)
