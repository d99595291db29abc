from __future__ import annotations

import io
import threading
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from packer.errors import ArchiveError
from packer.oci.digest import Digest
from packer.system.chunks import copy_digested, equal_chunks, read_ahead, stream_of


@given(st.lists(st.binary(max_size=40)), st.integers(1, 16))
def test_equal_chunks_depend_on_the_stream_alone(pieces: list[bytes], size: int) -> None:
    whole = b"".join(pieces)
    assert [bytes(chunk) for chunk in equal_chunks(pieces, size)] == [
        whole[start : start + size] for start in range(0, len(whole), size)
    ]


@given(st.lists(st.binary(max_size=40)), st.integers(1, 16))
def test_a_stream_of_chunks_reads_like_a_file(pieces: list[bytes], size: int) -> None:
    stream = stream_of(pieces)
    start = stream.read(size)
    assert start + stream.read() == b"".join(pieces)
    assert len(start) <= size


def test_copying_counts_and_digests() -> None:
    sink = io.BytesIO()
    assert copy_digested([b"ab", b"c"], sink) == (Digest.of(b"abc"), 3)
    assert sink.getvalue() == b"abc"


def test_copying_stops_at_the_limit() -> None:
    sink = io.BytesIO()
    with pytest.raises(ArchiveError, match="more bytes"):
        copy_digested(iter([b"ab", b"cd", b"ef"]), sink, limit=3)
    assert sink.getvalue() == b"ab"


def test_reading_ahead_changes_nothing() -> None:
    assert list(read_ahead(range(1000), depth=3)) == list(range(1000))
    assert list(read_ahead([])) == []


def test_an_error_ahead_is_raised_where_the_chunks_are_read() -> None:
    def failing() -> Iterator[int]:
        yield 1
        raise ArchiveError("broken")

    seen: list[int] = []
    with pytest.raises(ArchiveError, match="broken"):
        seen.extend(read_ahead(failing()))
    assert seen == [1]


def test_a_reader_that_stops_early_ends_the_thread() -> None:
    def endless() -> Iterator[int]:
        while True:
            yield 1

    before = threading.active_count()
    chunks = read_ahead(endless(), depth=2)
    assert next(chunks) == 1
    chunks.close()
    assert threading.active_count() == before
