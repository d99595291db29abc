"""What becomes of generated files in a project: their user's changes are never lost."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path

import pytest

from packer.errors import ProjectError
from packer.render.rendered import written_file
from packer.system.generated import MEMORY, generated_paths, own_rules, read_memory
from packer.workflows.owned_files import compare, difference, write
from packer.workflows.reconciliation import Reconciled

OLD = "one\ntwo\nthree\nfour\nfive\n"
NEW = OLD.replace("five", "5")
GIT = pytest.mark.skipif(not shutil.which("git"), reason="merging needs git")


def run(
    root: Path, texts: dict[str, str], *, complete: bool = True, force: bool = False, path: str | None = None
) -> tuple[tuple[Reconciled, ...], tuple[str, ...]]:
    files = [written_file(name, text) for name, text in texts.items()]
    search_path = os.environ.get("PATH", "") if path is None else path
    results = compare(root, files, complete=complete, force=force, search_path=search_path)
    return results, write(root, results)


def action(root: Path, text: str, **options: object) -> str:
    ((result,), _) = run(root, {"Dockerfile": text}, **options)
    return result.action


def content(root: Path, name: str = "Dockerfile") -> str:
    return (root / name).read_text(encoding="utf-8")


def test_a_new_file_is_written_and_remembered(tmp_path: Path) -> None:
    assert action(tmp_path, OLD) == "created"
    assert content(tmp_path) == OLD
    assert read_memory(tmp_path).text("Dockerfile") == OLD
    assert action(tmp_path, OLD) == "unchanged"


def test_a_file_that_nobody_changed_is_replaced(tmp_path: Path) -> None:
    run(tmp_path, {"Dockerfile": OLD})

    assert action(tmp_path, NEW) == "updated"
    assert content(tmp_path) == NEW
    assert not (tmp_path / "Dockerfile.orig").exists()


@GIT
def test_what_the_user_changed_is_merged_with_what_pack_changes(tmp_path: Path) -> None:
    run(tmp_path, {"Dockerfile": OLD})
    (tmp_path / "Dockerfile").write_text(OLD.replace("one", "1"))

    assert action(tmp_path, OLD) == "kept"
    assert action(tmp_path, NEW) == "merged"
    assert content(tmp_path) == NEW.replace("one", "1")
    assert action(tmp_path, NEW) == "kept"


@GIT
def test_where_both_changed_the_same_lines_nothing_is_touched(tmp_path: Path) -> None:
    run(tmp_path, {"Dockerfile": OLD})
    (tmp_path / "Dockerfile").write_text(OLD.replace("five", "V"))

    for _ in range(2):
        assert action(tmp_path, NEW) == "collision"
        assert content(tmp_path) == OLD.replace("five", "V")
    assert read_memory(tmp_path).text("Dockerfile") == OLD


def test_without_git_nothing_is_merged(tmp_path: Path) -> None:
    run(tmp_path, {"Dockerfile": OLD})
    (tmp_path / "Dockerfile").write_text(OLD.replace("one", "1"))

    assert action(tmp_path, NEW, path="") == "collision"
    assert content(tmp_path) == OLD.replace("one", "1")


def test_a_file_that_pack_never_wrote_is_left_alone_and_shown(tmp_path: Path) -> None:
    (tmp_path / "Dockerfile").write_text("FROM mine\n")

    ((result,), _) = run(tmp_path, {"Dockerfile": OLD})

    assert result.action == "foreign"
    assert not result.is_drift
    assert list(difference(result))[3:5] == ["-FROM mine", "+one"]
    assert content(tmp_path) == "FROM mine\n"
    assert not generated_paths(tmp_path)


def test_the_same_text_by_chance_is_packs_from_then_on(tmp_path: Path) -> None:
    (tmp_path / "Dockerfile").write_text(OLD)

    assert action(tmp_path, OLD) == "unchanged"
    assert generated_paths(tmp_path) == {"Dockerfile"}


def test_force_takes_packs_version_and_keeps_the_other(tmp_path: Path) -> None:
    for text in ("mine\n", "mine again\n"):
        (tmp_path / "Dockerfile").write_text(text)
        _, kept = run(tmp_path, {"Dockerfile": OLD}, force=True)
        assert content(tmp_path) == OLD
        assert content(tmp_path, kept[0]) == text
    assert kept == ("Dockerfile.orig2",)


def test_what_its_user_removed_stays_away(tmp_path: Path) -> None:
    run(tmp_path, {"Dockerfile": OLD})
    (tmp_path / "Dockerfile").unlink()

    assert action(tmp_path, NEW) == "absent"
    assert not (tmp_path / "Dockerfile").exists()
    assert action(tmp_path, NEW, force=True) == "created"


def test_what_is_no_longer_needed_goes_unless_it_was_changed(tmp_path: Path) -> None:
    run(tmp_path, {"deploy/a": "a\n", "deploy/b": "b\n"})
    (tmp_path / "deploy/b").write_text("mine\n")

    run(tmp_path, {}, complete=False)
    assert (tmp_path / "deploy/a").exists()
    run(tmp_path, {})

    assert not (tmp_path / "deploy/a").exists()
    assert content(tmp_path, "deploy/b") == "mine\n"
    assert not generated_paths(tmp_path)


def test_nothing_is_written_through_a_link(tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    project = tmp_path / "project"
    outside.mkdir()
    project.mkdir()
    (project / "deploy").symlink_to(outside)
    with pytest.raises(ProjectError, match="a symbolic link leads elsewhere"):
        run(project, {"deploy/a": "a"})
    (project / "Dockerfile").symlink_to(outside / "Dockerfile")
    with pytest.raises(ProjectError, match="a symbolic link leads elsewhere"):
        run(project, {"Dockerfile": "a"})
    (project / ".pack").symlink_to(outside)
    with pytest.raises(ProjectError, match=r"not a file of the project|leads elsewhere"):
        run(project, {"compose.yaml": "a"})
    assert not list(outside.iterdir())


@pytest.mark.parametrize(
    "document",
    [
        b"",
        b"\xff",
        b"[" * 100_000,
        b"[]",
        b'{"schema": 2, "files": {}}',
        b'{"schema": 1, "files": []}',
        b'{"schema": 1, "files": {"a": 1}}',
        *(json.dumps({"schema": 1, "files": {path: ""}}).encode()
          for path in ("../a", "/etc/passwd", "", ".", "a/../../b", "a//b", "a\nb", "a\\b", ".git/hooks/x", ".pack/x")),
        json.dumps({"schema": 1, "files": {str(number): "" for number in range(1001)}}).encode(),
    ],
)  # fmt: skip
def test_a_hostile_memory_is_a_clear_error(tmp_path: Path, document: bytes) -> None:
    (tmp_path / ".pack").mkdir()
    (tmp_path / MEMORY).write_bytes(document)
    (tmp_path / "app.py").write_text("x")

    with pytest.raises(ProjectError, match="cannot be used") as caught:
        run(tmp_path, {"Dockerfile": OLD})

    assert caught.value.hint is not None
    assert not (tmp_path / "Dockerfile").exists()


def test_only_the_users_own_lines_of_a_dockerignore_count(tmp_path: Path) -> None:
    run(tmp_path, {".dockerignore": "# by pack\n**/*.pem\n"})

    assert own_rules(tmp_path, "# by pack\n**/*.pem\nnotes\r\n") == "notes\r"
