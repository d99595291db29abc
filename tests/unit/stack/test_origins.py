"""Stacks that have a name in common are not taken for one."""

from __future__ import annotations

from pathlib import Path

import pytest

from packer.errors import EngineError
from packer.stack.identity import StackIdentity
from packer.stack.origins import Origin, refuse_strangers


def origin(folder: Path, *files: str) -> Origin:
    return Origin(folder=str(folder), files=tuple(str(folder / name) for name in files))


def test_own_containers_are_no_strangers(tmp_path: Path) -> None:
    identity = StackIdentity(name="shop", folder=str(tmp_path))

    refuse_strangers([origin(tmp_path, "compose.yaml")], identity, foreign=None)
    refuse_strangers([origin(tmp_path, "elsewhere.yaml")], identity, foreign=tmp_path / "compose.yaml")


def test_another_folder_keeps_its_containers(tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.mkdir()
    identity = StackIdentity(name="shop", folder=str(tmp_path))

    with pytest.raises(EngineError, match="the stack shop are those of another folder") as caught:
        refuse_strangers([origin(other)], identity, foreign=None)

    assert caught.value.where == str(other)
    assert caught.value.hint is not None
    assert "COMPOSE_PROJECT_NAME" in caught.value.hint


def test_a_project_that_was_moved_finds_its_containers(tmp_path: Path) -> None:
    refuse_strangers([origin(tmp_path / "gone")], StackIdentity(name="shop", folder=str(tmp_path)), foreign=None)


def test_containers_of_the_users_own_compose_file_are_left_alone(tmp_path: Path) -> None:
    identity = StackIdentity(name="shop", folder=str(tmp_path))

    with pytest.raises(EngineError, match=r"started from compose\.yaml, which is not pack's"):
        refuse_strangers([origin(tmp_path, "compose.yaml")], identity, foreign=tmp_path / "compose.yaml")
