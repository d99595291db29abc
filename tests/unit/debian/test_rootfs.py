from __future__ import annotations

import pytest

from packer.debian.deb import read_deb
from packer.debian.releases import RELEASES
from packer.debian.rootfs import merge_packages
from packer.debian.selection import Selection
from packer.errors import ArchiveError, BuildError
from packer.oci.entry import EntryKind
from tests.unit.debian.maker import deb, file, folder, link


@pytest.fixture
def merge(tmp_path):
    def merge(**packages: bytes):
        read = {}
        for name, content in packages.items():
            (tmp_path / name).write_bytes(content)
            read[name] = read_deb(tmp_path / name)
        return merge_packages(read, Selection(RELEASES["trixie"]))

    return merge


def paths(tree) -> list[str]:
    return [owned.entry.path for owned in tree.owned()]


def test_packages_share_folders(merge):
    tree = merge(a=deb("a", folder("./usr"), file("./usr/a")), b=deb("b", folder("./usr"), file("./usr/b")))
    assert paths(tree) == ["usr", "usr/a", "usr/b"]
    assert tree.owner("usr/b") == "b"


def test_equal_files_do_not_conflict(merge):
    assert paths(merge(a=deb("a", file("./x", b"1")), b=deb("b", file("./x", b"1")))) == ["x"]


def test_different_files_at_one_path_are_refused(merge):
    with pytest.raises(BuildError, match="a and b both hold /usr/x"):
        merge(a=deb("a", file("./usr/x", b"1")), b=deb("b", file("./usr/x", b"2")))


@pytest.mark.parametrize(("first", "second"), [({"Replaces": "b"}, {}), ({}, {"Replaces": "a (<< 2)"})])
def test_a_package_may_replace_anothers_file(merge, first, second):
    tree = merge(a=deb("a", file("./x", b"1"), **first), b=deb("b", file("./x", b"22"), **second))
    assert tree.owner("x") == ("a" if first else "b")


def test_packages_from_before_merged_usr_land_under_usr(merge):
    tree = merge(
        a=deb(
            "a",
            folder("./lib"),
            file("./lib/x/libc.so.6"),
            file("./sbin/ldconfig"),
            link("./lib64/ld.so.2", "/lib/x/ld.so"),
            link("./lib/y.so", "../usr/lib/x/y.so"),
        )
    )
    assert paths(tree) == ["usr/lib/x/libc.so.6", "usr/lib/y.so", "usr/lib64/ld.so.2", "usr/sbin/ldconfig"]
    assert tree.get("usr/lib/y.so").target == "/usr/lib/x/y.so"


@pytest.mark.parametrize("parent", [link("./usr/x", "/etc"), file("./usr/x")])
def test_nothing_may_lie_below_a_link_or_a_file(merge, parent):
    with pytest.raises(ArchiveError, match="b holds /usr/x/passwd below /usr/x, which a makes no folder"):
        merge(a=deb("a", parent), b=deb("b", file("./usr/x/passwd")))


def test_links_are_followed_inside_the_root_only(merge):
    tree = merge(
        a=deb(
            "a",
            link("./lib", "usr/lib"),
            file("./usr/lib/libz.so.1.3"),
            link("./usr/lib/libz.so.1", "libz.so.1.3"),
            link("./usr/lib/absolute", "/lib/libz.so.1"),
            link("./usr/lib/up", "../../../../lib/libz.so.1"),
            link("./usr/lib/loop", "loop"),
            link("./usr/lib/gone", "nothing"),
        )
    )
    for name in ("libz.so.1", "absolute", "up"):
        found = tree.resolve(f"usr/lib/{name}")
        assert found is not None
        assert found.path == "usr/lib/libz.so.1.3"
    assert tree.resolve("usr/lib/loop") is None
    assert tree.resolve("usr/lib/gone") is None
    assert tree.get("lib").kind is EntryKind.SYMLINK


@pytest.mark.parametrize(
    "path",
    [
        "usr/share/doc/x/changelog.Debian.gz",
        "usr/share/man",
        "usr/share/man/de/man1/x.1.gz",
        "usr/share/locale/de/LC_MESSAGES/x.mo",
        "usr/lib/python3.13/test/support/__init__.py",
        "usr/lib/python3.13/idlelib/x.py",
        "usr/lib/python3.13/lib-dynload/_testcapi.cpython-313-x86_64-linux-gnu.so",
        "usr/lib/python3.13/lib-dynload/_dbm.cpython-313-x86_64-linux-gnu.so",
        "usr/lib/x86_64-linux-gnu/libc.a",
        "usr/lib/x86_64-linux-gnu/gconv/IBM1390.so",
        "usr/share/zoneinfo/right/UTC",
        "usr/bin/localedef",
        "etc/init.d/x",
    ],
)
def test_dead_weight_is_left_out(path):
    assert not Selection(RELEASES["trixie"]).keeps(path)


@pytest.mark.parametrize(
    "path",
    [
        "usr/share/doc/x/copyright",
        "usr/share/doc/x",
        "usr/share/common-licenses/GPL-3",
        "usr/lib/python3.13/unittest/__init__.py",
        "usr/lib/python3.13/testing.py",
        "usr/lib/python3.13/lib-dynload/_ssl.cpython-313-x86_64-linux-gnu.so",
        "usr/lib/python3.11/test/x.py",
        "usr/lib/x86_64-linux-gnu/gconv/ISO8859-15.so",
        "usr/share/zoneinfo/Europe/Berlin",
        "usr/sbin/ldconfig",
        "usr/share/manual",
        "usr/share/ca-certificates/mozilla/A.crt",
    ],
)
def test_what_programs_and_scanners_need_is_kept(path):
    assert Selection(RELEASES["trixie"]).keeps(path)
