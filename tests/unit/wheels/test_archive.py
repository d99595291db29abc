import io
import struct
import zipfile
from pathlib import Path

import pytest

from packer.errors import ArchiveError
from packer.wheels.archive import Member, WheelArchive


def written(
    tmp_path: Path, *members: tuple[str, bytes], attr: int = 0o100644 << 16, method=zipfile.ZIP_DEFLATED
) -> Path:
    path = tmp_path / "hostile.whl"
    with zipfile.ZipFile(path, "w", method) as archive:
        for name, content in members:
            info = zipfile.ZipInfo(name)
            info.external_attr = attr
            info.compress_type = method
            archive.writestr(info, content)
    return path


def test_members_are_read_as_they_are(opened):
    archive = opened({"demo/__init__.py": b"x = 1\n", "demo/big.bin": b"abc" * 1_000_000})

    assert archive.read(archive.members["demo/__init__.py"]) == b"x = 1\n"
    with archive.open(archive.members["demo/big.bin"]) as stream:
        assert stream.read(5) == b"abcab"
        assert stream.read() == (b"abc" * 1_000_000)[5:]


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
def test_large_members_come_in_pieces_whatever_their_packing(tmp_path, method):
    content = bytes(range(256)) * 8_000
    path = written(tmp_path, ("a.bin", content), method=method)
    archive = WheelArchive(path, path.name)

    with archive.open(archive.members["a.bin"]) as stream:
        assert b"".join(iter(lambda: stream.read(70_001), b"")) == content


def test_directories_are_not_members(tmp_path):
    path = written(tmp_path, ("pkg/", b""), ("pkg/a.py", b""))

    assert list(WheelArchive(path, path.name).members) == ["pkg/a.py"]


def test_executables_are_known(opened):
    archive = opened({"demo/run": b"#!", "demo/data": b""}, executable=("demo/run",))

    assert archive.members["demo/run"].executable
    assert not archive.members["demo/data"].executable


@pytest.mark.parametrize(
    "name",
    ["/etc/passwd", "../x.py", "a/../../x.py", "a/./x.py", "a//x.py", "a\\x.py", "x" * 300 + ".py", "a/" * 2500 + "x"],
)
def test_paths_that_leave_their_place_are_refused(tmp_path, name):
    path = written(tmp_path, (name, b""))

    with pytest.raises(ArchiveError, match=r"path that leaves|too long"):
        WheelArchive(path, path.name)


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_duplicate_names_are_refused(tmp_path):
    path = written(tmp_path, ("a.py", b"1"), ("a.py", b"2"))

    with pytest.raises(ArchiveError, match=r"holds 'a\.py' twice"):
        WheelArchive(path, path.name)


def test_names_that_differ_in_case_only_are_refused(tmp_path):
    path = written(tmp_path, ("pkg/Readme", b"1"), ("pkg/README", b"2"))

    with pytest.raises(ArchiveError, match="differ in case only"):
        WheelArchive(path, path.name)


def test_links_are_refused(tmp_path):
    path = written(tmp_path, ("a.py", b"/etc/passwd"), attr=0o120777 << 16)

    with pytest.raises(ArchiveError, match="a link or a special file"):
        WheelArchive(path, path.name)


def test_a_bomb_is_refused_before_it_is_unpacked(tmp_path):
    path = written(tmp_path, ("a.bin", b"\0" * 68_000_000))

    with pytest.raises(ArchiveError, match="zip bomb"):
        WheelArchive(path, path.name)


def test_overlapping_members_are_refused(tmp_path):
    path = written(tmp_path, ("a.bin", b"a" * 100), ("b.bin", b"a" * 100))
    raw = bytearray(path.read_bytes())
    second = raw.rindex(b"PK\1\2")
    struct.pack_into("<I", raw, second + 42, 0)
    path.write_bytes(raw)

    with pytest.raises(ArchiveError, match="overlap"):
        WheelArchive(path, path.name)


