"""Folders appear whole, replace what was there before, and leave alone what somebody else made meanwhile."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from packer.oci.entry import Entry
from packer.system.folders import write_folder


def test_what_was_there_before_is_replaced(tmp_path: Path) -> None:
    write_folder([Entry.file("old", b"")], tmp_path / "made")
    write_folder([Entry.file("new", b"")], tmp_path / "made")

    assert [path.name for path in (tmp_path / "made").iterdir()] == ["new"]
    assert [path.name for path in tmp_path.iterdir()] == ["made"]


def test_what_another_process_made_meanwhile_stays(tmp_path: Path) -> None:
    def files() -> Iterator[Entry]:
        write_folder([Entry.file("program", b"theirs")], tmp_path / "made")
        yield Entry.file("program", b"ours")

    write_folder(files(), tmp_path / "made")

    assert (tmp_path / "made" / "program").read_bytes() == b"theirs"
    assert [path.name for path in tmp_path.iterdir()] == ["made"]


def test_nothing_appears_when_the_files_end_in_an_error(tmp_path: Path) -> None:
    def files() -> Iterator[Entry]:
        yield Entry.file("first", b"")
        raise ValueError

    with pytest.raises(ValueError, match=""):
        write_folder(files(), tmp_path / "made")

    assert list(tmp_path.iterdir()) == []
