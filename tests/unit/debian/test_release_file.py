from __future__ import annotations

from datetime import datetime, timedelta, timezone

import pytest

from packer.debian.release_file import check_release, parse_release
from packer.debian.releases import Suite
from packer.errors import TrustError

WHERE = "http://mirror.test/dists/trixie/InRelease"
SUITE = Suite(archive="debian", path="trixie", codename="trixie")
NOW = datetime(2026, 11, 23, 12, tzinfo=timezone.utc)
HASH = "0f" * 32


def release_text(**fields: str) -> str:
    lines = {"Suite": "stable", "Codename": "trixie", "Date": "Sat, 21 Nov 2026 09:15:44 UTC", **fields}
    head = "".join(f"{name.replace('_', '-')}: {value}\n" for name, value in lines.items() if value)
    return head + f"MD5Sum:\n {'a' * 32} 5 main/x\nSHA256:\n {HASH}  97 main/binary-amd64/Packages.xz\n"


def check(text: str, **options):
    options = {"now": NOW, "allow_expired": False, **options}
    check_release(parse_release(text, where=WHERE), SUITE, where=WHERE, **options)


def test_a_release_file_is_read():
    release = parse_release(
        release_text(Acquire_By_Hash="yes", Valid_Until="Sat, 28 Nov 2026 00:53:03 UTC"), where=WHERE
    )
    assert release.date == datetime(2026, 11, 21, 9, 15, 44, tzinfo=timezone.utc)
    assert release.valid_until == datetime(2026, 11, 28, 0, 53, 3, tzinfo=timezone.utc)
    assert release.by_hash
    assert list(release.files) == ["main/binary-amd64/Packages.xz"]
    assert release.files["main/binary-amd64/Packages.xz"].size == 97


def test_a_suite_without_an_end_is_valid_at_any_age():
    check(release_text(), now=NOW + timedelta(days=900))


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"Codename": "bookworm"}, "answers with bookworm where trixie"),
        ({"Codename": ""}, "answers with stable where trixie"),
        ({"Date": "Wed, 25 Nov 2026 12:00:01 UTC"}, "dated 2026-11-25 12:00 UTC, but now is"),
        ({"Valid_Until": "Sat, 21 Nov 2026 09:15:44 UTC"}, "expired on 2026-11-21 09:15 UTC, 2 days ago"),
        ({"Valid_Until": "Mon, 23 Nov 2026 05:00:00 UTC"}, "7 hours ago"),
        ({"Date": ""}, "no date or no SHA-256"),
        ({"Date": "yesterday"}, "is no date"),
        ({"Date": "Sat, 31 Feb 2026 09:15:44 UTC"}, "is no date"),
    ],
)
def test_what_does_not_hold_is_refused_by_name(fields, says):
    with pytest.raises(TrustError, match=says) as caught:
        check(release_text(**fields))
    assert caught.value.where == WHERE


def test_an_expired_file_names_the_setting_that_allows_it_and_is_then_allowed():
    text = release_text(Valid_Until="Sat, 21 Nov 2026 09:15:44 UTC")
    with pytest.raises(TrustError) as caught:
        check(text)
    assert "allow-expired" in (caught.value.hint or "")
    check(text, allow_expired=True)


def test_a_list_without_sha256_is_refused():
    with pytest.raises(TrustError, match="no SHA-256"):
        parse_release(release_text().partition("SHA256")[0], where=WHERE)
