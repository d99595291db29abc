from __future__ import annotations

import io
import tarfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from packer.errors import ArchiveError
from packer.oci.archive import tar_chunks
from packer.oci.entry import Content, Entry, EntryKind


def written(*entries: Entry, **options: int) -> bytes:
    return b"".join(tar_chunks(entries, **options))


def members(archive: bytes) -> dict[str, tarfile.TarInfo]:
    with tarfile.open(fileobj=io.BytesIO(archive)) as tar:
        return {member.name: member for member in tar.getmembers()}


def contents(archive: bytes, path: str) -> bytes:
    with tarfile.open(fileobj=io.BytesIO(archive)) as tar:
        extracted = tar.extractfile(path)
        assert extracted is not None
        return extracted.read()


def lazy(content: bytes, size: int | None = None) -> Content:
    return Content(len(content) if size is None else size, lambda: io.BytesIO(content))


def test_what_is_written_is_what_tarfile_reads() -> None:
    archive = written(
        Entry.file("app/main.py", b"app = 1", mode=0o755, uid=65532, gid=65532),
        Entry.symlink("app/.venv/bin/python", "/usr/bin/python3.13"),
        Entry.directory("tmp", mode=0o1777),
    )
    found = members(archive)
    assert contents(archive, "app/main.py") == b"app = 1"
    file, link, folder = found["app/main.py"], found["app/.venv/bin/python"], found["tmp"]
    assert (file.mode, file.uid, file.gid, file.uname, file.gname) == (0o755, 65532, 65532, "", "")
    assert (link.type, link.linkname) == (tarfile.SYMTYPE, "/usr/bin/python3.13")
    assert (folder.type, folder.mode) == (tarfile.DIRTYPE, 0o1777)
    assert {member.mtime for member in found.values()} == {1}


def test_parents_are_completed_and_come_first() -> None:
    archive = written(Entry.file("a/b/c", b""), Entry.file("a/b.txt", b""), Entry.directory("a/b", mode=0o700))
    with tarfile.open(fileobj=io.BytesIO(archive)) as tar:
        assert [(member.name, member.mode) for member in tar] == [
            ("a", 0o755),
            ("a/b", 0o700),
            ("a/b.txt", 0o644),
            ("a/b/c", 0o644),
        ]


def test_the_order_of_entries_and_their_form_in_memory_change_nothing() -> None:
    one = [Entry.file("x", b"12345"), Entry.file("a/y", b"6"), Entry.symlink("l", "x")]
    other = [Entry.symlink("l", "x"), Entry.file("a/y", lazy(b"6")), Entry.file("x", lazy(b"12345"))]
    assert written(*one) == written(*other)


def test_the_stream_is_whole_records_even_when_empty() -> None:
    assert written() == bytes(10_240)
    assert len(written(Entry.file("x", b"1" * 9_000))) % 10_240 == 0


def test_times_come_from_the_entry_or_the_argument() -> None:
    dated = Entry(path="b", kind=EntryKind.FILE, mode=0o644, mtime=1_700_000_000)
    found = members(written(Entry.file("a", b""), dated, mtime=7))
    assert (found["a"].mtime, found["b"].mtime) == (7, 1_700_000_000)


@pytest.mark.parametrize(
    "path",
    [
        "a" * 100,
        "a" * 101,
        "d" * 155 + "/" + "f" * 100,
        "d" * 156 + "/" + "f" * 100,
        "d/" * 120 + "file",
        "d" * 40 + "/" + "f" * 200,
        "grüße/naïve.py",
        "ü" * 60,
    ],
)
def test_long_and_foreign_names_survive(path: str) -> None:
    archive = written(Entry.file(path, b"x"), Entry.symlink("link", path))
    assert contents(archive, path) == b"x"
    assert members(archive)["link"].linkname == path


def test_a_name_that_fits_ustar_needs_no_extended_header() -> None:
    assert b"PaxHeaders" not in written(Entry.file("d" * 60 + "/" + "f" * 60, b""))
    assert b"PaxHeaders" in written(Entry.file("ü", b""))


