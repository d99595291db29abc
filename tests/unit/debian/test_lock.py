from __future__ import annotations

import json

import pytest

from packer.debian.lock import BaseLock, LockedPackage
from packer.errors import LockError


def package(name: str, **changes) -> LockedPackage:
    values = {
        "name": name,
        "version": "1:1.0-2+deb13u1",
        "architecture": "amd64",
        "archive": "debian",
        "filename": f"pool/main/{name[0]}/{name}/{name}_1.0-2+deb13u1_amd64.deb",
        "sha256": "0a" * 32,
        "size": 12,
    }
    return LockedPackage(**{**values, **changes})


LOCK = BaseLock(
    release="trixie",
    architecture="amd64",
    roots=("aa", "bb"),
    snapshot="20261123T020905Z",
    packages=(package("aa"), package("libb++1", archive="debian-security")),
)


def test_a_lock_survives_plain_data():
    assert BaseLock.from_data(json.loads(json.dumps(LOCK.to_data()))) == LOCK


def test_the_key_follows_contents_alone():
    changed = BaseLock.from_data({**LOCK.to_data(), "snapshot": "20270101T000000Z", "roots": ["zz"]})
    assert changed.key == LOCK.key
    assert BaseLock.from_data({**LOCK.to_data(), "architecture": "arm64"}).key != LOCK.key


@pytest.mark.parametrize(
    "changes",
    [
        {"release": "sid"},
        {"architecture": "mips"},
        {"snapshot": "now"},
        {"roots": ["bb", "aa"]},
        {"roots": "ab"},
        {"packages": None},
        {"packages": [{}]},
        {"packages": ["x"]},
    ],
)
def test_a_broken_lock_says_how_to_make_a_new_one(changes):
    with pytest.raises(LockError, match="cannot be read") as caught:
        BaseLock.from_data({**LOCK.to_data(), **changes})
    assert "pack lock --upgrade" in (caught.value.hint or "")


@pytest.mark.parametrize(
    "changes",
    [
        {"filename": "pool/../../../etc/passwd.deb"},
        {"filename": "/pool/a.deb"},
        {"filename": "http://evil.test/a.deb"},
        {"sha256": "0A" * 32},
        {"size": True},
        {"size": 0},
        {"size": 1 << 40},
        {"version": "1 0"},
        {"name": "../x"},
        {"archive": "elsewhere"},
    ],
)
def test_an_entry_that_is_not_safe_to_follow_is_refused(changes):
    data = LOCK.to_data()
    data["packages"][0] |= changes
    with pytest.raises(LockError, match="cannot be read"):
        BaseLock.from_data(data)


def test_packages_stand_in_order_each_once():
    data = LOCK.to_data()
    data["packages"].reverse()
    with pytest.raises(LockError, match="cannot be read"):
        BaseLock.from_data(data)


def test_a_missing_package_is_named():
    with pytest.raises(LockError, match="lacks libc6"):
        LOCK.package("libc6")
