"""Small bases: layers of a few files, with a Python that no machine could run but every reader takes for one."""

from __future__ import annotations

import struct
import tarfile
from pathlib import Path

from packer.oci.image import Image
from packer.oci.platform_images import PlatformImages
from packer.oci.reference import Reference
from packer.store.cache import DiskCache
from packer.store.layout import write_layout
from tests.unit.store.layer_maker import link

LOADER = "/lib64/ld-linux-x86-64.so.2"


def program(*needed: str, loader: str = LOADER, machine: int = 62, text: bytes = b"") -> bytes:
    """An ELF program with a dynamic section, a loader and some text."""
    base, start = 0x10000, 64 + 3 * 56
    strings = b"\0" + b"".join(name.encode() + b"\0" for name in needed)
    interpreter = loader.encode() + b"\0"
    dynamic_at = start + len(strings) + len(interpreter)
    entries, offset = [], 1
    for name in needed:
        entries.append((1, offset))
        offset += len(name) + 1
    entries += [(5, base + start), (10, len(strings)), (0, 0)]
    dynamic = b"".join(struct.pack("<qQ", *entry) for entry in entries)
    size = dynamic_at + len(dynamic)
    header = b"\x7fELF" + bytes([2, 1, 1]) + b"\0" * 9
    header += struct.pack("<HHIQQQIHHHHHH", 3, machine, 1, 0, 64, 0, 0, 64, 56, 3, 0, 0, 0)
    segments = struct.pack("<IIQQQQQQ", 1, 5, 0, base, base, size, size, 4096)
    segments += struct.pack("<IIQQQQQQ", 3, 4, start + len(strings), 0, 0, len(interpreter), len(interpreter), 1)
    segments += struct.pack("<IIQQQQQQ", 2, 6, dynamic_at, base + dynamic_at, 0, len(dynamic), len(dynamic), 8)
    return header + segments + strings + interpreter + dynamic + text


def python(version: str = "3.12.4", home: str = "usr/local") -> list[tarfile.TarInfo | tuple[str, bytes]]:
    """An interpreter and its standard library."""
    minor = version.rpartition(".")[0]
    return [
        (f"{home}/bin/python{minor}", program("libc.so.6", text=b"\0" + version.encode() + b"\0")),
        (f"{home}/lib/python{minor}/os.py", b"sep = '/'\n"),
    ]


GLIBC: list[tarfile.TarInfo | tuple[str, bytes]] = [
    ("usr/lib/x86_64-linux-gnu/libc.so.6", b"GNU C Library (Debian GLIBC 2.36-9) stable release version 2.36.\n"),
    ("usr/lib/x86_64-linux-gnu/ld-linux-x86-64.so.2", b"loader"),
    ("usr/lib/x86_64-linux-gnu/libz.so.1", b"z"),
]


MERGED_USR = [link("lib", "usr/lib"), link("lib64", "usr/lib64"), link("usr/lib64/ld-linux-x86-64.so.2",
              "/lib/x86_64-linux-gnu/ld-linux-x86-64.so.2")]  # fmt: skip


def layout(folder: Path, image: Image, cache: DiskCache) -> str:
    """What the setting `base` must be to build on the image, which is written to a folder."""
    write_layout(folder, PlatformImages((image,)), [Reference.parse("base:1")], cache)
    return f"oci:{folder}"