def test_numbers_beyond_ustar_survive() -> None:
    huge = Entry(
        path="huge", kind=EntryKind.FILE, mode=0o644, uid=3_000_000, gid=2**31, mtime=-5, content=lazy(b"", 9 << 30)
    )
    headers = next(tar_chunks([huge]))
    found = tarfile.TarFile(fileobj=io.BytesIO(headers)).firstmember
    assert found is not None
    assert (found.size, found.uid, found.gid, found.mtime) == (9 << 30, 3_000_000, 2**31, -5)


@given(st.dictionaries(st.text(st.characters(exclude_characters="/\0", exclude_categories=["Cs"]), min_size=1)
                       .filter(lambda name: name not in (".", "..") and not name.startswith(".wh.")),
                       st.binary(max_size=1500), max_size=8))  # fmt: skip
def test_any_file_survives_a_round_trip(files: dict[str, bytes]) -> None:
    archive = written(*(Entry.file(f"base/{name}", content) for name, content in files.items()))
    with tarfile.open(fileobj=io.BytesIO(archive)) as tar:
        found = {m.name: tar.extractfile(m).read() for m in tar if m.isfile()}  # type: ignore[union-attr]
    assert found == {f"base/{name}": content for name, content in files.items()}


@pytest.mark.parametrize(
    "path",
    ["", ".", "/etc/passwd", "../x", "a/../b", "a//b", "a/./b", "a/", "a\0b", "a/..", ".wh.x", "a/.wh..wh..opq"],
)
def test_paths_that_could_do_harm_are_refused(path: str) -> None:
    with pytest.raises(ArchiveError, match="cannot hold"):
        written(Entry.file(path, b""))


def test_a_name_that_is_not_text_is_refused() -> None:
    with pytest.raises(ArchiveError, match="not UTF-8"):
        written(Entry.file("caf\udce9", b""))


@pytest.mark.parametrize("target", ["", "a\0b"])
def test_a_link_to_nothing_is_refused(target: str) -> None:
    with pytest.raises(ArchiveError, match="link"):
        written(Entry.symlink("l", target))


def test_two_entries_of_one_path_are_refused_and_both_described() -> None:
    with pytest.raises(ArchiveError, match=r"'a/x' is there twice: a file of 3 bytes and a link to 'y'"):
        written(Entry.file("a/x", b"123"), Entry.symlink("a/x", "y"))


def test_equal_directories_are_one_and_unequal_ones_are_refused() -> None:
    assert list(members(written(Entry.directory("a"), Entry.directory("a")))) == ["a"]
    with pytest.raises(ArchiveError, match="mode 755 and a directory with mode 700"):
        written(Entry.directory("a"), Entry.directory("a", mode=0o700))


@pytest.mark.parametrize("blocker", [Entry.file("a/b", b"1"), Entry.symlink("a/b", "c")])
def test_an_entry_below_something_that_is_no_directory_is_refused(blocker: Entry) -> None:
    with pytest.raises(ArchiveError, match=r"'a/b/c/d' lies below 'a/b', which is a (file|link)"):
        written(Entry.file("a/b/c/d", b""), blocker)


@pytest.mark.parametrize(("size", "word"), [(2, "longer"), (4, "shorter")])
def test_a_content_that_changed_while_it_was_read_is_refused(size: int, word: str) -> None:
    with pytest.raises(ArchiveError, match=f"'x' is {word} than the {size} bytes"):
        written(Entry.file("x", lazy(b"123", size)))


class Zeros(io.RawIOBase):
    """A long file that takes no room."""

    def __init__(self, size: int) -> None:
        super().__init__()
        self._rest = size

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: bytearray, /) -> int:  # type: ignore[override]
        count = min(len(buffer), self._rest)
        self._rest -= count
        return count


def test_large_contents_are_streamed() -> None:
    size = 64 << 20
    content = Content(size, lambda: io.BufferedReader(Zeros(size)))
    assert max(len(chunk) for chunk in tar_chunks([Entry.file("big", content)])) <= 1 << 20
