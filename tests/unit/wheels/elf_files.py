"""Minimal ELF shared libraries, written field by field."""

from __future__ import annotations

import struct

BASE = 0x10000


def shared_library(
    *needed: str, soname: str | None = None, machine: int = 62, padding: int = 0, strings_size: int | None = None
) -> bytes:
    """A library with a dynamic section; `padding` bytes stand between the headers and everything else."""
    strings, offsets = b"\0", {}
    for name in (*needed, *((soname,) if soname else ())):
        offsets[name] = len(strings)
        strings += name.encode() + b"\0"
    start = 64 + 2 * 56 + padding
    dynamic_at = start + len(strings)
    entries = [(1, offsets[name]) for name in needed]
    if soname:
        entries.append((14, offsets[soname]))
    entries += [(5, BASE + start), (10, len(strings) if strings_size is None else strings_size), (0, 0)]
    dynamic = b"".join(struct.pack("<qQ", *entry) for entry in entries)
    size = dynamic_at + len(dynamic)
    header = b"\x7fELF" + bytes([2, 1, 1]) + b"\0" * 9
    header += struct.pack("<HHIQQQIHHHHHH", 3, machine, 1, 0, 64, 0, 0, 64, 56, 2, 0, 0, 0)
    load = struct.pack("<IIQQQQQQ", 1, 5, 0, BASE, BASE, size, size, 4096)
    segment = struct.pack("<IIQQQQQQ", 2, 6, dynamic_at, BASE + dynamic_at, 0, len(dynamic), len(dynamic), 8)
    return header + load + segment + b"\0" * padding + strings + dynamic