def test_a_huge_directory_is_not_read(tmp_path):
    path = written(tmp_path, ("a.py", b""))
    raw = bytearray(path.read_bytes())
    struct.pack_into("<I", raw, raw.rindex(b"PK\5\6") + 12, 100_000_000)
    path.write_bytes(raw)

    with pytest.raises(ArchiveError, match="directory of 100000000 bytes"):
        WheelArchive(path, path.name)


@pytest.mark.parametrize("content", [b"", b"not a zip", b"PK\5\6", b"PK\5\6" + b"\0" * 18 + b"x"])
def test_what_is_no_archive_is_named(tmp_path, content):
    path = tmp_path / "x.whl"
    path.write_bytes(content)

    if content.startswith(b"PK\5\6\0"):
        assert WheelArchive(path, "x.whl").members == {}
        return
    with pytest.raises(ArchiveError, match=r"x\.whl is not a readable wheel"):
        WheelArchive(path, "x.whl")


@pytest.mark.parametrize("cut", [0.3, 0.6, 0.95])
def test_a_truncated_wheel_is_named(make_wheel, cut):
    path = make_wheel({"a.py": b"x" * 5000, "b.bin": b"y" * 600_000})
    raw = path.read_bytes()
    path.write_bytes(raw[: int(len(raw) * cut)])

    with pytest.raises(ArchiveError, match="not a readable wheel"):
        WheelArchive(path, path.name)


@pytest.mark.parametrize("size", [1_000, 1_000_000], ids=["whole", "stream"])
def test_content_that_is_not_what_was_promised_is_found(tmp_path, size):
    path = written(tmp_path, ("a.bin", b"x" * size))
    archive = WheelArchive(path, path.name)
    known = archive.members["a.bin"]
    member = Member(**{**{f: getattr(known, f) for f in known.__slots__}, "digest": ("sha256", "AAAA")})

    with pytest.raises(ArchiveError, match="another hash than its RECORD"):
        archive.open(member).read()


@pytest.mark.parametrize("size", [1_000, 1_000_000], ids=["whole", "stream"])
@pytest.mark.parametrize("claimed", [-1, 1])
def test_a_size_that_is_not_true_is_found(tmp_path, size, claimed):
    path = written(tmp_path, ("a.bin", b"x" * size))
    archive = WheelArchive(path, path.name)
    known = archive.members["a.bin"]
    member = Member(**{**{f: getattr(known, f) for f in known.__slots__}, "size": size + claimed})

    with pytest.raises(ArchiveError, match="another size"):
        archive.open(member).read()


@pytest.mark.parametrize("size", [1_000, 3_000_000], ids=["whole", "stream"])
def test_damaged_compression_is_found(make_wheel, size):
    path = make_wheel({"a.bin": bytes(range(251)) * (size // 251)}, compression=zipfile.ZIP_DEFLATED)
    raw = bytearray(path.read_bytes())
    raw[60:90] = b"\xff" * 30
    path.write_bytes(raw)
    archive = WheelArchive(path, path.name)

    with pytest.raises(ArchiveError, match=r"a\.bin"):
        archive.open(archive.members["a.bin"]).read()


def test_a_wheel_that_is_replaced_under_our_hands_is_found(make_wheel):
    path = make_wheel({"a.py": b"x = 1"})
    archive = WheelArchive(path, path.name)
    path.write_bytes(b"\0" * 5000)

    with pytest.raises(ArchiveError, match="no header"):
        archive.read(archive.members["a.py"])


def test_a_long_extra_field_is_skipped(tmp_path):
    path = tmp_path / "x.whl"
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        info = zipfile.ZipInfo("a.py")
        info.extra = struct.pack("<HH", 0xCAFE, 2_000) + b"\0" * 2_000
        archive.writestr(info, b"content")
    path.write_bytes(stream.getvalue())
    archive = WheelArchive(path, "x.whl")

    assert archive.read(archive.members["a.py"]) == b"content"
