"""`pack.lock`: what pack chose for a project, pinned.

A TOML document that people can review. It names the Python version, every Debian package of the base by version and
SHA-256 for each architecture (or the image that is the base, by digest for each platform), and how the dependencies
are grouped into layers. It holds no addresses: the mirror is the machine's business. The Python distributions are
pinned by the project's own lock, else by `pylock.toml`.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from msgspec import Struct

from packer.debian.lock import BaseLock
from packer.errors import LockError, PackError
from packer.oci.digest import Digest
from packer.oci.platform import Platform
from packer.regex import regex
from packer.wheels.group import Placement

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

__all__ = ["FILE_NAME", "ImagePin", "PackLock", "dump", "parse"]

FILE_NAME = "pack.lock"
_VERSION = 1
_PYTHON = regex(r"3\.[0-9]{1,3}")
_PIN = regex(r"[a-z0-9][a-z0-9-]*==[0-9A-Za-z.!+-]+")
_HEADER = "# What pack chose for this project. Written by `pack lock`; keep it under version control."


class ImagePin(Struct, frozen=True, kw_only=True, order=True):
    """An image that is the base on one platform.

    Attributes:
        platform: as `str(Platform)` has it.
        name: where it came from, for people: a reference, or the last part of a path on somebody's machine.
        digest: of its manifest. It alone decides whether an image is the pinned one.
    """

    platform: str
    name: str
    digest: Digest


class PackLock(Struct, frozen=True, kw_only=True):
    """The content of a `pack.lock`.

    Attributes:
        python: X.Y.
        codec: how layers are compressed; another codec gives other digests.
        inputs: 64 hexadecimal digits for what the Python distributions were resolved from; a lock whose inputs differ
            from the project's is stale.
        bases: the Debian base for each architecture, in order of architecture; none for other kinds of base.
        images: the image that is the base, in order of platform; none for a Debian base.
        webs: the web image's base for each architecture, in order of architecture; none where none is wanted.
        added: pins (`name==version`) of what pack adds to a lock of the project's own: a production server, and what
            it needs.
        layers: where each wheel was put, to be kept, so that a new dependency does not reshuffle layers.
    """

    python: str
    codec: str
    inputs: str
    bases: tuple[BaseLock, ...] = ()
    images: tuple[ImagePin, ...] = ()
    webs: tuple[BaseLock, ...] = ()
    added: tuple[str, ...] = ()
    layers: tuple[Placement, ...] = ()

    def base(self, architecture: str) -> BaseLock | None:
        """The Debian base for an architecture, if it is locked."""
        return next((base for base in self.bases if base.architecture == architecture), None)

    def web_base(self, architecture: str) -> BaseLock | None:
        """The web image's base for an architecture, if it is locked."""
        return next((base for base in self.webs if base.architecture == architecture), None)

    def image(self, platform: Platform) -> ImagePin | None:
        """The image that is the base on a platform, if it is locked."""
        return next((pin for pin in self.images if pin.platform == str(platform)), None)


def dump(lock: PackLock) -> str:
    """The lock's text: deterministic, one package a line."""
    return "".join(f"{line}\n" for line in _lines(lock))


def _lines(lock: PackLock) -> Iterator[str]:
    yield _HEADER
    yield f"version = {_VERSION}"
    yield f"python = {_value(lock.python)}"
    yield f"codec = {_value(lock.codec)}"
    yield f"inputs = {_value(lock.inputs)}"
    if lock.added:
        yield f"added = {_value(lock.added)}"
    if lock.layers:
        yield "layers = ["
        for placement in lock.layers:
            row = {"name": placement.name, "alone": placement.alone, "size": placement.size}
            yield f"  {_value(row)},"
        yield "]"
    if lock.images:
        yield "images = ["
        for pin in lock.images:
            row = {"platform": pin.platform, "name": pin.name, "digest": str(pin.digest)}
            yield f"  {_value(row)},"
        yield "]"
    for table, base in (*(("base", base) for base in lock.bases), *(("web", base) for base in lock.webs)):
        yield ""
        yield f"[[{table}]]"
        for name, value in base.to_data().items():
            if name == "packages":
                yield "packages = ["
                yield from (f"  {_value(package)}," for package in value)
                yield "]"
            else:
                yield f"{name} = {_value(value)}"


def _value(value: str | int | Sequence[Any] | Mapping[str, Any]) -> str:
    """A TOML value. JSON's string escapes are a subset of TOML's, but for the delete character."""
    match value:
        case str():
            return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
        case bool():
            return "true" if value else "false"
        case int():
            return str(value)
        case Mapping():
            return "{ " + ", ".join(f"{name} = {_value(part)}" for name, part in value.items()) + " }"
        case _:
            return "[" + ", ".join(_value(part) for part in value) + "]"


def parse(text: str) -> PackLock:
    """Read a lock. Raises `LockError` for anything that `dump` would not have written."""
    try:
        document = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise _broken(str(error)) from error
    if document.get("version") != _VERSION:
        raise _broken(f"its version is {document.get('version')!r}, this pack reads version {_VERSION}")
    python = _string(document, "python")
    if not _PYTHON.fullmatch(python):
        raise _broken(f"{python!r} is not a Python version")
    return PackLock(
        python=python,
        codec=_string(document, "codec"),
        inputs=_string(document, "inputs"),
        bases=_bases(document, "base"),
        images=tuple(sorted(map(_image, _tables(document, "images")))),
        webs=_bases(document, "web"),
        added=_pins(document),
        layers=tuple(map(_placement, _tables(document, "layers"))),
    )


def _bases(document: Mapping[str, Any], table: str) -> tuple[BaseLock, ...]:
    return tuple(sorted(map(BaseLock.from_data, _tables(document, table)), key=lambda base: base.architecture))


def _pins(document: Mapping[str, Any]) -> tuple[str, ...]:
    pins = document.get("added", [])
    if not isinstance(pins, list) or not all(isinstance(pin, str) and _PIN.fullmatch(pin) for pin in pins):
        raise _broken("added is not a list of name==version")
    return tuple(pins)


def _placement(row: Mapping[str, Any]) -> Placement:
    match row:
        case {"name": str(name), "alone": bool(alone), "size": int(size)}:
            return Placement(name=name, alone=alone, size=size)
        case _:
            raise _broken("a row of layers is not what pack writes")


def _image(row: Mapping[str, Any]) -> ImagePin:
    match row:
        case {"platform": str(platform), "name": str(name), "digest": str(digest)}:
            try:
                return ImagePin(platform=str(Platform.parse(platform)), name=name, digest=Digest.parse(digest))
            except PackError as error:
                raise _broken(error.what) from error
        case _:
            raise _broken("a row of images is not what pack writes")


def _tables(document: Mapping[str, Any], name: str) -> list[Mapping[str, Any]]:
    value = document.get(name, [])
    if not isinstance(value, list) or not all(isinstance(row, dict) for row in value):
        raise _broken(f"{name} is not a list of tables")
    return value


def _string(document: Mapping[str, Any], name: str) -> str:
    value = document.get(name)
    if not isinstance(value, str):
        raise _broken(f"{name} is missing or not text")
    return value


def _broken(what: str) -> LockError:
    return LockError(f"{FILE_NAME} cannot be read: {what}", where=FILE_NAME, hint="write it anew: pack lock")
