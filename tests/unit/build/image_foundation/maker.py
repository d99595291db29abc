"""Small bases: layers of a few files, with a Python that no machine could run but every reader takes for one."""

from __future__ import annotations

import gzip
import io
import struct
import tarfile
from collections.abc import Iterable
from pathlib import Path

from packer.oci.config import Execution, ImageConfig
from packer.oci.descriptor import MEDIA_TYPE_CONFIG, MEDIA_TYPE_LAYER, MEDIA_TYPE_LAYER_GZIP, Descriptor
from packer.oci.digest import Digest
from packer.oci.image import Image
from packer.oci.layer import Layer
from packer.oci.manifest import Manifest
from packer.oci.platform import LINUX_AMD64, Platform
from packer.oci.platform_images import PlatformImages
from packer.oci.reference import Reference
from packer.store.cache import DiskCache
from packer.store.layout import write_layout

LOADER = "/lib64/ld-linux-x86-64.so.2"
PATH = (("PATH", "/usr/local/bin:/usr/bin"),)


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


def link(path: str, target: str, *, kind: bytes = tarfile.SYMTYPE) -> tarfile.TarInfo:
    """A link, symbolic unless it is said otherwise."""
    member = tarfile.TarInfo(path)
    member.type, member.linkname = kind, target
    return member


MERGED_USR = [link("lib", "usr/lib"), link("lib64", "usr/lib64"), link("usr/lib64/ld-linux-x86-64.so.2",
              "/lib/x86_64-linux-gnu/ld-linux-x86-64.so.2")]  # fmt: skip


def tar_of(members: Iterable[tarfile.TarInfo | tuple[str, bytes]]) -> bytes:
    """A tar stream; files are executable."""
    sink = io.BytesIO()
    with tarfile.open(fileobj=sink, mode="w:") as archive:
        for member in members:
            if isinstance(member, tarfile.TarInfo):
                archive.addfile(member)
                continue
            info = tarfile.TarInfo(member[0])
            info.size, info.mode = len(member[1]), 0o755
            archive.addfile(info, io.BytesIO(member[1]))
    return sink.getvalue()


def stored(
    cache: DiskCache,
    tar: bytes,
    *,
    compressed: bool = True,
    media_type: str | None = None,
    diff_id: Digest | None = None,
) -> Layer:
    """A layer whose blob is in the cache."""
    blob = gzip.compress(tar, 1, mtime=0) if compressed else tar
    digest = cache.add(io.BytesIO(blob))
    media_type = media_type or (MEDIA_TYPE_LAYER_GZIP if compressed else MEDIA_TYPE_LAYER)
    return Layer(
        descriptor=Descriptor(media_type=media_type, digest=digest, size=len(blob)),
        diff_id=diff_id or Digest.of(tar),
        name="base",
        created_by="test",
    )


def image_of(
    layers: Iterable[Layer], *, platform: Platform = LINUX_AMD64, environment: tuple[tuple[str, str], ...] = PATH
) -> Image:
    """An image of layers."""
    stack = tuple(layers)
    config = ImageConfig(
        platform=platform,
        diff_ids=tuple(layer.diff_id for layer in stack),
        execution=Execution(environment=environment),
    ).to_json()
    manifest = Manifest(
        config=Descriptor(media_type=MEDIA_TYPE_CONFIG, digest=Digest.of(config), size=len(config)),
        layers=tuple(layer.descriptor for layer in stack),
    ).to_json()
    return Image(manifest=manifest, config=config, layers=stack, platform=platform)


def layout(folder: Path, image: Image, cache: DiskCache) -> str:
    """What the setting `base` must be to build on the image, which is written to a folder."""
    write_layout(folder, PlatformImages((image,)), [Reference.parse("base:1")], cache)
    return f"oci:{folder}"
