from __future__ import annotations

import errno
import threading
from pathlib import Path

import pytest

from packer.errors import BuildError, TransientError
from packer.system.files import disk_errors, file_lock, replacing, unfinished_file, write_atomically


def test_a_written_file_is_whole_and_alone(tmp_path: Path) -> None:
    target = tmp_path / "new" / "folder" / "file"
    write_atomically(target, b"content", durable=True)
    assert target.read_bytes() == b"content"
    assert list(target.parent.iterdir()) == [target]


def test_a_reader_sees_the_old_file_until_the_new_one_is_whole(tmp_path: Path) -> None:
    target = tmp_path / "file"
    target.write_bytes(b"old")
    with replacing(target, scratch=tmp_path / "tmp") as stream:
        stream.write(b"new")
        assert target.read_bytes() == b"old"
    assert target.read_bytes() == b"new"


def test_a_failure_leaves_the_old_file_and_nothing_else(tmp_path: Path) -> None:
    target = tmp_path / "file"
    target.write_bytes(b"old")
    with pytest.raises(TypeError), replacing(target) as stream:
        stream.writelines([b"half", None])
    assert [(path.name, path.read_bytes()) for path in tmp_path.iterdir()] == [("file", b"old")]


def test_a_full_disk_is_a_clear_error_and_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(BuildError, match="the disk is full"), replacing(tmp_path / "file"):
        raise OSError(errno.ENOSPC, "No space left on device")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no /dev/full")
def test_a_disk_that_is_found_full_when_the_file_is_closed() -> None:
    with (
        pytest.raises(BuildError, match="the disk is full"),
        disk_errors(Path("x"), only_full=True),
        Path("/dev/full").open("wb") as stream,
    ):
        stream.write(b"x")


def test_an_error_of_the_source_is_not_blamed_on_the_target(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError), replacing(tmp_path / "file"):
        (tmp_path / "source").read_bytes()


def test_a_place_that_cannot_be_written_is_a_build_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(BuildError, match="cannot write"):
        write_atomically(tmp_path / "file" / "below", b"")


def test_an_unfinished_file_that_becomes_nothing_is_removed(tmp_path: Path) -> None:
    with unfinished_file(tmp_path) as file:
        file.stream.write(b"x")
        assert len(list(tmp_path.iterdir())) == 1
    assert list(tmp_path.iterdir()) == []


def test_a_lock_keeps_others_out_until_it_is_free(tmp_path: Path) -> None:
    lock, waited, order = tmp_path / "lock", threading.Event(), []

    def second() -> None:
        with file_lock(lock, what="the store", sleep=lambda _: waited.set()):
            order.append("second")

    with file_lock(lock, what="the store"):
        thread = threading.Thread(target=second)
        thread.start()
        assert waited.wait(10)
        order.append("first")
    thread.join()
    assert order == ["first", "second"]


def test_a_lock_that_is_never_free_is_a_transient_error(tmp_path: Path) -> None:
    clock = iter(range(100))
    with file_lock(tmp_path / "lock", what="the store"):
        other = file_lock(
            tmp_path / "lock", what="the store", timeout=3, sleep=lambda _: None, clock=lambda: next(clock)
        )
        with pytest.raises(TransientError, match="using the store"), other:
            pytest.fail("the lock was given twice")
