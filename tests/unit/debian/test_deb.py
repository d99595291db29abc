from __future__ import annotations

import io
import lzma
import tarfile

import pytest

from packer.debian.deb import read_deb
from packer.errors import ArchiveError
from packer.oci.entry import Content, EntryKind
from tests.unit.debian.maker import ar, control, deb, file, folder, link, special, tar


@pytest.fixture
def read(tmp_path):
    def read(content: bytes):
        path = tmp_path / "x.deb"
        path.write_bytes(content)
        return read_deb(path, scratch=tmp_path)

    return read


def text_of(entry) -> bytes:
    assert isinstance(entry.content, Content)
    with entry.content.open() as stream:
        return stream.read()


@pytest.mark.parametrize("suffix", ["", ".gz", ".xz"])
def test_a_package_is_read_in_every_compression(read, suffix):
    package = read(deb("hello", folder("./usr/"), file("./usr/hi", b"hi!", 0o755), suffix=suffix, script="exit 0"))
    assert package.control["package"] == "hello"
    assert package.checksums == b"00  x\n"
    assert package.script == "exit 0"
    assert [(entry.path, entry.kind, entry.mode) for entry in package.entries] == [
        ("usr", EntryKind.DIRECTORY, 0o755),
        ("usr/hi", EntryKind.FILE, 0o755),
    ]
    assert text_of(package.entries[1]) == b"hi!"


def test_contents_can_be_read_again_and_in_any_order(read):
    big = bytes(range(256)) * 4096
    package = read(deb("x", file("./a", big), file("./b", b"b"), Installed_Size="2000"))
    first, second = package.entries
    assert (text_of(second), text_of(first), text_of(first)) == (b"b", big, big)


def test_everything_belongs_to_root_and_nothing_is_set_user_id(read):
    member = file("./usr/bin/su", b"x", 0o4755)
    member[0].uid = member[0].gid = 42
    (entry,) = read(deb("x", member)).entries
    assert (entry.uid, entry.gid, entry.mode) == (0, 0, 0o755)


def test_the_sticky_bit_stays(read):
    (entry,) = read(deb("x", folder("./tmp", 0o1777))).entries
    assert entry.mode == 0o1777


def test_a_hard_link_is_a_copy(read):
    package = read(deb("x", file("./a", b"same"), link("./b", "./a", hard=True)))
    assert text_of(package.entries[1]) == b"same"


def test_links_keep_their_target_verbatim(read):
    (entry,) = read(deb("x", link("./etc/localtime", "/usr/share/zoneinfo/Etc/UTC"))).entries
    assert (entry.kind, entry.target) == (EntryKind.SYMLINK, "/usr/share/zoneinfo/Etc/UTC")


def with_data(data: bytes, name: str = "data.tar") -> bytes:
    return ar(("debian-binary", b"2.0\n"), ("control.tar", tar(file("control", control("x")))), (name, data))


GOOD = deb("x", file("./a"))


@pytest.mark.parametrize(
    ("content", "says"),
    [
        pytest.param(b"", "not an ar archive", id="empty"),
        pytest.param(b"PK\x03\x04" + bytes(200), "not an ar archive", id="zip"),
        pytest.param(GOOD[:40], "header is damaged", id="cut-in-a-header"),
        pytest.param(GOOD[:-30], "cut short", id="cut-in-data"),
        pytest.param(ar(("data.tar", tar(file("a")))), "does not begin with debian-binary", id="no-marker"),
        pytest.param(ar(("debian-binary", b"2.0\n")), "no control.tar", id="no-control"),
        pytest.param(
            ar(("debian-binary", b"2.0\n"), ("control.tar", tar(file("control")))), "no data.tar", id="no-data"
        ),
        pytest.param(
            ar(("debian-binary", b"2.0\n"), ("control.tar", tar(file("x"))), ("data.tar", tar())),
            "no control file",
            id="no-control-file",
        ),
        pytest.param(with_data(b"x", "data.tar.lz4"), "does not know", id="unknown-compression"),
        pytest.param(with_data(b"garbage" * 9, "data.tar.xz"), "data is damaged", id="damaged-xz"),
        pytest.param(with_data(lzma.compress(tar(file("a")))[:-20], "data.tar.xz"), "cut short", id="truncated-xz"),
        pytest.param(with_data(b"x" * 600), "cannot be read", id="not-a-tar"),
        pytest.param(deb("x", file("../evil")), "leaves the root", id="dots"),
        pytest.param(deb("x", file("./usr/../../evil")), "leaves the root", id="inner-dots"),
        pytest.param(deb("x", file("/etc/evil")), "unsafe path", id="absolute"),
        pytest.param(deb("x", link("./a", "../../etc/passwd", hard=True)), "leaves the root", id="hard-link-out"),
        pytest.param(deb("x", link("./a", "./later", hard=True)), "does not have before it", id="hard-link-nowhere"),
        pytest.param(deb("x", special("./dev/sda", tarfile.BLKTYPE)), "a device", id="device"),
        pytest.param(deb("x", special("./pipe", tarfile.FIFOTYPE)), "a device", id="pipe"),
    ],
)
def test_what_is_broken_or_hostile_is_refused(read, content, says):
    with pytest.raises(ArchiveError, match=says) as caught:
        read(content)
    assert caught.value.where == "x.deb"


def test_a_bomb_is_stopped_and_leaves_no_file_behind(read, tmp_path):
    with pytest.raises(ArchiveError, match="far more than it says"):
        read(deb("x", file("./zeros", bytes(20 << 20)), suffix=".gz"))
    assert [path.name for path in tmp_path.iterdir()] == ["x.deb"]


def test_zstd_without_support_says_what_to_do(read):
    try:
        from compression import zstd  # noqa: F401, PLC0415
    except ImportError:
        with pytest.raises(ArchiveError, match="zstd") as caught:
            read(with_data(b"(\xb5/\xfd", "data.tar.zst"))
        assert "3.14" in (caught.value.hint or "")


def test_a_window_seeks_like_a_file(read):
    (entry,) = read(deb("x", file("./a", b"0123456789"))).entries
    assert isinstance(entry.content, Content)
    with entry.content.open() as stream:
        stream.seek(-3, io.SEEK_END)
        assert stream.read() == b"789"
        stream.seek(2)
        assert stream.read(2) == b"23"
