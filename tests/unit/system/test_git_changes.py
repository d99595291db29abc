"""Whether a project is what its commit says: pack's answer is git's, for everything that reaches an image."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from packer.system.git import head_branch, head_commit
from packer.system.git_changes import differs_from_commit
from packer.system.source_files import source_files

Project = Callable[[dict[str, str | bytes]], Path]

pytestmark = pytest.mark.skipif(shutil.which("git") is None, reason="git is not installed")

PATH = os.environ.get("PATH", "")
LONG_AGO = 1_500_000_000
FILES: dict[str, str | bytes] = {
    ".gitignore": "*.log\n",
    "app.py": "app = 1\n",
    "a.b": "sorts before the folder a\n",
    "a/b/c.py": "c = 1\n",
    "a/ä.txt": "ä\n",
    "run.sh": "#!/bin/sh\n",
}


def git(folder: Path, *arguments: str) -> str:
    environment = {**os.environ, "GIT_CONFIG_GLOBAL": "/dev/null", "GIT_CONFIG_NOSYSTEM": "1"}
    who = ("-c", "user.name=a", "-c", "user.email=a@example.com", "-c", "protocol.file.allow=always")
    command = ["git", "-C", folder, *who, *arguments]
    return subprocess.run(command, check=True, capture_output=True, env=environment, text=True).stdout


def commit(folder: Path) -> None:
    git(folder, "add", "-A")
    git(folder, "commit", "-qm", "x")


def settle(folder: Path) -> None:
    """Make every file older than the index, which is what a moment later does by itself."""
    for path in folder.rglob("*"):
        if ".git" not in path.parts:
            os.utime(path, (LONG_AGO, LONG_AGO), follow_symlinks=False)
    git(folder, "update-index", "-q", "--really-refresh")


@pytest.fixture
def repository(project: Project) -> Path:
    root = project(FILES)
    (root / "run.sh").chmod(0o755)
    (root / "link").symlink_to("app.py")
    git(root, "init", "-qb", "main")
    commit(root)
    settle(root)
    return root


def differs(folder: Path) -> bool:
    head = head_commit(folder, path=PATH)
    assert head is not None
    assert head.tree is not None
    shipped = {file.path for file in source_files(folder).files}
    return differs_from_commit(folder, head.tree, shipped, path=PATH)


def test_a_fresh_commit_is_what_it_says(repository: Path) -> None:
    assert not differs(repository)
    assert not differs(repository / "a")


def _same_size_and_time(root: Path) -> None:
    (root / "app.py").write_text("app = 2\n")
    os.utime(root / "app.py", (LONG_AGO, LONG_AGO))


def _staged_only(root: Path) -> None:
    (root / "app.py").write_text("app = 2\n")
    git(root, "add", "app.py")
    (root / "app.py").write_text("app = 1\n")


def _another_kind(root: Path) -> None:
    (root / "app.py").unlink()
    (root / "app.py").symlink_to("a.b")


def _link_elsewhere(root: Path) -> None:
    (root / "link").unlink()
    (root / "link").symlink_to("a.b")


def _assumed(root: Path) -> None:
    git(root, "update-index", "--assume-unchanged", "app.py")
    (root / "app.py").write_text("app = 2\n")


def _announced(root: Path) -> None:
    (root / "empty.py").write_text("")
    git(root, "add", "-N", "empty.py")


CHANGES: dict[str, Callable[[Path], object]] = {
    "content of the same size and time": _same_size_and_time,
    "more content": lambda root: (root / "app.py").write_text("app = 'more'\n"),
    "a file gone": lambda root: (root / "a.b").unlink(),
    "a new file": lambda root: (root / "new.py").write_text(""),
    "a file that may be run": lambda root: (root / "app.py").chmod(0o755),
    "a file that may no longer be run": lambda root: (root / "run.sh").chmod(0o644),
    "staged": lambda root: (
        (root / "app.py").write_text("app = 2\n"),
        git(root, "add", "app.py"),
    ),
    "staged and turned back": _staged_only,
    "forgotten but there": lambda root: git(root, "rm", "-q", "--cached", "app.py"),
    "a link in a file's place": _another_kind,
    "a link that leads elsewhere": _link_elsewhere,
    "assumed to be unchanged": _assumed,
    "announced": _announced,
    "an index that is broken": lambda root: (root / ".git" / "index").write_bytes(b"DIRC"),
    "no index": lambda root: (root / ".git" / "index").unlink(),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_what_is_changed_is_seen(repository: Path, change: Callable[[Path], object]) -> None:
    change(repository)
    assert differs(repository)


HARMLESS: dict[str, Callable[[Path], object]] = {
    "an ignored file": lambda root: (root / "x.log").write_text("x"),
    "a file that no image gets": lambda root: (root / ".env").write_text("KEY=1\n"),
    "written again": lambda root: (root / "app.py").write_text("app = 1\n"),
    "another time": lambda root: os.utime(root / "a.b", (1, 1)),
    "a commit without changes": lambda root: git(root, "commit", "-q", "--allow-empty", "-m", "y"),
    "modes that do not count": lambda root: (
        git(root, "config", "core.fileMode", "false"),
        (root / "app.py").chmod(0o777),
    ),
    "staged and unstaged": lambda root: (
        (root / "app.py").write_text("app = 2\n"),
        git(root, "add", "app.py"),
        git(root, "reset", "-q", "--hard"),
    ),
    "index version 4": lambda root: git(root, "update-index", "--index-version", "4"),
}


@pytest.mark.parametrize("change", HARMLESS.values(), ids=HARMLESS)
def test_what_changes_nothing_is_no_change(repository: Path, change: Callable[[Path], object]) -> None:
    change(repository)
    assert not differs(repository)


def test_a_copy_of_a_checkout_is_the_same_source(repository: Path, tmp_path: Path) -> None:
    shutil.copytree(repository, tmp_path / "copy", symlinks=True)
    assert not differs(tmp_path / "copy")


def test_a_file_written_when_the_index_was_is_read(repository: Path) -> None:
    (repository / "app.py").write_text("app = 3\n")
    git(repository, "add", "app.py")
    git(repository, "commit", "-qm", "y")
    index = repository / ".git" / "index"
    facts = (repository / "app.py").stat()
    os.utime(index, ns=(facts.st_mtime_ns, facts.st_mtime_ns))
    assert not differs(repository)


def test_changes_elsewhere_in_the_repository_are_not_the_projects(repository: Path) -> None:
    (repository / "app.py").write_text("app = 2\n")
    assert differs(repository)
    assert not differs(repository / "a")


def test_a_folder_that_is_not_committed_is_no_part_of_the_commit(repository: Path) -> None:
    (repository / "new").mkdir()
    head = head_commit(repository / "new", path=PATH)
    assert head is not None
    assert head.tree is None


def test_a_folder_named_from_where_one_is_lies_in_its_repository_too(
    repository: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(repository / "a")
    assert head_commit(Path(), path=PATH) == head_commit(repository / "a", path=PATH) is not None
    assert head_branch(Path()) == "main"


def test_a_repository_of_sha256_is_read_too(project: Project) -> None:
    root = project(FILES)
    git(root, "init", "-q", "--object-format=sha256")
    commit(root)
    assert not differs(root)
    (root / "app.py").write_text("app = 2\n")
    assert differs(root)


def test_another_work_tree_of_a_repository_is_compared_with_its_own_commit(repository: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    git(repository, "worktree", "add", "-qb", "feature/x", str(other))
    (repository / "app.py").write_text("app = 2\n")
    assert not differs(other)
    assert (head_branch(other), head_branch(repository)) == ("feature/x", "main")


def test_a_submodule_is_followed(repository: Path, tmp_path: Path) -> None:
    outer = tmp_path / "outer"
    outer.mkdir()
    (outer / "main.py").write_text("")
    git(outer, "init", "-q")
    git(outer, "submodule", "--quiet", "add", str(repository), "inner")
    commit(outer)
    assert not differs(outer)
    (outer / "inner" / "new.py").write_text("")
    assert differs(outer)
    git(outer / "inner", "add", "-A")
    git(outer / "inner", "commit", "-qm", "y")
    assert differs(outer)
    git(outer, "add", "inner")
    git(outer, "commit", "-qm", "y")
    assert not differs(outer)


def test_a_commit_by_itself_has_no_branch(repository: Path) -> None:
    git(repository, "checkout", "-q", "--detach")
    assert head_branch(repository) is None


def test_references_in_another_form_name_no_branch(repository: Path) -> None:
    (repository / ".git" / "HEAD").write_text("ref: refs/heads/.invalid\n")
    assert head_branch(repository) is None


@pytest.mark.parametrize("content", [b"", b"\xff", b"ref: refs/tags/x\n", b"gibberish"])
def test_a_broken_head_has_no_branch(repository: Path, content: bytes) -> None:
    (repository / ".git" / "HEAD").write_bytes(content)
    assert head_branch(repository) is None


def test_outside_a_repository_there_is_no_branch(tmp_path: Path) -> None:
    assert head_branch(tmp_path) is None
