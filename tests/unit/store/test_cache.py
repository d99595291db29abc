from __future__ import annotations

import io
import os
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pytest

from packer.errors import BuildError, LockError, TransientError, TrustError
from packer.oci.digest import Digest
from packer.store.cache import DiskCache, default_cache_root
from packer.system.http import Response

HELLO = Digest.of(b"hello")
KEY = "ab" * 32


class Canned:
    """One answer of the double below."""

    def __init__(self, status: int, body: bytes, *, cut: bool = False) -> None:
        self.status, self._body, self._cut = status, body, cut
        self.headers: Mapping[str, str] = {}

    def stream(self, chunk_size: int = 262_144) -> Iterator[bytes]:
        yield self._body
        if self._cut:
            raise TransientError("a download broke off before its end")

    def read(self, limit: int) -> bytes:
        return self._body


class CannedHttp:
    """An `Http` whose answers are written down: a list is used up, its last answer stays."""

    def __init__(self, answers: dict[str, list[Canned]]) -> None:
        self._answers = answers
        self.asked: list[str] = []

    @contextmanager
    def get(self, url: str, *, headers: Mapping[str, str] | None = None) -> Iterator[Response]:
        self.asked.append(url)
        answers = self._answers.get(url)
        if not answers:
            raise TransientError("no connection", where=url)
        yield answers.pop(0) if len(answers) > 1 else answers[0]


def files_of(cache: DiskCache) -> list[str]:
    """What is kept: without the mark of a cache, and the lock of those who use it."""
    files = (path.name for path in cache.root.rglob("*") if path.is_file())
    return sorted(name for name in files if name not in ("CACHEDIR.TAG", "use.lock"))


def fetched(cache: DiskCache, http: CannedHttp, *urls: str, size: int | None = 5) -> bytes:
    return cache.fetch(http, urls, digest=HELLO, size=size, what="wheel hello.whl").read_bytes()


def test_a_blob_is_kept_under_its_digest(cache: DiskCache) -> None:
    assert cache.path(HELLO) is None
    assert cache.add(io.BytesIO(b"hello")) == HELLO
    path = cache.path(HELLO)
    assert path == cache.root / "blobs" / "sha256" / HELLO.hex[:2] / HELLO.hex
    assert path.read_bytes() == b"hello"
    assert files_of(cache) == [HELLO.hex]


def test_bytes_that_are_not_the_expected_ones_are_not_kept(cache: DiskCache) -> None:
    with pytest.raises(TrustError, match="digest"):
        cache.add(io.BytesIO(b"other"), expected=HELLO)
    assert files_of(cache) == []


def test_a_download_is_made_once(cache: DiskCache) -> None:
    http = CannedHttp({"http://a.test/x": [Canned(200, b"hello")]})
    assert fetched(cache, http, "http://a.test/x") == b"hello"
    assert fetched(cache, http, "http://a.test/x") == b"hello"
    assert len(http.asked) == 1


def test_the_next_address_is_tried_when_one_fails(cache: DiskCache) -> None:
    http = CannedHttp(
        {
            "http://gone.test/x": [Canned(404, b"")],
            "http://wrong.test/x": [Canned(200, b"wrong")],
            "http://long.test/x": [Canned(200, b"hello and more")],
            "http://good.test/x": [Canned(200, b"hello")],
        }
    )
    hosts = ("silent", "gone", "wrong", "long", "good")
    assert fetched(cache, http, *(f"http://{host}.test/x" for host in hosts)) == b"hello"
    assert files_of(cache) == [HELLO.hex]


def test_a_download_that_breaks_off_starts_again(cache: DiskCache) -> None:
    http = CannedHttp({"http://a.test/x": [Canned(200, b"hel", cut=True), Canned(200, b"hello")]})
    assert fetched(cache, http, "http://a.test/x") == b"hello"


def test_wrong_bytes_everywhere_are_a_trust_error_that_names_the_address(cache: DiskCache) -> None:
    http = CannedHttp({"http://user:word@a.test/x?sig=1": [Canned(200, b"wrong")]})
    with pytest.raises(TrustError, match=r"wheel hello\.whl cannot be fetched") as caught:
        fetched(cache, http, "http://user:word@a.test/x?sig=1")
    assert caught.value.where == "http://a.test/x?…"
    assert files_of(cache) == []


def test_more_bytes_than_the_size_says_are_not_read(cache: DiskCache) -> None:
    http = CannedHttp({"http://a.test/x": [Canned(200, b"hello!")]})
    with pytest.raises(TrustError, match="more bytes"):
        fetched(cache, http, "http://a.test/x")


