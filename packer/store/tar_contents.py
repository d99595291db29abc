"""The files of a tar archive, found by their path without unpacking it."""

from __future__ import annotations

import posixpath
import tarfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, cast

from packer.errors import ArchiveError
from packer.system.chunks import CHUNK
from packer.system.files import unfinished_file

__all__ = ["TarContents", "open_archive"]

_GZIP_MAGIC = b"\x1f\x8b"
_MAX_MEMBERS = 100_000
_MAX_UNPACKED_BYTES = 64 << 30
_MAX_LINKS = 8
"""Old versions of `docker save` write a layer that two images share as a link to the other."""


class TarContents:
    """The regular files of an open archive, by their normalised path. The last of several of one path counts."""

    def __init__(self, archive: tarfile.TarFile) -> None:
        self._archive = archive
        self._members: dict[str, tarfile.TarInfo] = {}
        try:
            for member in archive:
                self._members[posixpath.normpath(member.name)] = member
                if len(self._members) > _MAX_MEMBERS:
                    raise ArchiveError(f"the archive has more than {_MAX_MEMBERS} members")
        except ValueError as error:  # numbers and names that tarfile cannot decode
            raise tarfile.ReadError("a header is broken") from error

    def has(self, path: str) -> bool:
        """Whether there is a regular file, or a link to one."""
        return self._file(path) is not None

    def open(self, path: str) -> BinaryIO | None:
        """A stream of the file's bytes; None when there is no such file."""
        member = self._file(path)
        return None if member is None else cast("BinaryIO", self._archive.extractfile(member))

    def _file(self, path: str) -> tarfile.TarInfo | None:
        for _ in range(_MAX_LINKS):
            member = self._members.get(posixpath.normpath(path))
            if member is None or (member.isreg() and not member.issparse()):
                return member
            if member.issym():
                path = posixpath.join(posixpath.dirname(path), member.linkname)
            elif member.islnk():
                path = member.linkname
            else:
                return None
        return None


@contextmanager
def open_archive(path: Path, *, scratch: Path) -> Iterator[TarContents]:
    """Open a tar file, or a gzipped one (which is unpacked into `scratch` for the time being).

    Raises `ArchiveError`, also from within the block, for what is no whole tar archive.
    """
    try:
        with path.open("rb") as stream:
            if stream.read(2) == _GZIP_MAGIC:
                stream.seek(0)
                with _unpacked(stream, scratch) as plain, tarfile.open(fileobj=plain, mode="r:") as archive:
                    yield TarContents(archive)
            else:
                stream.seek(0)
                with tarfile.open(fileobj=stream, mode="r:") as archive:
                    yield TarContents(archive)
    except (tarfile.TarError, zlib.error, EOFError) as error:
        raise ArchiveError("the archive is broken or cut short", where=str(path)) from error
    except OSError as error:
        raise ArchiveError(f"the archive cannot be read: {error.strerror or error}", where=str(path)) from error


@contextmanager
def _unpacked(stream: BinaryIO, scratch: Path) -> Iterator[BinaryIO]:
    """The gunzipped bytes, in a file that is gone afterwards."""
    import gzip  # noqa: PLC0415 - most archives are not compressed

    with unfinished_file(scratch) as file, gzip.GzipFile(fileobj=stream) as unzipped:
        size = 0
        while chunk := unzipped.read(CHUNK):
            size += len(chunk)
            if size > _MAX_UNPACKED_BYTES:
                raise ArchiveError(f"the archive unpacks to more than {_MAX_UNPACKED_BYTES >> 30} GiB")
            file.stream.write(chunk)
        file.stream.flush()
        with file.path.open("rb") as plain:
            yield plain
