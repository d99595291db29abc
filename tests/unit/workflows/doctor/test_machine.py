"""What is said of this machine."""

from __future__ import annotations

from pathlib import Path

import pytest

from packer.workflows.doctor.machine import git_is_here, namespaces_work, pack_is_this_one, room_at, room_is_enough
from packer.workflows.doctor.ports import a_port_is_free

GIB = 1 << 30


@pytest.mark.parametrize(
    ("free", "state"), [(4 * GIB, "ok"), (4 * GIB - 1, "warning"), (GIB, "warning"), (GIB - 1, "broken")]
)
def test_how_much_room_there_is(free: int, state: str) -> None:
    found = room_is_enough("disk", Path("/x"), free)

    assert found is not None
    assert found.state == state


def test_the_room_of_a_folder_that_is_not_there_is_that_of_its_parent(tmp_path: Path) -> None:
    assert room_at(tmp_path / "a" / "b") is not None
    assert room_is_enough("disk", tmp_path, None) is None


def program(folder: Path, name: str, text: bytes) -> str:
    folder.mkdir()
    (folder / name).write_bytes(text)
    (folder / name).chmod(0o755)
    return str(folder)


def test_another_program_called_pack_is_told_of(tmp_path: Path) -> None:
    own = program(tmp_path / "own", "pack", b"#!/usr/bin/python3\nfrom packer.cli.main import main\n")
    other = program(tmp_path / "other", "pack", b"\x7fELF\x02packer")

    assert pack_is_this_one({"PATH": own}) is None
    assert pack_is_this_one({}) is None
    first = pack_is_this_one({"PATH": f"{other}:{own}"})
    behind = pack_is_this_one({"PATH": f"{own}:{other}"})
    assert first is not None
    assert (first.state, first.what) == (
        "warning",
        f"{other}/pack is another program of this name, and the one that a shell starts",
    )
    assert behind is not None
    assert (behind.state, behind.fix) == ("note", None)


def test_git_is_missed(tmp_path: Path) -> None:
    assert git_is_here({"PATH": program(tmp_path / "bin", "git", b"#!/bin/sh\n")}).state == "ok"
    assert git_is_here({"PATH": str(tmp_path)}).state == "warning"


def test_namespaces_are_tried_and_a_refusal_is_no_failure() -> None:
    found = namespaces_work()

    assert found.state == "ok" or (found.state == "warning" and found.fix)


@pytest.mark.parametrize(
    ("own", "taken", "state", "what"),
    [
        (None, set(), "ok", "8080 is free"),
        (None, {8080, 8081}, "note", "another program uses 8080; pack up takes 8082"),
        (None, {8080, 8081, 8082}, "broken", "all ports from 8080 to 8082 are in use"),
        (8081, {8080, 8081, 8082}, "ok", "the stack is running, at http://127.0.0.1:8081"),
    ],
)
def test_ports_that_others_have(own: int | None, taken: set[int], state: str, what: str) -> None:
    found = a_port_is_free(own, first=8080, count=3, is_free=lambda port: port not in taken)

    assert (found.state, found.what) == (state, what)
