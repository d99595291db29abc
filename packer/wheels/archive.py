"""A wheel as a file: its members, checked, and streams of them that verify themselves.

Nothing is unpacked and the file is never held in memory: a member is read where it lies, in pieces.
Format: https://packaging.python.org/en/latest/specifications/binary-distribution-format/ and APPNOTE.TXT of PKZIP.
"""

from __future__ import annotations

import base64
import hashlib
import io
import stat
import struct
import zipfile
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from msgspec import Struct

from packer.errors import ArchiveError
from packer.system.inflate import InflateError, inflater

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

__all__ = ["Member", "WheelArchive", "record_hash"]

_MAX_DIRECTORY = 64 * 1024 * 1024
_MAX_MEMBERS = 200_000
_MAX_RATIO = 200
"""How much larger than its file a wheel's content may be; real ones reach 20."""
_UNSUSPICIOUS = 64 * 1024 * 1024
_MAX_CONTENT = 32 << 30
_WHOLE = 256 * 1024
"""Members up to this size are read in one go: there are thousands of them, and streams cost time."""
_LENGTHS = struct.Struct("<HH")
"""Of the name and the extra field, 26 bytes into a local header."""
_END_OF_DIRECTORY = struct.Struct("<4s8xII2x")


class Member(Struct, frozen=True):
    """A file in a wheel.

    Attributes:
        name: its path, as the archive has it; checked.
        size: unpacked.
        packed: bytes in the archive.
        offset: of its local header.
        deflated: whether it is compressed.
        executable: whether its mode says so.
        digest: algorithm and unpadded base64, as RECORD has them; None if RECORD does not list it.
    """

    name: str
    size: int
    packed: int
    offset: int
    deflated: bool
    executable: bool
    digest: tuple[str, str] | None = None


class WheelArchive:
    """An opened wheel. It holds the directory only; each member opens the file for itself.

    Args:
        path: the file.
        label: the wheel's file name, for messages.

    Raises:
        ArchiveError: the archive is broken or hostile: absolute paths, `..`, duplicates, links, encryption, overlapping
            members, or far more content than its size allows.
    """

    def __init__(self, path: Path, label: str) -> None:
        self.path = path
        self.label = label
        try:
            self.members = self._directory()
        except (zipfile.BadZipFile, NotImplementedError, ValueError, OSError, struct.error) as cause:
            raise ArchiveError(f"{label} is not a readable wheel: {cause}"[:300]) from cause

    def open(self, member: Member) -> BinaryIO:
        """The member's content; `ArchiveError` at the latest at its end when it is not what RECORD promises."""
        if member.packed <= _WHOLE and member.size <= _WHOLE:
            return io.BytesIO(self.read(member))
        return io.BufferedReader(_MemberStream(self, member), buffer_size=_WHOLE)  # small reads are joined

    def read(self, member: Member) -> bytes:
        """The member's whole content, verified. For small ones."""
        with self.path.open("rb", buffering=0) as file:
            file.seek(member.offset)
            # The local header's extra field may be longer than the directory says: some room for it.
            raw = file.read(30 + len(member.name.encode()) + member.packed + 64)
            start = self._data_start(member, raw)
            if len(raw) < start + member.packed:
                raw += file.read(start + member.packed - len(raw))
        packed = raw[start : start + member.packed]
        if len(packed) < member.packed:
            raise self._broken(member, "is cut short")
        content = self._inflate(member, packed) if member.deflated else packed
        self._check(member, len(content), _encoded(member, content))
        return content

    def _directory(self) -> Mapping[str, Member]:
        self._refuse_huge_directory()
        with zipfile.ZipFile(self.path) as archive:
            infos = [info for info in archive.infolist() if not info.is_dir()]
        if len(infos) > _MAX_MEMBERS:
            raise ArchiveError(f"{self.label} has {len(infos)} files: more than {_MAX_MEMBERS}")
        self._refuse_bomb(infos)
        members: dict[str, Member] = {}
        folded: dict[str, str] = {}
        for info in infos:
            self._refuse_name(info, members, folded)
            members[info.filename] = Member(
                name=info.filename,
                size=info.file_size,
                packed=info.compress_size,
                offset=info.header_offset,
                deflated=info.compress_type == zipfile.ZIP_DEFLATED,
                executable=_is_executable(info),
            )
        return members

    def _refuse_huge_directory(self) -> None:
        """Zipfile reads the whole directory into memory: look at its size first."""
        with self.path.open("rb") as file:
            size = file.seek(0, io.SEEK_END)
            file.seek(max(0, size - 65_557))
            tail = file.read()
        at = tail.rfind(b"PK\5\6")
        if at < 0:
            raise zipfile.BadZipFile("it has no directory")
        _, directory, _ = _END_OF_DIRECTORY.unpack_from(tail, at)
        if directory > _MAX_DIRECTORY:
            raise ArchiveError(f"{self.label} has a directory of {directory} bytes: more than {_MAX_DIRECTORY}")

    def _refuse_bomb(self, infos: Iterable[zipfile.ZipInfo]) -> None:
        content = packed = end = 0
        for info in sorted(infos, key=lambda info: info.header_offset):
            if info.header_offset < end:
                raise ArchiveError(f"{self.label} has members that overlap: {info.filename!r}")
            end = info.header_offset + 30 + info.compress_size
            content += info.file_size
            packed += info.compress_size
        if content > _MAX_CONTENT or content > max(_UNSUSPICIOUS, packed * _MAX_RATIO):
            raise ArchiveError(f"{self.label} would unpack from {packed} to {content} bytes: refused as a zip bomb")

    def _refuse_name(self, info: zipfile.ZipInfo, members: Mapping[str, Member], folded: dict[str, str]) -> None:
        name = info.filename
        parts = name.split("/")
        if name.startswith("/") or ".." in parts or "." in parts or "" in parts or "\\" in name or "\0" in name:
            raise ArchiveError(f"{self.label} holds a file with a path that leaves its place: {name!r}")
        if name in members:
            raise ArchiveError(f"{self.label} holds {name!r} twice")
        twin = folded.setdefault(name.casefold(), name)
        if twin != name:
            raise ArchiveError(f"{self.label} holds {twin!r} and {name!r}, which differ in case only")
        kind = stat.S_IFMT(info.external_attr >> 16)
        if kind not in (0, stat.S_IFREG):
            raise ArchiveError(f"{self.label} holds {name!r}, which is a link or a special file")
        if info.flag_bits & 0x1:
            raise ArchiveError(f"{self.label} holds {name!r}, which is encrypted")
        if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise ArchiveError(f"{self.label} holds {name!r}, packed by a method that wheels do not use")
        if any(len(part.encode("utf-8", "surrogateescape")) > 255 for part in parts) or len(name) > 4096:
            raise ArchiveError(f"{self.label} holds a name that is too long: {name[:80]!r}…")

    def _data_start(self, member: Member, raw: bytes) -> int:
        if len(raw) < 30:
            raise self._broken(member, "is cut short")
        signature: bytes = raw[:4]
        name_length, extra_length = (int(length) for length in _LENGTHS.unpack_from(raw, 26))
        if signature != b"PK\3\4":
            raise self._broken(member, "has no header where the directory says")
        return 30 + name_length + extra_length

    def _inflate(self, member: Member, packed: bytes) -> bytes:
        try:
            return inflater().unpack(packed, member.size + 1)
        except InflateError as cause:
            raise self._broken(member, f"does not unpack ({cause})") from cause

    def _check(self, member: Member, size: int, digest: str) -> None:
        if size != member.size:
            raise self._broken(member, f"has another size than the directory's {member.size}")
        if member.digest is not None and digest != member.digest[1].rstrip("="):
            raise self._broken(member, "has another hash than its RECORD says")

    def _broken(self, member: Member, what: str) -> ArchiveError:
        return ArchiveError(
            f"{self.label}: {member.name} {what}", hint="the wheel was built wrongly: use another version of it"
        )


