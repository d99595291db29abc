"""What a shared library needs: the dynamic section of an ELF file, read from anywhere, trusting nothing.

Specification: System V ABI, chapters 4 and 5 (`Elf64_Ehdr`, `Elf64_Phdr`, `Elf64_Dyn`). Only what wheels for Linux
on amd64 and arm64 have: 64 bits, little-endian.
"""

from __future__ import annotations

import struct
from collections.abc import Callable

from msgspec import Struct

__all__ = ["Dynamic", "ReadAt", "read_dynamic"]

ReadAt = Callable[[int, int], bytes]
"""`read_at(offset, size)`: at most `size` bytes; fewer at the end of the file."""

_HEADER = struct.Struct("<4sBB10xHHIQQQIHHH")
_PROGRAM_HEADER = struct.Struct("<IIQQQQQQ")
_DYNAMIC_ENTRY = struct.Struct("<qQ")
_PT_LOAD, _PT_DYNAMIC, _PT_INTERP = 1, 2, 3
_DT_NULL, _DT_NEEDED, _DT_STRTAB, _DT_STRSZ, _DT_SONAME = 0, 1, 5, 10, 14
_MACHINES = {62: "x86_64", 183: "aarch64"}
_MAX_PROGRAM_HEADERS = 1_000
_MAX_DYNAMIC = 256 * 1024
_MAX_STRINGS = 16 * 1024 * 1024
_MAX_NAME = 255


class Dynamic(Struct, frozen=True, kw_only=True):
    """What an ELF file asks of the dynamic loader.

    Attributes:
        machine: `x86_64` or `aarch64`.
        soname: the name that others know it by, if it has one.
        needed: the names of the libraries that it wants, in order.
        loader: the absolute path of the dynamic loader that a program asks for; None for a library.
    """

    machine: str
    soname: str | None
    needed: tuple[str, ...]
    loader: str | None = None


def read_dynamic(read_at: ReadAt) -> Dynamic | None:
    """The dynamic section; None for what is not such a file, is static, or is broken."""
    try:
        return _read(read_at)
    except (struct.error, UnicodeDecodeError):
        return None


def _read(read_at: ReadAt) -> Dynamic | None:
    header = read_at(0, _HEADER.size)
    magic, bits, order, _, machine, _, _, table, _, _, _, entry_size, count = _HEADER.unpack(header)
    if magic != b"\x7fELF" or (bits, order) != (2, 1) or machine not in _MACHINES:
        return None
    if entry_size != _PROGRAM_HEADER.size or count > _MAX_PROGRAM_HEADERS:
        return None
    segments = list(_PROGRAM_HEADER.iter_unpack(_exactly(read_at, table, count * entry_size)))
    dynamic = next((segment for segment in segments if segment[0] == _PT_DYNAMIC), None)
    if dynamic is None:
        return None
    raw = read_at(dynamic[2], min(dynamic[5], _MAX_DYNAMIC))
    entries = _entries(raw[: len(raw) - len(raw) % _DYNAMIC_ENTRY.size])
    strings = _strings(entries, segments, read_at)
    sonames = [_name(strings, value) for tag, value in entries if tag == _DT_SONAME]
    needed = [_name(strings, value) for tag, value in entries if tag == _DT_NEEDED]
    return Dynamic(
        machine=_MACHINES[machine],
        soname=next(filter(None, sonames), None),
        needed=tuple(dict.fromkeys(filter(None, needed))),
        loader=_loader(segments, read_at),
    )


def _loader(segments: list[tuple[int, ...]], read_at: ReadAt) -> str | None:
    for kind, _, offset, _, _, size, _, _ in segments:
        if kind == _PT_INTERP:
            return read_at(offset, min(size, _MAX_NAME)).rstrip(b"\0").decode("ascii") or None
    return None


def _entries(raw: bytes) -> list[tuple[int, int]]:
    entries = []
    for tag, value in _DYNAMIC_ENTRY.iter_unpack(raw):
        if tag == _DT_NULL:
            break
        entries.append((tag, value))
    return entries


def _strings(entries: list[tuple[int, int]], segments: list[tuple[int, ...]], read_at: ReadAt) -> bytes:
    """The string table: its address is one in memory, which a loaded segment leads back to the file."""
    values = dict(entries)
    address, size = values.get(_DT_STRTAB, 0), min(values.get(_DT_STRSZ, 0), _MAX_STRINGS)
    for kind, _, offset, virtual, _, in_file, _, _ in segments:
        if kind == _PT_LOAD and virtual <= address < virtual + in_file:
            return read_at(offset + address - virtual, size)
    return b""


def _name(strings: bytes, start: int) -> str | None:
    """The name at an offset; None for one that is empty, endless or outside."""
    end = strings.find(b"\0", start, start + _MAX_NAME + 1) if start < len(strings) else -1
    return strings[start:end].decode("ascii") if end > start else None


def _exactly(read_at: ReadAt, offset: int, size: int) -> bytes:
    raw = read_at(offset, size)
    if len(raw) != size:
        raise struct.error("cut short")
    return raw
