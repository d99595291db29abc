"""What ELF shared libraries call themselves.

Format: elf(5), 64-bit little-endian only: the architectures that bases are made for.
"""

from __future__ import annotations

import struct
from typing import BinaryIO

__all__ = ["soname"]

_PT_LOAD, _PT_DYNAMIC = 1, 2
_DT_NULL, _DT_STRTAB, _DT_SONAME = 0, 5, 14
_SHARED_OBJECT = 3
_MOST_HEADERS = 256
_LARGEST_DYNAMIC = 1 << 20
_LONGEST_NAME = 4096


def soname(stream: BinaryIO, *, machine: int) -> str | None:
    """A shared library's SONAME; None for whatever is not a shared library for `machine`, or has none."""
    header = stream.read(64)
    if len(header) < 64 or header[:6] != b"\x7fELF\x02\x01":
        return None
    kind, found_machine = struct.unpack_from("<HH", header, 16)
    if kind != _SHARED_OBJECT or found_machine != machine:
        return None
    offset, entry_size, count = *struct.unpack_from("<Q", header, 32), *struct.unpack_from("<HH", header, 54)
    if entry_size < 56 or count > _MOST_HEADERS:
        return None
    table = _read(stream, offset, entry_size * count)
    loads: list[tuple[int, int, int]] = []
    dynamic = b""
    for start in range(0, len(table) - 55, entry_size):
        segment, _, place, address, _, size = struct.unpack_from("<IIQQQQ", table, start)
        if segment == _PT_LOAD:
            loads.append((address, place, size))
        elif segment == _PT_DYNAMIC:
            dynamic = _read(stream, place, min(size, _LARGEST_DYNAMIC))
    return _soname_in(stream, dynamic, loads)


def _soname_in(stream: BinaryIO, dynamic: bytes, loads: list[tuple[int, int, int]]) -> str | None:
    strings = name = None
    for start in range(0, len(dynamic) - 15, 16):
        tag, value = struct.unpack_from("<QQ", dynamic, start)
        if tag == _DT_NULL:
            break
        if tag == _DT_STRTAB:
            strings = value
        elif tag == _DT_SONAME:
            name = value
    if strings is None or name is None:
        return None
    for address, place, size in loads:
        if address <= strings < address + size:
            text = _read(stream, strings - address + place + name, _LONGEST_NAME)
            return text.partition(b"\0")[0].decode("ascii", "replace") or None
    return None


def _read(stream: BinaryIO, offset: int, size: int) -> bytes:
    if offset >= 1 << 62:
        return b""
    stream.seek(offset)
    return stream.read(size)
