"""Makes small Debian packages, ELF libraries and mirrors for tests."""

from __future__ import annotations

import gzip
import hashlib
import io
import lzma
import struct
import tarfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field

from packer.debian.lock import LockedPackage
from packer.errors import PackError, TransientError
from tests.unit.debian.signer import signed_message

COMPRESS = {"": lambda content: content, ".gz": lambda content: gzip.compress(content, mtime=0), ".xz": lzma.compress}


def folder(path: str, mode: int = 0o755) -> tuple[tarfile.TarInfo, bytes]:
    info = tarfile.TarInfo(path)
    info.type, info.mode = tarfile.DIRTYPE, mode
    return info, b""


def file(path: str, content: bytes = b"content", mode: int = 0o644) -> tuple[tarfile.TarInfo, bytes]:
    info = tarfile.TarInfo(path)
    info.size, info.mode = len(content), mode
    return info, content


def link(path: str, target: str, *, hard: bool = False) -> tuple[tarfile.TarInfo, bytes]:
    info = tarfile.TarInfo(path)
    info.type, info.linkname = (tarfile.LNKTYPE if hard else tarfile.SYMTYPE), target
    return info, b""


def special(path: str, kind: bytes) -> tuple[tarfile.TarInfo, bytes]:
    info = tarfile.TarInfo(path)
    info.type = kind
    return info, b""


def tar(*members: tuple[tarfile.TarInfo, bytes]) -> bytes:
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w", format=tarfile.GNU_FORMAT) as archive:
        for info, content in members:
            archive.addfile(info, io.BytesIO(content))
    return stream.getvalue()


def ar(*members: tuple[str, bytes]) -> bytes:
    parts = [b"!<arch>\n"]
    for name, content in members:
        parts.append(f"{name:<16}{0:<12}{0:<6}{0:<6}{100644:<8}{len(content):<10}`\n".encode())
        parts.append(content + b"\n" * (len(content) % 2))
    return b"".join(parts)


def control(name: str, version: str = "1.0", **fields: str) -> bytes:
    lines = {"Package": name, "Version": version, "Architecture": "amd64", "Installed-Size": "1", **fields}
    return "".join(f"{key.replace('_', '-')}: {value}\n" for key, value in lines.items()).encode()


def deb(name: str, *members, version: str = "1.0", suffix: str = ".xz", script: str = "", **fields: str) -> bytes:
    """A package's bytes."""
    control_members = [file("./control", control(name, version, **fields)), file("./md5sums", b"00  x\n")]
    if script:
        control_members.append(file("./postinst", script.encode(), 0o755))
    return ar(
        ("debian-binary", b"2.0\n"),
        (f"control.tar{suffix}", COMPRESS[suffix](tar(*control_members))),
        (f"data.tar{suffix}", COMPRESS[suffix](tar(folder("./"), *members))),
    )


def library(soname: str, *, machine: int = 62) -> bytes:
    """An ELF shared object that has a SONAME and nothing else: header, two segments, a dynamic table, its strings."""
    strings = b"\0" + soname.encode() + b"\0"
    dynamic_at, strings_at = 64 + 2 * 56, 64 + 2 * 56 + 48
    base = 0x1000
    size = strings_at + len(strings)
    header = (
        b"\x7fELF\x02\x01\x01"
        + bytes(9)
        + struct.pack("<HHIQQQIHHHHHH", 3, machine, 1, 0, 64, 0, 0, 64, 56, 2, 0, 0, 0)
    )
    load = struct.pack("<IIQQQQQQ", 1, 5, 0, base, base, size, size, 4096)
    dynamic = struct.pack("<IIQQQQQQ", 2, 6, dynamic_at, base + dynamic_at, base + dynamic_at, 48, 48, 8)
    table = struct.pack("<QQQQQQ", 5, base + strings_at, 14, 1, 0, 0)
    return header + load + dynamic + table + strings


def locked(name: str, content: bytes, *, version: str = "1.0", archive: str = "debian") -> LockedPackage:
    return LockedPackage(
        name=name,
        version=version,
        architecture="amd64",
        archive=archive,
        filename=f"pool/main/{name}_{version}_amd64.deb",
        sha256=hashlib.sha256(content).hexdigest(),
        size=len(content),
    )


@dataclass
class Answer:
    """A response in memory."""

    status: int
    content: bytes
    headers: Mapping[str, str] = field(default_factory=dict)

    def stream(self, chunk_size: int = 262_144) -> Iterator[bytes]:
        for start in range(0, len(self.content), chunk_size):
            yield self.content[start : start + chunk_size]

    def read(self, limit: int) -> bytes:
        if len(self.content) > limit:
            raise PackError("too large")
        return self.content


@dataclass
class Network:
    """The whole network: contents by URL, and a note of what was asked. Hosts in `down` do not answer."""

    files: dict[str, bytes] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    down: tuple[str, ...] = ()

    @contextmanager
    def get(self, url: str, *, headers: Mapping[str, str] | None = None) -> Iterator[Answer]:
        self.asked.append(url)
        if url.startswith(self.down or "\0"):
            raise TransientError("no answer", where=url)
        content = self.files.get(url)
        yield Answer(404, b"") if content is None else Answer(200, content)


def stanza(package: LockedPackage, **fields: str) -> str:
    """A package's entry in an index."""
    lines = {
        "Package": package.name,
        "Version": package.version,
        "Architecture": package.architecture,
        "Filename": package.filename,
        "Size": str(package.size),
        "SHA256": package.sha256,
        **fields,
    }
    return "".join(f"{key}: {value}\n" for key, value in lines.items())


def suite(
    network: Network,
    base: str,
    codename: str,
    stanzas: list[str],
    *,
    date: str,
    compression: str = "xz",
    index: bytes | None = None,
    **extra: str,
):
    """Publish a signed suite with one index on a network.

    `index` stands for the compressed index, whatever it is; `extra` are further fields of the release file.
    """
    content = COMPRESS[f".{compression}"]("\n".join(stanzas).encode()) if index is None else index
    digest = hashlib.sha256(content).hexdigest()
    fields = {"Codename": codename, "Date": date, "Acquire-By-Hash": "yes", **extra}
    text = "".join(f"{name.replace('_', '-')}: {value}\n" for name, value in fields.items())
    text += f"SHA256:\n {digest} {len(content)} main/binary-amd64/Packages.{compression}"
    network.files[f"{base}/dists/{codename}/InRelease"] = signed_message(text)
    network.files[f"{base}/dists/{codename}/main/binary-amd64/by-hash/SHA256/{digest}"] = content
