"""What a team shares: read with care, and never kept on this machine."""

from __future__ import annotations

import gzip
import io

import pytest

from packer.errors import ArchiveError
from packer.oci.digest import Digest
from packer.store.cache import DiskCache
from packer.store.shared_records import SharingCache, contradictions, from_bytes, to_bytes

KEY, OTHER = "ab" * 32, "cd" * 32


def test_records_come_back_as_they_were():
    records = {("layer", KEY): b'{"a": 1}', ("elf", OTHER): "ü".encode()}

    assert from_bytes(to_bytes(records)) == records


def test_equal_records_give_equal_bytes():
    one, other = {("elf", KEY): b"1", ("layer", OTHER): b"2"}, {("layer", OTHER): b"2", ("elf", KEY): b"1"}

    assert to_bytes(one) == to_bytes(other)


def test_kinds_that_hold_for_one_machine_only_are_not_taken_in():
    assert from_bytes(to_bytes({("own-selection", KEY): b"{}", ("build", KEY): b"{}"})) == {}


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"garbage",
        gzip.compress(b"garbage"),
        gzip.compress(b'{"schema": 2, "records": []}'),
        gzip.compress(b'{"schema": 1, "records": [["elf"]]}'),
        gzip.compress(b'{"schema": 1, "records": [["elf", "k", 5]]}'),
        gzip.compress(b'{"schema": 1, "records": [], "more": ' + b"[" * 100_000 + b"]" * 100_000 + b"}"),
        gzip.compress(b'{"schema": 1, "records": [["elf", "k", "\\ud800"]]}'),
        to_bytes({("elf", KEY): b"1"})[:-6],
    ],
    ids=["empty", "garbage", "no JSON", "schema", "short", "type", "deep", "surrogate", "cut off"],
)
def test_whatever_is_no_collection_is_refused(content):
    with pytest.raises(ArchiveError):
        from_bytes(content)


def test_a_small_blob_that_becomes_a_large_one_is_refused():
    bomb = io.BytesIO()
    with gzip.GzipFile(fileobj=bomb, mode="wb") as stream:
        for _ in range(40):
            stream.write(bytes(1 << 20))

    with pytest.raises(ArchiveError, match="larger than"):
        from_bytes(bomb.getvalue())


def test_what_others_shared_is_known_but_not_kept(cache: DiskCache):
    sharing = SharingCache(cache)
    sharing.learn({("elf", KEY): b"theirs"})

    assert sharing.record("elf", KEY) == b"theirs"
    assert cache.record("elf", KEY) is None
    assert sharing.believed == {("elf", KEY)}


def test_this_machine_s_own_record_wins(cache: DiskCache):
    cache.put_record("elf", KEY, b"own")
    sharing = SharingCache(cache)
    sharing.learn({("elf", KEY): b"theirs"})

    assert sharing.record("elf", KEY) == b"own"
    assert not sharing.believed


def test_what_was_used_is_noted_where_it_can_be_shared(cache: DiskCache):
    sharing = SharingCache(cache)
    sharing.learn({("elf", KEY): b"theirs", ("layer", OTHER): b"unused"})
    sharing.record("elf", KEY)
    sharing.put_record("debian-base", KEY, b"made")
    sharing.put_record("own-selection", KEY, b"here only")
    sharing.put_record("layer", KEY, bytes(5 << 20))

    assert sharing.used == {("elf", KEY): b"theirs", ("debian-base", KEY): b"made"}
    assert cache.record("own-selection", KEY) == b"here only"


def test_everything_else_is_the_machine_s_cache(cache: DiskCache):
    sharing = SharingCache(cache)
    digest = sharing.add(io.BytesIO(b"blob"), expected=Digest.of(b"blob"))

    assert sharing.path(digest) == cache.path(digest)
    assert sharing.verify(digest)
    assert sharing.root == cache.root


def test_only_what_is_the_same_at_any_time_can_contradict():
    said = {("elf", KEY): b"1", ("layer", KEY): b"1", ("debian-base", KEY): b"yesterday", ("elf", OTHER): b"-"}
    found = {("elf", KEY): b"1", ("layer", KEY): b"2", ("debian-base", KEY): b"today"}

    assert contradictions(said, found) == ((("layer", KEY),), 1)
