"""Binary packages: an `ar` archive of a control tar and a data tar.

Format: deb(5). The data tar is unpacked once to an unnamed temporary file, from which contents are read by position:
memory stays small whatever a package holds. Whatever breaks the format, leaves the root or is larger than the
package itself says raises `ArchiveError`.
"""

from __future__ import annotations

import io
import os
import tarfile
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from msgspec import Struct

from packer.debian.control import Fields, parse_stanza
from packer.debian.decompression import decompressed
from packer.errors import ArchiveError
from packer.oci.entry import Content, Entry, EntryKind
from packer.system.spool import Spool

__all__ = ["DebPackage", "read_deb"]

_LARGEST_CONTROL = 16 << 20
_LARGEST_DATA = 8 << 30
_MOST_MEMBERS = 500_000
_LONGEST_PATH = 4096
_SIZE_FACTOR, _SIZE_ALLOWANCE = 4, 16 << 20
"""`Installed-Size` counts file contents; tar headers and padding come on top."""
_SAFE_BITS = 0o1777
"""No set-user-id or set-group-id programs: the image has one user and nothing to become."""


class DebPackage(Struct, frozen=True, kw_only=True):
    """A package that was read.

    Attributes:
        control: its control stanza.
        control_text: the same, verbatim.
        checksums: its `md5sums`, verbatim.
        script: its `postinst`, empty when there is none.
        entries: its files, folders and links; paths as in the package, owned by root.
    """

    control: Fields
    control_text: bytes
    checksums: bytes
    script: str
    entries: tuple[Entry, ...]


def read_deb(path: Path, *, scratch: Path | None = None) -> DebPackage:
    """Read a package. `scratch` is the folder for the unnamed temporary file, None for the system's."""
    where = path.name
    try:
        with path.open("rb") as stream:
            members = _ar_members(stream)
            control = _control_files(_unpacked(stream, *_member(members, "control.tar"), limit=_LARGEST_CONTROL))
            text = control.get("control", b"")
            fields = parse_stanza(text.decode("utf-8", "replace"))
            chunks = _chunks(stream, *_member(members, "data.tar"))
            data = Spool.filled(chunks, limit=_data_limit(fields), scratch=scratch)
        entries = tuple(_entries(data))
    except (tarfile.TarError, EOFError, ValueError, RecursionError, OverflowError) as cause:
        raise ArchiveError(f"a Debian package cannot be read: {cause}", where=where) from cause
    except ArchiveError as error:
        raise ArchiveError(f"a Debian package is refused: {error.what}", where=where, hint=error.hint) from error
    return DebPackage(
        control=fields,
        control_text=text,
        checksums=control.get("md5sums", b""),
        script=control.get("postinst", b"").decode("utf-8", "replace"),
        entries=entries,
    )


_Section = tuple[str, int, int]
"""A member: its name's suffix behind `.tar`, where it begins, its size."""


def _ar_members(stream: BinaryIO) -> dict[str, tuple[int, int]]:
    """Offset and size of each member by name."""
    if stream.read(8) != b"!<arch>\n":
        raise ArchiveError("it is not an ar archive")
    members: dict[str, tuple[int, int]] = {}
    end = stream.seek(0, os.SEEK_END)
    position = 8
    while position < end and len(members) < 16:
        stream.seek(position)
        header = stream.read(60)
        size = header[48:58].strip()
        if len(header) != 60 or header[58:] != b"`\n" or not size.isdigit():
            raise ArchiveError("its ar header is damaged")
        name = header[:16].decode("ascii", "replace").strip().removesuffix("/")
        if position + 60 + int(size) > end:
            raise ArchiveError(f"{name} is cut short")
        members.setdefault(name, (position + 60, int(size)))
        position += 60 + int(size) + int(size) % 2
    if next(iter(members), "") != "debian-binary":
        raise ArchiveError("it does not begin with debian-binary")
    return members


def _member(members: dict[str, tuple[int, int]], stem: str) -> _Section:
    for name, (offset, size) in members.items():
        if name.startswith(stem):
            return name.removeprefix(stem), offset, size
    raise ArchiveError(f"it has no {stem}")


def _chunks(stream: BinaryIO, suffix: str, offset: int, size: int) -> Iterator[bytes]:
    """A member's bytes, decompressed."""
    stream.seek(offset)
    return decompressed(stream, suffix, size=size)


def _unpacked(stream: BinaryIO, suffix: str, offset: int, size: int, *, limit: int) -> bytes:
    unpacked = bytearray()
    for chunk in _chunks(stream, suffix, offset, size):
        unpacked += chunk
        if len(unpacked) > limit:
            raise ArchiveError("its control data is too large")
    return bytes(unpacked)


def _control_files(content: bytes) -> dict[str, bytes]:
    files: dict[str, bytes] = {}
    with tarfile.open(fileobj=io.BytesIO(content), mode="r:") as tar:
        for member in tar:
            stream = tar.extractfile(member) if member.isreg() else None
            if stream is not None:
                files[member.name.removeprefix("./")] = stream.read()
    if "control" not in files:
        raise ArchiveError("it has no control file")
    return files


def _data_limit(fields: Fields) -> int:
    stated = fields.get("installed-size", "")
    kibibytes = int(stated) if stated.isdecimal() and len(stated) < 12 else 1 << 20
    return min(kibibytes * 1024 * _SIZE_FACTOR + _SIZE_ALLOWANCE, _LARGEST_DATA)


def _entries(data: Spool) -> Iterator[Entry]:
    contents: dict[str, Content] = {}
    with (
        data.content(0, data.size).open() as stream,
        tarfile.open(fileobj=stream, mode="r:", encoding="utf-8", errors="surrogateescape") as tar,
    ):
        for count, member in enumerate(tar):
            if count >= _MOST_MEMBERS:
                raise ArchiveError(f"it has more than {_MOST_MEMBERS} members")
            path = _clean(member.name)
            if not path:
                continue
            yield _entry(path, member, data, contents)


def _entry(path: str, member: tarfile.TarInfo, data: Spool, contents: dict[str, Content]) -> Entry:
    mode = member.mode & _SAFE_BITS
    if member.isdir():
        return Entry.directory(path, mode=mode)
    if member.issym():
        if not member.linkname or len(member.linkname) > _LONGEST_PATH or "\0" in member.linkname:
            raise ArchiveError(f"the link {path} leads nowhere")
        return Entry.symlink(path, member.linkname)
    if member.islnk():  # the other name's content again: layers hold copies
        content = contents.get(_clean(member.linkname))
        if content is None:
            raise ArchiveError(f"{path} is a hard link to what the package does not have before it")
    elif member.isreg() and not member.issparse():
        content = data.content(member.offset_data, member.size)
    else:
        raise ArchiveError(f"{path} is a device, a pipe or of an unknown kind")
    contents[path] = content
    return Entry(path=path, kind=EntryKind.FILE, mode=mode, content=content)


def _clean(name: str) -> str:
    """The path below the root; empty for the root itself."""
    if name.startswith("/") or "\0" in name or len(name) > _LONGEST_PATH:
        raise ArchiveError(f"it holds an unsafe path: {name[:80]!r}")
    parts = [part for part in name.split("/") if part not in ("", ".")]
    if ".." in parts:
        raise ArchiveError(f"it holds a path that leaves the root: {name[:80]!r}")
    return "/".join(parts)
