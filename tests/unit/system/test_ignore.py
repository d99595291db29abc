"""Ignore files; git itself is the judge where it is installed."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from packer.system.ignore import DockerIgnore, GitIgnore


def ignored_by_git_rules(text: str, path: str) -> bool:
    """What a walk from the root finds: an ignored folder hides all that is in it."""
    rules = GitIgnore.parse(text)
    parts = path.split("/")
    for end in range(1, len(parts) + 1):
        inner = "/".join(parts[:end])
        if rules.verdict(inner, parts[end - 1], directory=end < len(parts)):
            return True
    return False


@pytest.mark.parametrize(
    ("text", "ignored", "kept"),
    [
        ("build", ["build", "a/build", "build/x"], ["rebuild", "build.py"]),
        ("build/", ["build/x", "a/build/x"], ["build"]),
        ("/build", ["build/x"], ["a/build"]),
        ("a/b", ["a/b", "a/b/c"], ["x/a/b"]),
        ("*.py[cod]", ["x.pyc", "a/x.pyo"], ["x.py", "pyc"]),
        ("*.log\n!keep.log", ["a.log"], ["keep.log", "a/keep.log"]),
        ("logs/\n!logs/keep", ["logs/keep"], []),
        ("logs/*\n!logs/keep", ["logs/x"], ["logs/keep"]),
        ("**/tmp", ["tmp/x", "a/b/tmp/x"], ["tmpx"]),
        ("a/**/b", ["a/b", "a/x/b", "a/x/y/b"], ["b", "ab"]),
        ("a/**", ["a/x", "a/x/y"], ["b/a"]),
        ("*", ["a", "a/b"], []),
        ("/*\n!/app", ["x", "y/z"], ["app/x"]),
        ("# no\n\n\\#yes\n\\!bang", ["#yes", "!bang"], ["no", "# no"]),
        ("trail  ", ["trail"], ["trail  "]),
        ("esc\\ ", ["esc "], ["esc"]),
        ("[abc].txt\n[!x-z].md\n[^0].cfg", ["a.txt", "a.md", "1.cfg"], ["d.txt", "y.md", "0.cfg"]),
        ("x?z", ["xyz"], ["xz", "x/z"]),
        ("a*/c", ["ab/c"], ["ab/x/c"]),
        ("\ufeffbom", ["bom"], []),
        ("windows\r\nends\r\n", ["windows", "ends"], []),
        ("a\\*b", ["a*b"], ["axb"]),
        ("/\n!\n//", [], ["a", "/"]),
    ],
)
def test_gitignore_means_what_git_means(text: str, ignored: list[str], kept: list[str]) -> None:
    assert [path for path in ignored if not ignored_by_git_rules(text, path)] == []
    assert [path for path in kept if ignored_by_git_rules(text, path)] == []


NAME = st.text("ab.", min_size=1, max_size=3).filter(lambda name: name not in (".", "..", "...") and "git" not in name)
PATH = st.lists(NAME, min_size=1, max_size=3).map("/".join)
# Two stars inside a component are left to git's own quirks.
GLOB = (
    st.lists(st.sampled_from(["a", "b", ".", "*", "?", "[ab]", "[!a]", "[^b]", "\\a"]), min_size=1, max_size=4)
    .map("".join)
    .filter(lambda glob: "**" not in glob)
)
RULE = st.builds(
    "{}{}{}{}".format,
    st.sampled_from(["", "", "!"]),
    st.sampled_from(["", "/"]),
    st.lists(GLOB | st.just("**"), min_size=1, max_size=3).map("/".join),
    st.sampled_from(["", "/"]),
)


@pytest.fixture(scope="module")
def repository(tmp_path_factory: pytest.TempPathFactory) -> Path:
    if shutil.which("git") is None:
        pytest.skip("git is not installed")
    folder = tmp_path_factory.mktemp("repository")
    subprocess.run(["git", "init", "-q", folder], check=True)
    return folder


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rules=st.lists(RULE, min_size=1, max_size=4), paths=st.lists(PATH, min_size=1, max_size=12, unique=True))
def test_git_agrees(repository: Path, rules: list[str], paths: list[str]) -> None:
    text = "\n".join(rules)
    (repository / ".gitignore").write_text(text)
    command = ["git", "-C", str(repository), "check-ignore", "--no-index", "--stdin", "-z"]
    answer = subprocess.run(command, input="\0".join(paths).encode(), capture_output=True, check=False)
    by_git = set(answer.stdout.decode().split("\0")) - {""}
    assert {path for path in paths if ignored_by_git_rules(text, path)} == by_git, text


def left_out_by_docker_rules(text: str, path: str) -> bool:
    rules = DockerIgnore.parse(text)
    inherited: frozenset[int] = frozenset()
    out = False
    parts = path.split("/")
    for end in range(1, len(parts) + 1):
        out, inherited = rules.verdict("/".join(parts[:end]), parts[end - 1], inherited)
    return out


@pytest.mark.parametrize(
    ("text", "left_out", "kept"),
    [
        ("temp", ["temp", "temp/x"], ["a/temp"]),
        ("/temp/", ["temp/x"], ["a/temp"]),
        ("*/temp*", ["a/temp.txt", "a/temp/x"], ["temp.txt", "a/b/temp"]),
        ("**/temp", ["temp", "a/b/temp/x"], ["temp.txt"]),
        ("*.md\n!README.md", ["x.md"], ["README.md", "a/x.md"]),
        ("*\n!app\n!app/**", ["x", "y/z"], ["app", "app/a/b"]),
        ("docs\n!docs/keep", ["docs/x"], ["docs/keep"]),
        ("# no\n\n  spaced  \n!", ["spaced"], ["no", "# no"]),
        (".", [], ["a"]),
        ("a/../b\n./c", ["b", "c"], ["a"]),
    ],
)
def test_dockerignore_means_what_docker_means(text: str, left_out: list[str], kept: list[str]) -> None:
    assert [path for path in left_out if not left_out_by_docker_rules(text, path)] == []
    assert [path for path in kept if left_out_by_docker_rules(text, path)] == []


def test_a_folder_is_entered_for_what_may_be_kept_in_it() -> None:
    rules = DockerIgnore.parse("*\n!app/static/site.css\n!*.txt")
    assert [rules.may_keep_inside(folder) for folder in ("app", "app/static", "app/static/site.css")] == [True] * 3
    assert DockerIgnore.parse("*\n!app/x").may_keep_inside("docs") is False


def test_a_hostile_pattern_takes_no_time() -> None:
    rules = GitIgnore.parse("*a" * 40 + "b\n" + "/".join(["**", "x*"] * 20))
    assert rules.verdict("a" * 250, "a" * 250, directory=False) is None
    assert rules.verdict("/".join(["x"] * 100 + ["y"]), "y", directory=False) is None
