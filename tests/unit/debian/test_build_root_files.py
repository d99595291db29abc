import os
import stat

import pytest

from packer.debian.build_root_files import BuildSelection, shape, write_root
from packer.debian.releases import release_named
from packer.debian.rootfs import RootTree
from packer.errors import ArchiveError
from packer.oci.entry import Entry


def tree_of(*entries: Entry) -> RootTree:
    tree = RootTree()
    for entry in entries:
        tree.put(entry, "demo")
    return tree


@pytest.mark.parametrize(
    "path",
    [
        "usr/include/python3.13/Python.h",
        "usr/lib/x86_64-linux-gnu/libz.a",
        "usr/lib/x86_64-linux-gnu/pkgconfig/libpq.pc",
        "usr/lib/python3.13/config-3.13-x86_64-linux-gnu/Makefile",
        "usr/share/aclocal/pkg.m4",
    ],
)
def test_what_compilers_read_is_kept(path):
    assert BuildSelection(release_named("trixie")).keeps(path)


@pytest.mark.parametrize(
    "path", ["usr/share/doc/gcc/NEWS.gz", "usr/share/man/man1/gcc.1.gz", "usr/lib/python3.13/test"]
)
def test_what_only_people_read_is_left_out(path):
    assert not BuildSelection(release_named("trixie")).keeps(path)


def test_files_folders_and_links_are_written_with_plain_modes(tmp_path):
    old = os.umask(0o077)
    try:
        write_root(
            tree_of(
                Entry.directory("tmp", mode=0o1777),
                Entry.file("usr/bin/cc", b"x", mode=0o4755),
                Entry.file("etc/passwd", b"y", mode=0o600),
                Entry.symlink("bin", "usr/bin"),
            ),
            tmp_path / "root",
        )
    finally:
        os.umask(old)
    assert (tmp_path / "root" / "bin" / "cc").read_bytes() == b"x"
    assert stat.S_IMODE((tmp_path / "root" / "usr" / "bin" / "cc").stat().st_mode) == 0o755
    assert stat.S_IMODE((tmp_path / "root" / "etc" / "passwd").stat().st_mode) == 0o644


def test_nothing_is_written_through_a_link(tmp_path):
    outside = tmp_path / "outside"
    outside.mkdir()
    tree = tree_of(Entry.symlink("way", str(outside)), Entry.file("way/file", b"x"))
    with pytest.raises(ArchiveError, match="/way"):
        write_root(tree, tmp_path / "root")
    assert list(outside.iterdir()) == []


def test_the_shape_tells_names_modes_sizes_and_link_targets_apart(tmp_path):
    def shaped(name: str, *entries: Entry) -> str:
        write_root(tree_of(*entries), tmp_path / name)
        return shape(tmp_path / name)

    shapes = [
        shaped("a", Entry.file("x", b"1")),
        shaped("b", Entry.file("x", b"12")),
        shaped("c", Entry.file("y", b"1")),
        shaped("d", Entry.file("x", b"1", mode=0o755)),
        shaped("e", Entry.symlink("x", "1")),
        shaped("f", Entry.symlink("x", "2")),
        shaped("g", Entry.directory("x")),
    ]
    assert len(set(shapes)) == len(shapes)
    assert shaped("h", Entry.file("x", b"2")) == shapes[0]
