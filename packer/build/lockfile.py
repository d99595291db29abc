"""`pack.lock`: what pack chose for a project, pinned.

A TOML document that people can review. It names the Python version, every Debian package of the base by version and
SHA-256 for each architecture, and how the dependencies are grouped into layers. It holds no addresses: the mirror is
the machine's business. The Python distributions are pinned by the project's own lock, else by `pylock.toml`.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from packer.errors import LockError

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

__all__ = ["FILE_NAME", "PackLock", "dump", "parse"]

FILE_NAME = "pack.lock"
_VERSION = 1
_HEADER = "# What pack chose for this project. Written by `pack lock`; keep it under version control.\n"

Table = Mapping[str, str | int]


@dataclass(frozen=True, slots=True, kw_only=True)
class PackLock:
    """The content of a `pack.lock`.

    Attributes:
        python: X.Y.
        inputs: SHA-256 (hexadecimal) of what the Python distributions were resolved from; a lock whose inputs differ
            from the project's is stale.
        base: by architecture, the base's packages as `packer.debian` writes them (empty for other bases).
        release: the Debian release of the base, empty for other bases.
        layers: layer name by distribution: the grouping to keep, so that a new dependency does not reshuffle layers.
    """

    python: str
    inputs: str
    release: str = ""
    base: Mapping[str, tuple[Table, ...]] = field(default_factory=lambda: MappingProxyType({}))
    layers: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))


def dump(lock: PackLock) -> str:
    """The lock's text: deterministic, one package a line."""
    return _HEADER + "".join(f"{line}\n" for line in _lines(lock))


def _lines(lock: PackLock) -> Iterator[str]:
    yield f"version = {_VERSION}"
    yield f"python = {_text(lock.python)}"
    yield f"inputs = {_text(lock.inputs)}"
    if lock.release:
        yield ""
        yield "[base]"
        yield f"release = {_text(lock.release)}"
        for architecture in sorted(lock.base):
            yield f"{_text(architecture)} = ["
            for package in lock.base[architecture]:
                fields = ", ".join(f"{name} = {_value(value)}" for name, value in package.items())
                yield f"  {{ {fields} }},"
            yield "]"
    if lock.layers:
        yield ""
        yield "[layers]"
        for distribution in sorted(lock.layers):
            yield f"{_text(distribution)} = {_text(lock.layers[distribution])}"


def _value(value: str | int) -> str:
    return str(value) if isinstance(value, int) else _text(value)


def _text(value: str) -> str:
    """A TOML basic string: JSON's escapes are a subset of TOML's, but for the delete character."""
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")


def parse(text: str) -> PackLock:
    """Read a lock. Raises `LockError` for anything that `dump` would not have written."""
    try:
        document = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise _broken(str(error)) from error
    if document.get("version") != _VERSION:
        raise _broken(f"its version is {document.get('version')!r}, this pack reads version {_VERSION}")
    base = _table(document, "base")
    layers = _table(document, "layers")
    release = base.pop("release", "")
    return PackLock(
        python=_string(document, "python"),
        inputs=_string(document, "inputs"),
        release=release if isinstance(release, str) else _raise("base.release is not text"),
        base=MappingProxyType({name: _packages(name, rows) for name, rows in base.items()}),
        layers=MappingProxyType({name: _string(layers, name) for name in layers}),
    )


def _packages(name: str, rows: Any) -> tuple[Table, ...]:
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        _raise(f"base.{name} is not a list of packages")
    for row in rows:
        if not all(type(value) in (str, int) for value in row.values()):
            _raise(f"a package of base.{name} has a field that is neither text nor a number")
    return tuple(MappingProxyType(row) for row in rows)


def _table(document: Mapping[str, Any], name: str) -> dict[str, Any]:
    value = document.get(name, {})
    return dict(value) if isinstance(value, dict) else _raise(f"{name} is not a table")


def _string(document: Mapping[str, Any], name: str) -> str:
    value = document.get(name)
    return value if isinstance(value, str) else _raise(f"{name} is missing or not text")


def _raise(what: str) -> Any:
    raise _broken(what)


def _broken(what: str) -> LockError:
    return LockError(f"{FILE_NAME} cannot be read: {what}", where=FILE_NAME, hint="write it anew: pack lock")
