import gzip
import io
import tarfile
import zipfile
from pathlib import Path

import pytest

from packer.errors import ArchiveError
from packer.wheels import source_archive
from packer.wheels.source_archive import unpack_source


def tar_of(folder: Path, *members, mode: str = "w:gz") -> Path:
    """An archive of members: a name and its content, or a TarInfo."""
    path = folder / "demo-1.0.tar.gz"
    with tarfile.open(path, mode) as tar:
        for member in members:
            if isinstance(member, tarfile.TarInfo):
                tar.addfile(member)
            else:
                name, content = member
                info = tarfile.TarInfo(name)
                info.size = len(content)
                tar.addfile(info, io.BytesIO(content))
    return path


def link(name: str, target: str, kind: bytes = tarfile.SYMTYPE) -> tarfile.TarInfo:
    info = tarfile.TarInfo(name)
    info.type, info.linkname = kind, target
    return info


@pytest.fixture
def place(tmp_path: Path) -> Path:
    folder = tmp_path / "outer" / "inner"
    folder.mkdir(parents=True)
    return folder


@pytest.mark.parametrize("mode", ["w", "w:gz", "w:bz2", "w:xz"])
def test_every_usual_compression_is_unpacked(tmp_path, place, mode):
    archive = tar_of(tmp_path, ("demo-1.0/setup.py", b"setup()"), mode=mode)
    unpack_source(archive, place, label="demo")
    assert (place / "demo-1.0" / "setup.py").read_bytes() == b"setup()"


def test_a_zip_is_unpacked_with_its_executables(tmp_path, place):
    archive = tmp_path / "demo.zip"
    with zipfile.ZipFile(archive, "w") as file:
        info = zipfile.ZipInfo("demo/configure")
        info.external_attr = 0o100755 << 16
        file.writestr(info, "#!/bin/sh\n")
    unpack_source(archive, place, label="demo")
    assert (place / "demo" / "configure").stat().st_mode & 0o777 == 0o755


def test_links_inside_are_kept_and_hard_links_become_copies(tmp_path, place):
    archive = tar_of(
        tmp_path,
        ("demo/src/a.c", b"int a;"),
        link("demo/lib/a.c", "../src/a.c"),
        link("demo/b.c", "demo/src/a.c", tarfile.LNKTYPE),
    )
    unpack_source(archive, place, label="demo")
    assert (place / "demo" / "lib" / "a.c").read_bytes() == b"int a;"
    assert (place / "demo" / "b.c").stat().st_nlink == 1


@pytest.mark.parametrize(
    "members",
    [
        [("../evil", b"x")],
        [("/evil", b"x")],
        [("demo/../../evil", b"x")],
        [link("demo/way", "/etc/passwd")],
        [link("demo/way", "../../evil")],
        [link("way", "..")],
        [link("demo/a", ".."), link("demo/b", "a/../..")],
        [link("demo/a", "."), ("demo/a/evil", b"x")],
        [("demo/a", b"x"), ("demo/a/evil", b"x")],
        [link("demo/b", "demo/missing", tarfile.LNKTYPE)],
        [link("demo/b", "../../etc/passwd", tarfile.LNKTYPE)],
        [link("demo/pipe", "", tarfile.FIFOTYPE)],
        [link("demo/device", "", tarfile.CHRTYPE)],
    ],
    ids=lambda members: " ".join(member[0] if isinstance(member, tuple) else member.name for member in members),
)
def test_what_leaves_the_folder_or_is_no_file_is_refused(tmp_path, place, members):
    archive = tar_of(tmp_path, *members)
    with pytest.raises(ArchiveError):
        unpack_source(archive, place, label="demo")
    assert [path.name for path in place.parent.iterdir()] == ["inner"]
    assert not (tmp_path / "evil").exists()


def test_a_bomb_of_many_members_is_refused(tmp_path, place, monkeypatch):
    monkeypatch.setattr(source_archive, "_MAX_MEMBERS", 10)
    archive = tar_of(tmp_path, *((f"demo/{number}", b"") for number in range(20)))
    with pytest.raises(ArchiveError, match="more than 10 files"):
        unpack_source(archive, place, label="demo")


def test_a_bomb_of_many_bytes_is_refused_before_they_are_written(tmp_path, place, monkeypatch):
    monkeypatch.setattr(source_archive, "_MAX_UNPACKED", 1000)
    archive = tar_of(tmp_path, ("demo/zeros", bytes(100_000)))
    with pytest.raises(ArchiveError):
        unpack_source(archive, place, label="demo")
    assert not (place / "demo" / "zeros").exists()


def test_an_extended_header_that_asks_for_much_memory_is_refused(tmp_path, place):
    info = link("demo/x", "", tarfile.XHDTYPE)
    info.size = 1 << 30
    (tmp_path / "demo.tar.gz").write_bytes(gzip.compress(info.tobuf() + bytes(2048)))
    with pytest.raises(ArchiveError, match="header"):
        unpack_source(tmp_path / "demo.tar.gz", place, label="demo")


@pytest.mark.parametrize(
    "content",
    [b"", b"no archive", b"PK\x03\x04broken", gzip.compress(b"x" * 2000, mtime=0)[:-9]],
    ids=["empty", "text", "broken zip", "cut gzip"],
)
def test_what_is_no_archive_is_refused_by_name(tmp_path, place, content):
    (tmp_path / "demo-1.0.tar.gz").write_bytes(content)
    with pytest.raises(ArchiveError) as caught:
        unpack_source(tmp_path / "demo-1.0.tar.gz", place, label="demo-1.0.tar.gz")
    assert caught.value.where == "demo-1.0.tar.gz"


def test_an_archive_that_is_cut_short_is_refused(tmp_path, place):
    archive = tar_of(tmp_path, ("demo/data", bytes(range(256)) * 4000))
    archive.write_bytes(archive.read_bytes()[:2000])
    with pytest.raises(ArchiveError):
        unpack_source(archive, place, label="demo")
