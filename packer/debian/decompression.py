"""Compressed streams, unpacked piece by piece: a bomb is stopped by the reader, who counts."""

from __future__ import annotations

import lzma
import zlib
from collections.abc import Iterator
from typing import BinaryIO, Protocol, cast

from packer.errors import ArchiveError

__all__ = ["decompressed"]

_READ = 1 << 18
_PIECE = 1 << 22
"""How much comes at a time at most, about."""
_DEFLATE_READ = 1 << 12
"""Deflate unpacks to a thousand times its size at most."""
_LZMA_MEMORY = 256 << 20


class _Decompressor(Protocol):
    @property
    def eof(self) -> bool: ...

    def decompress(self, data: bytes, /) -> bytes: ...


def decompressed(stream: BinaryIO, suffix: str, *, size: int) -> Iterator[bytes]:
    """The next `size` bytes of a stream, decompressed by the suffix of its name (`.xz`, `.gz`, `.zst`, or nothing).

    Raises `ArchiveError` when they are damaged, cut short, or of a compression that this Python cannot read.
    """
    decompressor = _decompressor(suffix)
    remaining = size
    try:
        while remaining:
            raw = stream.read(min(_READ, remaining))
            if not raw:
                raise ArchiveError("it is cut short")
            remaining -= len(raw)
            yield from (raw,) if decompressor is None else _pieces(decompressor, raw)
    except (lzma.LZMAError, zlib.error, EOFError) as cause:
        raise ArchiveError(f"its compressed data is damaged ({cause})") from cause
    if decompressor is not None and not decompressor.eof:
        raise ArchiveError("its compressed data is cut short")


def _decompressor(suffix: str) -> _Decompressor | None:
    if suffix == ".xz":
        return lzma.LZMADecompressor(format=lzma.FORMAT_XZ, memlimit=_LZMA_MEMORY)
    if suffix == ".gz":
        return zlib.decompressobj(wbits=31)
    if suffix == ".zst":
        try:
            from compression import zstd  # type: ignore[import-not-found, unused-ignore]  # noqa: PLC0415 (Python >= 3.14)
        except ImportError as cause:
            raise ArchiveError(
                "it is compressed with zstd, which this Python cannot read", hint="run pack with Python 3.14 or newer"
            ) from cause
        return cast("_Decompressor", zstd.ZstdDecompressor())
    if suffix:
        raise ArchiveError(f"it is compressed as {suffix[:16]!r}, which pack does not know")
    return None


def _pieces(decompressor: _Decompressor, raw: bytes) -> Iterator[bytes]:
    if isinstance(decompressor, lzma.LZMADecompressor):
        while not decompressor.eof:
            yield decompressor.decompress(raw, _PIECE)
            if decompressor.needs_input:
                return
            raw = b""
    else:
        for start in range(0, len(raw), _DEFLATE_READ):
            yield decompressor.decompress(raw[start : start + _DEFLATE_READ])