class _MemberStream(io.RawIOBase):
    """A large member, unpacked and hashed as it is read."""

    def __init__(self, archive: WheelArchive, member: Member) -> None:
        super().__init__()
        self._archive = archive
        self._member = member
        self._file = archive.path.open("rb", buffering=0)
        self._file.seek(member.offset)
        start = archive._data_start(member, self._file.read(30))  # noqa: SLF001 (one reader in two classes)
        self._file.seek(member.offset + start)
        self._unread = member.packed
        self._inflater = inflater() if member.deflated else None
        self._hash = hashlib.new(member.digest[0] if member.digest else "sha256")
        self._done = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: WriteableBuffer) -> int:
        view = memoryview(buffer).cast("B")
        content: bytes = self._next(len(view))
        if content:
            self._hash.update(content)
            self._done += len(content)
            view[: len(content)] = content
            if self._done > self._member.size:
                self._archive._check(self._member, self._done, "")  # noqa: SLF001
        else:
            self._archive._check(self._member, self._done, _unpadded(self._hash.digest()))  # noqa: SLF001
        return len(content)

    def close(self) -> None:
        self._file.close()
        super().close()

    def _next(self, size: int) -> bytes:
        """At most `size` bytes of content; none at the end."""
        if self._inflater is None:
            return self._packed(size)
        packed = self._inflater.unread
        while not self._inflater.ended:  # it may have content left over from what it was given before
            try:
                content = self._inflater.unpack(packed, size)
            except InflateError as cause:
                raise self._archive._broken(self._member, f"does not unpack ({cause})") from cause  # noqa: SLF001
            if content:
                return content
            packed = self._packed(_WHOLE)
            if not packed:
                break
        return b""

    def _packed(self, size: int) -> bytes:
        content = self._file.read(min(size, self._unread))
        self._unread -= len(content)
        return content


def record_hash(content: bytes) -> str:
    """A file's hash as RECORD has it: `sha256=` and unpadded base64."""
    return f"sha256={_unpadded(hashlib.sha256(content).digest())}"


def _encoded(member: Member, content: bytes) -> str:
    return _unpadded(hashlib.new(member.digest[0], content).digest()) if member.digest else ""


def _unpadded(digest: bytes) -> str:
    return base64.urlsafe_b64encode(digest).decode("ascii").rstrip("=")


def _is_executable(info: zipfile.ZipInfo) -> bool:
    mode = info.external_attr >> 16
    return bool(stat.S_ISREG(mode) and mode & 0o111)
