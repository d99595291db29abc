from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from packer.system.git_index import TrackedFiles, tracked_files, work_tree_of
from packer.system.tree import DirectoryTree

Project = Callable[[dict[str, str | bytes]], Path]

pytestmark = pytest.mark.skipif(shutil.which("git") is None, reason="git is not installed")

FILES: dict[str, str | bytes] = {
    ".gitignore": "instance/\n*.db\nlib/",
    "app.py": "",
    "lib/core.py": "",
    "lib/core2.py": "",
    "lib/deep/er/x.py": "",
    "instance/local.py": "",
    "data/ä.db": "",
}


def git(folder: Path, *arguments: str) -> None:
    environment = {**os.environ, "GIT_CONFIG_GLOBAL": "/dev/null", "GIT_CONFIG_NOSYSTEM": "1"}
    subprocess.run(["git", "-C", folder, *arguments], check=True, capture_output=True, env=environment)


@pytest.fixture
def repository(project: Project) -> Path:
    root = project(FILES)
    git(root, "init", "-q")
    git(root, "add", "-f", ".gitignore", "app.py", "lib/core.py", "lib/deep", "data")
    return root


def test_a_tracked_file_is_seen_although_ignore_files_name_it(repository: Path) -> None:
    assert DirectoryTree(repository).paths == (".gitignore", "app.py", "data/ä.db", "lib/core.py", "lib/deep/er/x.py")


@pytest.mark.parametrize("version", ["2", "3", "4"])
def test_every_version_of_the_index_is_read(repository: Path, version: str) -> None:
    git(repository, "update-index", "--index-version", version)
    if version == "3":
        git(repository, "update-index", "--skip-worktree", "app.py")
    assert tracked_files(repository, repository) == TrackedFiles(
        files=frozenset({".gitignore", "app.py", "lib/core.py", "lib/deep/er/x.py", "data/ä.db"}),
        folders=frozenset({"lib", "lib/deep", "lib/deep/er", "data"}),
    )


def test_a_project_in_a_part_of_a_repository_follows_the_whole(repository: Path) -> None:
    (repository / "lib" / "x.db").write_text("")
    (repository / "lib" / "new.py").write_text("")
    tree = DirectoryTree(repository / "lib")
    assert work_tree_of(repository / "lib") == repository
    assert tree.paths == ("core.py", "core2.py", "deep/er/x.py", "new.py")


def test_a_repository_above_that_tracks_nothing_of_the_project_says_nothing(tmp_path: Path, project: Project) -> None:
    git(tmp_path, "init", "-q")
    (tmp_path / ".gitignore").write_text("*")
    (tmp_path / ".profile").write_text("")
    git(tmp_path, "add", "-f", ".profile")
    assert DirectoryTree(project({"app.py": ""})).paths == ("app.py",)


def test_another_work_tree_of_a_repository_has_its_own_index(repository: Path, tmp_path: Path) -> None:
    git(repository, "-c", "user.name=a", "-c", "user.email=a@example.com", "commit", "-qm", "x")
    git(repository, "worktree", "add", "-q", str(tmp_path / "other"))
    tracked = tracked_files(tmp_path / "other", tmp_path / "other")
    assert tracked is not None
    assert "lib/core.py" in tracked.files


def test_excludes_that_are_not_committed_hold_too(repository: Path) -> None:
    (repository / ".git" / "info" / "exclude").write_text("scratch.py")
    (repository / "scratch.py").write_text("")
    assert "scratch.py" not in DirectoryTree(repository).paths


@pytest.mark.parametrize(
    "content",
    [b"", b"DIRC", b"DIRC\0\0\0\2\xff\xff\xff\xff", b"DIRC\0\0\0\x09\0\0\0\0", b"DIRC\0\0\0\2\0\0\0\1" + bytes(80)],
)
def test_a_broken_index_is_no_index(repository: Path, content: bytes) -> None:
    (repository / ".git" / "index").write_bytes(content)
    assert tracked_files(repository, repository) is None
    assert DirectoryTree(repository).paths == (".gitignore", "app.py")
