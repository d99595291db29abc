import os

from packer.build.compilation.foreign_files import open_foreign, read_foreign, remove_foreign


def test_a_regular_file_is_read(tmp_path):
    (tmp_path / "answer.json").write_bytes(b"{}")
    assert read_foreign(tmp_path / "answer.json", limit=10) == b"{}"


def test_more_than_the_limit_is_nothing(tmp_path):
    (tmp_path / "answer.json").write_bytes(bytes(11))
    assert read_foreign(tmp_path / "answer.json", limit=10) is None


def test_links_pipes_and_folders_are_not_opened(tmp_path):
    (tmp_path / "secret").write_bytes(b"secret")
    (tmp_path / "link").symlink_to(tmp_path / "secret")
    (tmp_path / "folder").mkdir()
    os.mkfifo(tmp_path / "pipe")
    assert [open_foreign(tmp_path / name) for name in ("link", "folder", "pipe", "missing", "nul\0")] == [None] * 5


def test_a_folder_that_forbids_it_is_removed_and_links_in_it_are_not_followed(tmp_path):
    kept = tmp_path / "kept"
    kept.mkdir(mode=0o500)
    scratch = tmp_path / "scratch"
    (scratch / "locked" / "deep").mkdir(parents=True)
    (scratch / "way").symlink_to(kept)
    (scratch / "locked").chmod(0)
    remove_foreign(scratch)
    assert not scratch.exists()
    assert kept.stat().st_mode & 0o777 == 0o500
