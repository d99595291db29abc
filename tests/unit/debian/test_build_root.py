import os
from pathlib import Path

import pytest

from packer.debian import build_root
from packer.debian.build_root import build_packages, build_root_folder, open_build_root
from packer.debian.lock import BaseLock
from packer.debian.mirrors import Mirrors
from packer.debian.rootfs import RootTree
from packer.errors import UsageError
from packer.oci.entry import Entry
from packer.store.cache import DiskCache

LOCK = BaseLock(release="trixie", architecture="amd64", roots=(), snapshot="20260101T000000Z", packages=())


@pytest.fixture
def unpacked(tmp_path, monkeypatch):
    """Opens the root of a lock whose packages hold one program; counts how often they are read."""
    read: list[BaseLock] = []

    def tree_of(lock, **_):
        read.append(lock)
        tree = RootTree()
        tree.put(Entry.file("usr/bin/cc", b"compiler", mode=0o755), "gcc")
        tree.put(Entry.symlink("bin", "usr/bin"), "base-files")
        return tree

    monkeypatch.setattr(build_root, "_tree", tree_of)
    cache = DiskCache(tmp_path / "cache")

    def opened():
        return open_build_root(LOCK, http=None, cache=cache, mirrors=Mirrors(debian=(), security=()))

    opened.read, opened.cache = read, cache
    return opened


def test_a_root_is_unpacked_once(unpacked):
    first, second = unpacked(), unpacked()
    assert first == second
    assert (first.path / "bin" / "cc").read_bytes() == b"compiler"
    assert len(unpacked.read) == 1


@pytest.mark.parametrize(
    "damage",
    [
        lambda root: (root / "usr" / "bin" / "cc").unlink(),
        lambda root: (root / "usr" / "bin" / "cc").write_bytes(b"cut"),
        lambda root: (root / "usr" / "bin" / "cc").chmod(0o644),
        lambda root: (root / "usr" / "bin" / "extra").write_bytes(b""),
        lambda root: (root.parent / "seal").unlink(),
    ],
    ids=["lost", "cut short", "mode", "added", "unsealed"],
)
def test_a_damaged_root_is_unpacked_again(unpacked, damage):
    damage(unpacked().path)
    healed = unpacked()
    assert (healed.path / "bin" / "cc").read_bytes() == b"compiler"
    assert os.access(healed.path / "bin" / "cc", os.X_OK)
    assert len(unpacked.read) == 2
    unpacked()
    assert len(unpacked.read) == 2


def test_what_a_failed_unpacking_wrote_is_gone(unpacked, monkeypatch):
    def fails(*_, **__):
        raise RuntimeError

    monkeypatch.setattr(build_root, "shape", fails)
    with pytest.raises(RuntimeError):
        unpacked()
    assert [path.name for path in build_root_folder(unpacked.cache).iterdir() if not path.name.endswith(".lock")] == []


def test_leftovers_of_killed_processes_are_swept_when_they_are_old(unpacked):
    folder = build_root_folder(unpacked.cache)
    old, new = folder / ".scratch-old", folder / ".scratch-new"
    for path in (old, new):
        path.mkdir(parents=True)
    os.utime(old, (0, 0))
    unpacked()
    assert not old.exists()
    assert new.exists()


def test_the_compiler_and_the_releases_own_python_are_in_every_root():
    assert {"gcc", "g++", "libc6-dev", "make", "python3.13-dev"} <= set(build_packages("trixie"))
    assert {"python3.11-dev", "python3-lib2to3"} <= set(build_packages("bookworm"))


def test_an_unknown_release_is_refused():
    with pytest.raises(UsageError):
        build_packages("potato")


def test_the_key_stands_for_the_packages(unpacked):
    assert Path(unpacked().path).parent.name == f"trixie-{unpacked().key[:32]}"
