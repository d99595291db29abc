"""`/etc/ld.so.cache`, which tells the dynamic loader and `ldconfig -p` where libraries are.

Format: `glibc-ld.so.cache1.1` (glibc, sysdeps/generic/dl-cache.h). Written here, the bytes depend on the libraries
alone, and no program of the image's architecture has to run.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable
from functools import cmp_to_key

from msgspec import Struct

from packer.regex import regex

__all__ = ["Library", "cache_bytes", "compare_names", "library_folders", "read_cache"]

_MAGIC = b"glibc-ld.so.cache1.1"
_HEADER = struct.Struct("<20sIIB3xI12x")
_ENTRY = struct.Struct("<iIIIQ")
_LITTLE_ENDIAN = 2
_PIECES = regex(r"\d+|\D")


class Library(Struct, frozen=True, order=True):
    """A library: the name that programs ask for, and its absolute path in the image."""

    name: str
    path: str


def library_folders(configuration: Iterable[str], triplet: str) -> tuple[str, ...]:
    """The folders that ldconfig searches, absolute, in order: those that `ld.so.conf` files name, then the defaults."""
    named = (
        line.strip().rstrip("/") for text in configuration for line in text.splitlines() if line.strip().startswith("/")
    )
    defaults = (f"/lib/{triplet}", f"/usr/lib/{triplet}", "/lib", "/usr/lib")
    return tuple(dict.fromkeys((*named, *defaults)))


def cache_bytes(libraries: Iterable[Library], *, flags: int) -> bytes:
    """The file. Of libraries with one name the first one counts.

    Args:
        libraries: in the order of the folders they stand in.
        flags: the architecture's entry flags.
    """
    first: dict[str, Library] = {}
    for library in libraries:
        first.setdefault(library.name, library)
    descending = sorted(first, key=cmp_to_key(compare_names), reverse=True)
    strings = bytearray()
    table = bytearray()
    start = _HEADER.size + _ENTRY.size * len(descending)
    for library in (first[name] for name in descending):
        places = []
        for text in (library.name, library.path):
            places.append(start + len(strings))
            strings += text.encode() + b"\0"
        table += _ENTRY.pack(flags, *places, 0, 0)
    return _HEADER.pack(_MAGIC, len(descending), len(strings), _LITTLE_ENDIAN, 0) + bytes(table) + bytes(strings)


def read_cache(content: bytes) -> tuple[Library, ...]:
    """The libraries of a cache file, in its order. Raises `ValueError` for another format."""
    if len(content) < _HEADER.size or content[:20] != _MAGIC:
        raise ValueError("not an ld.so.cache of format 1.1")
    _, count, *_ = _HEADER.unpack_from(content)
    entries = (_ENTRY.unpack_from(content, _HEADER.size + _ENTRY.size * index) for index in range(count))
    return tuple(Library(_string(content, name), _string(content, path)) for _, name, path, _, _ in entries)


def compare_names(one: str, other: str) -> int:
    """The loader's order of names, by which it searches: runs of digits compare as numbers, a digit after a letter.

    (glibc, elf/dl-cache.c, `_dl_cache_libcmp`.)
    """
    for left, right in zip(_PIECES.findall(one), _PIECES.findall(other), strict=False):
        if left.isdigit() != right.isdigit():
            return 1 if left.isdigit() else -1
        difference = int(left) - int(right) if left.isdigit() else ord(left) - ord(right)
        if difference:
            return difference
    return len(_PIECES.findall(one)) - len(_PIECES.findall(other))


def _string(content: bytes, offset: int) -> str:
    return content[offset : content.index(b"\0", offset)].decode()
