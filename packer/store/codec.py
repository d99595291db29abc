"""How a layer's tar stream is stored: a gzip member whose bytes depend on nothing but the stream and the codec.

The gzip header is ours (RFC 1952: no name, no time, unknown system), so that no library stamps a clock into it; the
deflate body comes from ISA-L, or from zlib where `isal` is not to be had. Their bytes differ, therefore a codec has a
name with its version, and the name is part of what a stored layer is known by.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterable, Iterator
from typing import Protocol

from msgspec import Struct

from packer.errors import UsageError
from packer.oci.descriptor import MEDIA_TYPE_LAYER_GZIP
from packer.system.chunks import CHUNK

__all__ = ["Codec", "codec_named"]

_GZIP_HEADER = bytes.fromhex("1f8b08000000000000ff")
_RAW_DEFLATE = -15


class _Deflate(Protocol):
    def compress(self, data: bytes | memoryview, /) -> bytes: ...

    def flush(self) -> bytes: ...


class Codec(Struct, frozen=True, kw_only=True):
    """A compression.

    Attributes:
        name: stands for the exact bytes it makes: the algorithm, its implementation, version, level and chunk size.
        media_type: of a layer that it stored.
        deflate: a new compressor of raw deflate data.
        checksum: CRC-32, continued from its second argument.
    """

    name: str
    media_type: str
    deflate: Callable[[], _Deflate]
    checksum: Callable[[bytes | memoryview, int], int]

    def compress(self, chunks: Iterable[bytes | memoryview]) -> Iterator[bytes]:
        """The stored bytes of a stream. Equal chunks give equal bytes; the caller cuts them to one size."""
        deflate = self.deflate()
        checksum = size = 0
        yield _GZIP_HEADER
        for chunk in chunks:
            checksum = self.checksum(chunk, checksum)
            size += len(chunk)
            if stored := deflate.compress(chunk):
                yield stored
        yield deflate.flush()
        yield struct.pack("<LL", checksum, size & 0xFFFF_FFFF)


def codec_named(name: str) -> Codec:
    """The codec that a setting names: `gzip`. Raises `UsageError` for another name."""
    if name != "gzip":
        raise UsageError(f"{name!r} is not a layer compression", hint="use gzip")
    try:
        return _isal_codec()
    except ImportError:
        return zlib_codec()


def _isal_codec() -> Codec:
    from isal import __version__ as version  # noqa: PLC0415 - optional where no wheel of it exists

    def deflate() -> _Deflate:
        from isal import isal_zlib  # noqa: PLC0415 - only when a layer is really made

        return isal_zlib.compressobj(1, isal_zlib.DEFLATED, _RAW_DEFLATE)

    def checksum(chunk: bytes | memoryview, start: int) -> int:
        from isal import isal_zlib  # noqa: PLC0415

        return isal_zlib.crc32(chunk, start)

    return Codec(
        name=f"gzip:isal-{version}:1:{CHUNK}", media_type=MEDIA_TYPE_LAYER_GZIP, deflate=deflate, checksum=checksum
    )


def zlib_codec() -> Codec:
    """Gzip by the standard library's zlib: three times slower than ISA-L."""
    import zlib  # noqa: PLC0415 - only where isal is missing

    return Codec(
        name=f"gzip:zlib-{zlib.ZLIB_RUNTIME_VERSION}:1:{CHUNK}",
        media_type=MEDIA_TYPE_LAYER_GZIP,
        deflate=lambda: zlib.compressobj(1, zlib.DEFLATED, _RAW_DEFLATE),
        checksum=zlib.crc32,
    )
