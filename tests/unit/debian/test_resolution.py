from __future__ import annotations

import lzma
from datetime import datetime, timezone

import pytest
from msgspec.structs import replace

from packer.debian.keyring import parse_keyring
from packer.debian.mirrors import Mirrors
from packer.debian.releases import RELEASES
from packer.debian.resolution import resolve_base
from packer.errors import ArchiveError, TransientError, TrustError
from packer.store.cache import DiskCache
from tests.unit.debian.maker import Network, locked, stanza, suite
from tests.unit.debian.signer import BIRTH, YEAR, certificate

MAIN, SECURITY = "http://mirror.test/debian", "http://mirror.test/debian-security"
MIRRORS = Mirrors(debian=(MAIN,), security=(SECURITY,))
NOW = datetime.fromtimestamp(BIRTH + YEAR, timezone.utc)
DATE = "Tue, 12 Nov 2024 09:00:00 UTC"
ROOTS = RELEASES["trixie"].roots


def entry(name: str, version: str = "1.0", **fields: str) -> str:
    return stanza(locked(name, name.encode(), version=version), **fields)


@pytest.fixture
def network() -> Network:
    network = Network()
    stanzas = [entry(name) for name in (*ROOTS, "libc6", "libpq5", "zlib1g")]
    suite(network, MAIN, "trixie", stanzas, date=DATE)
    suite(network, MAIN, "trixie-updates", [], date=DATE, compression="gz")
    suite(network, SECURITY, "trixie-security", [entry("libc6", "1.0+deb13u1")], date=DATE, Valid_Until=DATE_LATER)
    return network


DATE_LATER = "Tue, 19 Nov 2024 09:00:00 UTC"


@pytest.fixture
def resolved(network, tmp_path):
    def resolve(*extra: str, mirrors: Mirrors = MIRRORS, now: datetime = NOW, **options):
        return resolve_base(
            "trixie",
            "amd64",
            extra,
            http=network,
            cache=DiskCache(tmp_path),
            mirrors=mirrors,
            now=now,
            keyring=parse_keyring(certificate()),
            **options,
        )

    return resolve


def test_a_lock_pins_the_newest_of_all_suites(resolved):
    lock = resolved("libc6")
    assert lock.package("libc6").version == "1.0+deb13u1"
    assert lock.package("libc6").archive == "debian-security"
    assert lock.snapshot == "20241113T090000Z"
    assert lock.roots == tuple(sorted({*ROOTS, "libc6"}))
    assert "mirror.test" not in str(lock.to_data())


def test_a_lock_of_the_same_wishes_is_followed_without_network(resolved, network):
    lock = resolved("libc6")
    network.asked.clear()
    assert resolved("libc6", previous=lock) is lock
    assert network.asked == []


def test_other_wishes_are_resolved_anew(resolved):
    assert resolved("libpq5", previous=resolved("libc6")).package("libpq5")


def test_a_refresh_that_finds_nothing_new_changes_nothing(resolved):
    lock = replace(resolved("libc6"), snapshot="20200101T000000Z")
    assert resolved("libc6", previous=lock, refresh=True) is lock


def test_a_refresh_takes_what_is_new(resolved, network):
    lock = resolved("libc6")
    suite(network, MAIN, "trixie-updates", [entry("libc6", "2.0")], date=DATE)
    assert resolved("libc6", previous=lock).package("libc6").version == "1.0+deb13u1"
    assert resolved("libc6", previous=lock, refresh=True).package("libc6").version == "2.0"


def test_a_mirror_that_went_back_in_time_is_refused(resolved, network):
    lock = resolved("libc6")
    suite(network, SECURITY, "trixie-security", [], date=DATE)
    with pytest.raises(TrustError, match=r"offers libc6 1.0, but the lock already has 1.0\+deb13u1"):
        resolved("libc6", previous=lock, refresh=True)
    assert resolved("libc6", previous=lock, refresh=True, allow_expired=True).package("libc6").version == "1.0"


def test_known_indexes_are_not_opened_again(resolved, network):
    resolved()
    network.asked.clear()
    resolved()
    assert sorted(url.rpartition("/")[2] for url in network.asked) == ["InRelease"] * 3


def test_a_damaged_record_is_made_again(resolved, tmp_path):
    lock = resolved()
    for path in (tmp_path / "records").rglob("*"):
        if path.is_file():
            path.write_bytes(b"{}")
    assert resolved() == lock


def test_a_damaged_index_in_the_cache_is_fetched_again(resolved, tmp_path):
    lock = resolved()
    for path in (tmp_path / "blobs").rglob("*"):
        if path.is_file():
            path.write_bytes(bytes(path.stat().st_size))
    assert resolved("libpq5").package("libc-bin") == lock.package("libc-bin")


def test_expired_metadata_is_refused_unless_it_is_allowed(resolved):
    late = datetime(2025, 1, 1, tzinfo=timezone.utc)
    with pytest.raises(TrustError, match="trixie-security expired on 2024-11-19"):
        resolved(now=late)
    assert resolved(now=late, allow_expired=True).packages


def test_a_mirror_that_is_down_is_passed_over(resolved, network):
    network.down = ("http://down.test",)
    mirrors = Mirrors(debian=("http://down.test/debian", MAIN), security=(SECURITY,))
    assert resolved(mirrors=mirrors).packages


def test_no_mirror_at_all_is_a_passing_trouble(resolved, network):
    network.down = ("http://",)
    with pytest.raises(TransientError):
        resolved()


def test_an_index_that_is_not_the_signed_one_is_refused(resolved, network):
    for url in network.files:
        if "by-hash" in url:
            network.files[url] = b"x" * len(network.files[url])
    with pytest.raises(TrustError, match="package index of trixie"):
        resolved()


@pytest.mark.parametrize(
    ("index", "says"),
    [
        (b"not compressed" * 9, "data is damaged"),
        (lzma.compress(b"x" * 900)[:-9], "cut short"),
        (lzma.compress(bytes(8 << 20)), "unpacks to more than"),
    ],
)
def test_a_signed_index_that_does_not_unpack_is_refused(resolved, network, index, says):
    suite(network, MAIN, "trixie", [], date=DATE, index=index)
    with pytest.raises(ArchiveError, match=says) as caught:
        resolved()
    assert "mirror.test" in (caught.value.where or "")


def test_an_address_without_a_release_is_no_mirror(resolved):
    with pytest.raises(TrustError, match="no release file here"):
        resolved(mirrors=Mirrors(debian=("http://mirror.test/ubuntu",), security=(SECURITY,)))


def test_a_mirror_without_the_architecture_is_named(network, tmp_path):
    with pytest.raises(TrustError, match="no packages for arm64"):
        resolve_base(
            "trixie",
            "arm64",
            (),
            http=network,
            cache=DiskCache(tmp_path),
            mirrors=MIRRORS,
            now=NOW,
            keyring=parse_keyring(certificate()),
        )
