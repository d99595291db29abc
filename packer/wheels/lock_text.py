"""A `pylock.toml` as text: the one place that writes TOML.

Only what such a file may hold is known: tables of strings, numbers, booleans, dates, arrays and inline tables, and
`[[packages]]` last. Format: https://packaging.python.org/en/latest/specifications/pylock-toml/
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

__all__ = ["render_lock"]

_ESCAPES = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t"}


def render_lock(lock: Mapping[str, Any]) -> bytes:
    """The bytes of a lock that was read from TOML, packages in the order given."""
    packages = lock.get("packages", ())
    lines = [f"{_key(key)} = {_value(value)}" for key, value in lock.items() if key != "packages"]
    if not packages:
        lines.append("packages = []")
    for package in packages:
        lines += ["", "[[packages]]"]
        lines += [f"{_key(key)} = {_value(value)}" for key, value in package.items()]
    return ("\n".join(lines) + "\n").encode()


def _value(value: object) -> str:
    match value:
        case bool() | int() | float():
            return str(value).lower()
        case datetime():
            return value.isoformat().replace("+00:00", "Z")
        case Mapping():
            return "{ " + ", ".join(f"{_key(key)} = {_value(item)}" for key, item in value.items()) + " }"
        case Sequence() if not isinstance(value, str):
            return _array(value)
        case _:
            return _string(str(value))


def _array(values: Sequence[object]) -> str:
    """Tables get a line each, so that a changed wheel is one line of a diff."""
    texts = [_value(value) for value in values]
    if any(isinstance(value, Mapping) for value in values):
        return "[\n" + "".join(f"    {text},\n" for text in texts) + "]"
    return "[" + ", ".join(texts) + "]"


def _key(key: str) -> str:
    return key if key.replace("-", "").replace("_", "").isalnum() and key.isascii() else _string(key)


def _string(text: str) -> str:
    escaped = "".join(_ESCAPES.get(c) or (c if c >= " " and c != "\x7f" else f"\\u{ord(c):04x}") for c in text)
    return f'"{escaped}"'
