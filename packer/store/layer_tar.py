"""A stored layer as the members of its tar stream, read once from front to end and trusted in nothing.

Specification: https://github.com/opencontainers/image-spec/blob/main/layer.md
"""

from __future__ import annotations

import hashlib
import tarfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, cast

from packer.errors import ArchiveError, TrustError
from packer.oci.descriptor import MEDIA_TYPE_LAYER_GZIP, MEDIA_TYPE_LAYER_ZSTD
from packer.oci.layer import Layer
from packer.system.chunks import CHUNK, chunks_of, stream_of

__all__ = ["Allowance", "LayerTar", "open_layer"]

_LARGEST_HEADER = 1 << 20
"""A path and some extended attributes; `tarfile` takes such a header into memory whole."""
_EXTENDED = frozenset(
    {tarfile.XHDTYPE, tarfile.XGLTYPE, tarfile.SOLARIS_XHDTYPE, tarfile.GNUTYPE_LONGNAME, tarfile.GNUTYPE_LONGLINK}
)


class Allowance:
    """How much all layers of one image may unpack to, and how many members they may have together."""

    def __init__(self, *, size: int = 64 << 30, members: int = 1_000_000) -> None:
        self._size = self._left = size
        self._members = self._members_left = members

    def take(self, size: int) -> None:
        """Count unpacked bytes. Raises `ArchiveError` when they are too many."""
        self._left -= size
        if self._left < 0:
            raise ArchiveError(f"the image unpacks to more than {self._size >> 30} GiB")

    def take_member(self) -> None:
        """Count a member. Raises `ArchiveError` when they are too many."""
        self._members_left -= 1
        if self._members_left < 0:
            raise ArchiveError(f"the image has more than {self._members} files")


class _Header(tarfile.TarInfo):
    """A header block, looked at before `tarfile` acts on it."""

    @classmethod
    def frombuf(cls, buf: bytes | bytearray, encoding: str, errors: str) -> _Header:
        header = super().frombuf(buf, encoding, errors)
        if header.size < 0 or (header.type in _EXTENDED and header.size > _LARGEST_HEADER):
            raise ArchiveError(f"it has a header with a size of {header.size} bytes")
        return header


class LayerTar:
    """The members of an open layer, in their order. The content of one can be read until the next is asked for."""

    def __init__(self, archive: tarfile.TarFile, allowance: Allowance) -> None:
        self._archive = archive
        self._allowance = allowance

    def __iter__(self) -> Iterator[tarfile.TarInfo]:
        while (member := self._archive.next()) is not None:
            self._archive.members.clear()  # type: ignore[attr-defined]  # it would keep every header
            self._allowance.take_member()
            yield member

    def chunks(self, member: tarfile.TarInfo) -> Iterator[bytes]:
        """The content of the regular file that came last."""
        return chunks_of(cast("BinaryIO", self._archive.extractfile(member)))


@contextmanager
def open_layer(layer: Layer, path: Path, allowance: Allowance) -> Iterator[LayerTar]:
    """Open a layer's blob. At the end of the block the rest is read, and the whole compared with the diff ID.

    Raises:
        ArchiveError: it is damaged, cut short, larger than allowed, or of a compression that this Python cannot read.
        TrustError: it does not have its diff ID.
    """
    found = hashlib.sha256()
    short = layer.descriptor.digest.short
    try:
        with path.open("rb") as blob:
            stream = stream_of(_unpacked(blob, layer.descriptor.media_type, found, allowance))
            with tarfile.open(fileobj=stream, mode="r|", bufsize=CHUNK, tarinfo=_Header, errorlevel=2) as archive:
                yield LayerTar(archive, allowance)
            for _ in chunks_of(stream):
                pass  # the padding counts for the digest
    except (tarfile.TarError, zlib.error, EOFError, OSError, ValueError, RecursionError, OverflowError) as cause:
        raise ArchiveError(f"the layer {short} is damaged ({cause})") from cause
    except ArchiveError as error:
        raise ArchiveError(f"the layer {short} is refused: {error.what}", hint=error.hint) from error
    if found.hexdigest() != layer.diff_id.hex:
        raise TrustError(f"the layer {short} does not have its diff ID {layer.diff_id.short}")


def _unpacked(blob: BinaryIO, media_type: str, found: hashlib._Hash, allowance: Allowance) -> Iterator[bytes]:
    for chunk in chunks_of(_decompressing(blob, media_type)):
        allowance.take(len(chunk))
        found.update(chunk)
        yield chunk


def _decompressing(blob: BinaryIO, media_type: str) -> BinaryIO:
    if media_type == MEDIA_TYPE_LAYER_GZIP:
        return _gunzipping(blob)
    if media_type == MEDIA_TYPE_LAYER_ZSTD:
        try:
            from compression import zstd  # type: ignore[import-not-found, unused-ignore]  # noqa: PLC0415 (Python >= 3.14)
        except ImportError as cause:
            raise ArchiveError(
                "it is compressed with zstd, which this Python cannot read",
                hint="run pack with Python 3.14 or newer, or save the image with layers compressed by gzip",
            ) from cause
        return cast("BinaryIO", zstd.ZstdFile(blob))
    return blob


def _gunzipping(blob: BinaryIO) -> BinaryIO:
    try:
        from isal import igzip  # noqa: PLC0415 - optional where no wheel of it exists; only for a base never seen
    except ImportError:
        import gzip  # noqa: PLC0415

        return cast("BinaryIO", gzip.GzipFile(fileobj=blob))
    return cast("BinaryIO", igzip.IGzipFile(fileobj=blob))  # type: ignore[no-untyped-call]
