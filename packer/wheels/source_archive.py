"""Archives of sources unpacked to a folder: every file lands in it, whatever the archive wants.

Written out because `tarfile`'s own filters came with patch releases that not every machine has, and bound neither the
count of members nor the memory that an extended header may ask for. Links are made last, so nothing is ever written
through one, and none may lead out of the folder.
"""

from __future__ import annotations

import bz2
import gzip
import lzma
import shutil
import tarfile
import zipfile
import zlib
from pathlib import Path, PurePosixPath
from typing import IO, cast

from packer.errors import ArchiveError

__all__ = ["unpack_source"]

_MAX_MEMBERS = 200_000
_MAX_UNPACKED = 4 << 30
_MAX_HEADER = 16 << 20
"""The longest extended header; contents are read in smaller pieces."""
_CHUNK = 1 << 18
_BROKEN = (tarfile.TarError, zipfile.BadZipFile, zlib.error, lzma.LZMAError, NotImplementedError, RuntimeError,
           EOFError, ValueError, OSError)  # fmt: skip


def unpack_source(archive: Path, folder: Path, *, label: str) -> None:
    """Unpack a zip or tar archive, compressed by gzip, bzip2 or xz, into an empty folder.

    Args:
        archive: the file.
        folder: where to.
        label: the archive's name in messages.

    Raises:
        ArchiveError: it is broken, of an unknown kind, leaves the folder, or holds far more than any source does.
    """
    unpacking = _Unpacking(folder)
    try:
        with archive.open("rb") as file:
            magic = file.read(6)
        if magic.startswith(b"PK"):
            _unpack_zip(archive, unpacking)
        else:
            _unpack_tar(archive, magic, unpacking)
    except ArchiveError as error:
        raise ArchiveError(error.what, where=label, hint="use another version of it") from error
    except _BROKEN as cause:
        raise ArchiveError(f"the source archive cannot be unpacked: {cause}"[:300], where=label) from cause


