import pytest

from packer.errors import ArchiveError
from packer.oci.entry import Entry
from packer.system.folders import write_folder


def test_files_keep_only_their_permission_to_be_run(tmp_path):
    write_folder(
        [Entry.file("bin/run", b"1", mode=0o4711), Entry.file("a/b/text", b"2", mode=0o600)], tmp_path / "made"
    )

    assert (tmp_path / "made/bin/run").stat().st_mode & 0o7777 == 0o755
    assert (tmp_path / "made/a/b/text").stat().st_mode & 0o7777 == 0o644


def test_what_was_there_is_replaced(tmp_path):
    (tmp_path / "made/old").mkdir(parents=True)
    write_folder([Entry.file("new", b"")], tmp_path / "made")

    assert [path.name for path in (tmp_path / "made").iterdir()] == ["new"]


def test_nothing_is_left_of_a_folder_that_was_not_finished(tmp_path):
    def files():
        yield Entry.file("first", b"")
        raise ArchiveError("the rest is broken")

    with pytest.raises(ArchiveError):
        write_folder(files(), tmp_path / "made")

    assert list(tmp_path.iterdir()) == []


def test_what_another_process_made_meanwhile_stays(tmp_path):
    def files():
        write_folder([Entry.file("program", b"theirs")], tmp_path / "made")
        yield Entry.file("program", b"ours")

    write_folder(files(), tmp_path / "made")

    assert (tmp_path / "made" / "program").read_bytes() == b"theirs"
    assert [path.name for path in tmp_path.iterdir()] == ["made"]