def test_what_is_gone_everywhere_is_a_lock_error(cache: DiskCache) -> None:
    http = CannedHttp({"http://a.test/x": [Canned(404, b"")], "http://b.test/x": [Canned(410, b"")]})
    with pytest.raises(LockError, match="no longer"):
        fetched(cache, http, "http://a.test/x", "http://b.test/x")


def test_silence_is_transient_even_beside_an_address_that_is_gone(cache: DiskCache) -> None:
    http = CannedHttp({"http://a.test/x": [Canned(404, b"")]})
    with pytest.raises(TransientError):
        fetched(cache, http, "http://a.test/x", "http://silent.test/x")


def test_a_refusal_says_to_check_the_credentials(cache: DiskCache) -> None:
    http = CannedHttp({"http://a.test/x": [Canned(403, b"")]})
    with pytest.raises(BuildError, match="answers 403") as caught:
        fetched(cache, http, "http://a.test/x")
    assert "credentials" in (caught.value.hint or "")


def test_a_cached_file_of_the_wrong_size_is_fetched_again(cache: DiskCache) -> None:
    cache.add(io.BytesIO(b"hello"))
    path = cache.path(HELLO)
    assert path is not None
    path.write_bytes(b"he")
    http = CannedHttp({"http://a.test/x": [Canned(200, b"hello")]})
    assert fetched(cache, http, "http://a.test/x") == b"hello"


def test_corruption_is_found_removed_and_healed(cache: DiskCache) -> None:
    cache.add(io.BytesIO(b"hello"))
    path = cache.path(HELLO)
    assert path is not None
    assert cache.verify(HELLO)
    path.write_bytes(b"hellO")
    assert not cache.verify(HELLO)
    assert cache.path(HELLO) is None
    path.write_bytes(b"hellO")
    cache.add(io.BytesIO(b"hello"))
    assert cache.verify(HELLO)


def test_writers_of_one_blob_agree(tmp_path: Path) -> None:
    content = os.urandom(300_000)
    caches = [DiskCache(tmp_path) for _ in range(4)]
    threads = [threading.Thread(target=cache.add, args=(io.BytesIO(content),)) for cache in caches]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert caches[0].verify(Digest.of(content))
    assert files_of(caches[0]) == [Digest.of(content).hex]


def test_records_are_kept_by_kind_and_key(cache: DiskCache) -> None:
    assert cache.record("layer", KEY) is None
    cache.put_record("layer", KEY, b"old")
    cache.put_record("layer", KEY, b"new")
    assert (cache.record("layer", KEY), cache.record("wheel", KEY)) == (b"new", None)


@pytest.mark.parametrize("damage", [b"", b"rubbish", b"\0" * 1000])
def test_a_damaged_record_is_not_known(cache: DiskCache, damage: bytes) -> None:
    cache.put_record("layer", KEY, b"content")
    [path] = (path for path in (cache.root / "records").rglob("*") if path.is_file())
    path.write_bytes(damage)
    assert cache.record("layer", KEY) is None


@pytest.mark.parametrize(("kind", "key"), [("../x", KEY), ("layer", "../../x"), ("layer", "AB" * 32), ("", KEY)])
def test_a_record_cannot_leave_its_folder(cache: DiskCache, kind: str, key: str) -> None:
    with pytest.raises(ValueError, match="not a record"):
        cache.put_record(kind, key, b"")


def test_what_killed_processes_left_is_swept_away(cache: DiskCache) -> None:
    cache.add(io.BytesIO(b"x"))
    scratch = cache.root / "tmp"
    for name, age in (("old.tmp", 2 * 86_400), ("new.tmp", 60)):
        (scratch / name).write_bytes(b"")
        moment = (scratch / name).stat().st_mtime - age
        os.utime(scratch / name, (moment, moment))
    DiskCache(cache.root).add(io.BytesIO(b"y"))
    assert [path.name for path in scratch.iterdir()] == ["new.tmp"]


def test_backup_programs_know_the_folder_for_a_cache(cache: DiskCache) -> None:
    cache.add(io.BytesIO(b"x"))
    assert (cache.root / "CACHEDIR.TAG").read_bytes().startswith(b"Signature: 8a477f597d28d172789f06886806bc55")


def test_the_root_is_the_setting_or_the_platforms_own_place(tmp_path: Path) -> None:
    assert default_cache_root(str(tmp_path)) == tmp_path
    assert default_cache_root().name == "packer"
    assert default_cache_root().is_absolute()
