"""Raw deflate data, unpacked by whichever implementation is there."""

import random
import zlib

import pytest
from isal import isal_zlib

from packer.system.inflate import InflateError, Inflater, inflater

NOISE = random.Random(1).randbytes(100_000)
CONTENTS = [b"", b"x", b"0" * 1_000_000, NOISE, NOISE[:50_000] + b"ab" * 100_000 + NOISE[50_000:]]
IMPLEMENTATIONS = [
    lambda: Inflater(zlib.decompressobj(-15), zlib.error),
    lambda: Inflater(isal_zlib.decompressobj(-15), isal_zlib.IsalError),
    inflater,
]


def packed(content: bytes) -> bytes:
    deflate = zlib.compressobj(wbits=-15)
    return deflate.compress(content) + deflate.flush()


def in_pieces(one: Inflater, data: bytes, *, given: int, taken: int) -> bytes:
    """Everything, where `given` bytes go in at once, and at most `taken` come out."""
    parts, start, fed = [], 0, b""
    while not one.ended:
        part = one.unpack(fed, taken)
        assert len(part) <= taken
        parts.append(part)
        fed = one.unread
        if not part and not fed:
            fed, start = data[start : start + given], start + given
            if not fed:
                break
    return b"".join(parts)


@pytest.mark.parametrize("make", IMPLEMENTATIONS)
@pytest.mark.parametrize("content", CONTENTS)
@pytest.mark.parametrize(("given", "taken"), [(1 << 20, 1 << 21), (1000, 777), (1 << 20, 4096), (1, 1 << 20)])
def test_what_was_packed_comes_out_whatever_the_pieces(make, content, given, taken):
    assert in_pieces(make(), packed(content), given=given, taken=taken) == content


@pytest.mark.parametrize("make", IMPLEMENTATIONS)
def test_what_is_no_deflate_data_is_refused(make):
    with pytest.raises(InflateError):
        make().unpack(b"\xff" * 100, 1000)