class _Unpacking:
    """A folder that fills, and what may still go into it."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._members = 0
        self._bytes = 0
        self._folders = {PurePosixPath()}
        self._files: set[PurePosixPath] = set()
        self._links: dict[PurePosixPath, str] = {}

    def add_folder(self, name: str) -> None:
        self._make(self._path(name))

    def add_file(self, name: str, content: IO[bytes], size: int, *, executable: bool) -> None:
        path = self._path(name)
        self._make(path.parent)
        self._count(size)
        if path in self._folders or path in self._links:
            raise ArchiveError(f"the source archive holds {name[:120]!r} twice")
        with (self._folder / path).open("wb") as sink:
            shutil.copyfileobj(content, sink, _CHUNK)
            if sink.tell() != size:
                raise ArchiveError(f"the source archive's {name[:120]!r} is cut short")
        (self._folder / path).chmod(0o755 if executable else 0o644)
        self._files.add(path)

    def add_copy(self, name: str, original: str) -> None:
        """A hard link."""
        source = self._path(original)
        if source not in self._files:
            raise ArchiveError(f"the source archive's {name[:120]!r} is a link to what is not there before it")
        place = self._folder / source
        status = place.stat()
        with place.open("rb") as content:
            self.add_file(name, content, status.st_size, executable=bool(status.st_mode & 0o100))

    def add_link(self, name: str, target: str) -> None:
        path = self._path(name)
        self._make(path.parent)
        self._count(0)
        if path in self._folders or path in self._files:
            raise ArchiveError(f"the source archive holds {name[:120]!r} twice")
        self._refuse_way_out(path, target)
        self._links[path] = target

    def finish(self) -> None:
        for path, target in self._links.items():
            (self._folder / path).symlink_to(target)

    def _path(self, name: str) -> PurePosixPath:
        path = PurePosixPath(name)
        if path.is_absolute() or ".." in path.parts or "\0" in name or len(name) > 4096:
            raise ArchiveError(f"the source archive holds an unsafe path: {name[:120]!r}")
        return path

    def _make(self, path: PurePosixPath) -> None:
        if path in self._folders:
            return
        self._make(path.parent)
        self._count(0)
        if path in self._links or path in self._files:
            raise ArchiveError(f"the source archive holds {str(path)[:120]!r} as a folder and as something else")
        (self._folder / path).mkdir(mode=0o755)
        self._folders.add(path)

    @staticmethod
    def _refuse_way_out(path: PurePosixPath, target: str) -> None:
        """Only leading `..`, no more than there are folders above: behind another link `..` may lead anywhere."""
        parts = PurePosixPath(target).parts
        up = next((count for count, part in enumerate(parts) if part != ".."), len(parts))
        outside = up > len(path.parts) - 1 or ".." in parts[up:]
        if not target or target.startswith("/") or "\0" in target or len(target) > 4096 or outside:
            raise ArchiveError(f"the source archive's link {str(path)[:120]!r} leads out of it")

    def _count(self, size: int) -> None:
        self._members += 1
        self._bytes += size
        if self._members > _MAX_MEMBERS or self._bytes > _MAX_UNPACKED:
            raise ArchiveError(f"the source archive holds more than {_MAX_MEMBERS} files or {_MAX_UNPACKED >> 30} GiB")


class _Bounded:
    """A decompressed stream, as far as `tarfile` needs one, that gives no more than any source has."""

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream = stream

    def read(self, size: int) -> bytes:
        if not 0 <= size <= _MAX_HEADER:
            raise ArchiveError("the source archive has a header that is too large")
        return self._stream.read(size)

    def seek(self, position: int) -> int:
        if position > 2 * _MAX_UNPACKED:
            raise ArchiveError("the source archive unpacks to far more than any source")
        return self._stream.seek(position)

    def tell(self) -> int:
        return self._stream.tell()


def _unpack_tar(archive: Path, magic: bytes, unpacking: _Unpacking) -> None:
    with (
        _decompressed(archive, magic) as stream,
        tarfile.open(fileobj=cast("IO[bytes]", _Bounded(stream)), mode="r:", encoding="utf-8") as tar,
    ):
        while (member := tar.next()) is not None:
            tar.members = []  # type: ignore[attr-defined]  # not needed again, and there may be many
            _add_member(tar, member, unpacking)
    unpacking.finish()


def _add_member(tar: tarfile.TarFile, member: tarfile.TarInfo, unpacking: _Unpacking) -> None:
    if member.isdir():
        unpacking.add_folder(member.name)
    elif member.issym():
        unpacking.add_link(member.name, member.linkname)
    elif member.islnk():
        unpacking.add_copy(member.name, member.linkname)
    elif member.isreg():
        content = tar.extractfile(member)
        assert content is not None
        with content:
            unpacking.add_file(member.name, content, member.size, executable=bool(member.mode & 0o100))
    else:
        raise ArchiveError(f"the source archive's {member.name[:120]!r} is a device, a pipe or of an unknown kind")


def _decompressed(archive: Path, magic: bytes) -> IO[bytes]:
    if magic.startswith(b"\x1f\x8b"):
        return cast("IO[bytes]", gzip.open(archive))
    if magic.startswith(b"BZh"):
        return cast("IO[bytes]", bz2.open(archive))
    if magic.startswith(b"\xfd7zXZ"):
        return cast("IO[bytes]", lzma.open(archive))
    return archive.open("rb")


def _unpack_zip(archive: Path, unpacking: _Unpacking) -> None:
    with zipfile.ZipFile(archive) as file:
        for info in file.infolist():
            if info.is_dir():
                unpacking.add_folder(info.filename)
                continue
            with file.open(info) as content:
                executable = bool(info.external_attr >> 16 & 0o100)
                unpacking.add_file(info.filename, content, info.file_size, executable=executable)
