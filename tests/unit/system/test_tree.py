from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from packer.errors import ProjectError
from packer.project.tree import MAX_TEXT_BYTES
from packer.system.tree import DirectoryTree

Project = Callable[[dict[str, str | bytes]], Path]


def paths_of(root: Path) -> list[str]:
    return list(DirectoryTree(root).paths)


def test_a_tree_is_its_files_sorted(project: Project) -> None:
    tree = DirectoryTree(project({"b.py": "", "a/z.py": "", "a/b/c.html": "", ".flaskenv": ""}))
    assert tree.paths == (".flaskenv", "a/b/c.html", "a/z.py", "b.py")
    assert (tree.name, tree.has("a/z.py"), tree.has("a"), tree.has("../x")) == ("shop", True, False, False)


@pytest.mark.parametrize(
    "foreign",
    [
        ".git/config",
        "node_modules/express/app.py",
        "a/__pycache__/x.pyc",
        ".tox/py/app.py",
        "shop.egg-info/PKG-INFO",
        "lib/python3.13/site-packages/flask/app.py",
        ".venv/bin/app.py",
    ],
)
def test_folders_of_other_tools_are_not_entered(project: Project, foreign: str) -> None:
    assert paths_of(project({foreign: "", "app.py": ""})) == ["app.py"]


@pytest.mark.parametrize(
    ("marker", "inside"),
    [
        ("pyvenv.cfg", "lib/x.py"),
        ("conda-meta/history", "lib/x.py"),
        ("CACHEDIR.TAG", "x.py"),
        ("oci-layout", "blobs/x.py"),
    ],
)
def test_environments_and_caches_are_known_by_what_is_in_them(project: Project, marker: str, inside: str) -> None:
    assert paths_of(project({f"any/{marker}": "", f"any/{inside}": "", "app.py": ""})) == ["app.py"]


def test_an_old_virtual_environment_without_configuration_is_known_by_its_scripts(project: Project) -> None:
    files = {"venv/bin/activate": "", "venv/bin/activate.csh": "", "venv/lib/python2.7/site-packages/x.py": ""}
    assert paths_of(project({**files, "app.py": ""})) == ["app.py"]


def test_a_project_inside_a_virtual_environment_is_still_seen(project: Project) -> None:
    files = {"pyvenv.cfg": "", "bin/activate": "", "bin/activate.csh": "", "lib/python3.13/site-packages/x.py": ""}
    assert paths_of(project({**files, "app.py": ""})) == ["app.py", "pyvenv.cfg"]


@pytest.mark.parametrize("name", ["env", "build", "dist", "vendor", "lib", "var", "target", "venv"])
def test_a_package_with_the_name_of_a_tool_is_still_seen(project: Project, name: str) -> None:
    assert paths_of(project({f"{name}/__init__.py": "", f"{name}/views.py": ""})) == [
        f"{name}/__init__.py",
        f"{name}/views.py",
    ]


@pytest.mark.parametrize(
    "output", ["build/lib/shop/app.py", "build/bdist.linux/x", "dist/shop-1.0.tar.gz", "vendor/autoload.php"]
)
def test_what_tools_built_is_not_entered(project: Project, output: str) -> None:
    assert paths_of(project({output: "", "app.py": ""})) == ["app.py"]


def test_ignore_files_hold_for_their_folder_and_below(project: Project) -> None:
    root = project(
        {
            ".gitignore": "*.log\n/instance/\n!keep.log",
            "a/.gitignore": "local.py\n!debug.log",
            "x.log": "",
            "keep.log": "",
            "a/debug.log": "",
            "a/local.py": "",
            "local.py": "",
            "instance/config.py": "",
            "a/instance/config.py": "",
        }
    )
    assert paths_of(root) == [
        ".gitignore", "a/.gitignore", "a/debug.log", "a/instance/config.py", "keep.log", "local.py",
    ]  # fmt: skip


def test_an_unpacked_source_distribution_ignores_nothing(project: Project) -> None:
    root = project({"PKG-INFO": "", ".gitignore": "*.mo\n_version.py", "x.mo": "", "shop/_version.py": ""})
    assert paths_of(root) == [".gitignore", "PKG-INFO", "shop/_version.py", "x.mo"]


def test_links_inside_are_files_and_links_outside_are_not(project: Project, tmp_path: Path) -> None:
    (tmp_path / "secret.py").write_text("")
    root = project({"a/real.py": "x = 1"})
    links = {
        "inside.py": "a/real.py",
        "outside.py": "../secret.py",
        "absolute.py": str(tmp_path / "secret.py"),
        "broken.py": "nowhere",
        "loop.py": "loop.py",
        "folder": "a",
        "up": "..",
        "root": ".",
    }
    for name, target in links.items():
        (root / name).symlink_to(target)
    tree = DirectoryTree(root)
    assert tree.paths == ("a/real.py", "inside.py")
    assert tree.read("inside.py") == "x = 1"


def test_a_project_reached_through_a_link_is_the_same(project: Project, tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(project({"a.py": "", "b/c.py": ""}))
    tree = DirectoryTree(tmp_path / "link")
    assert (tree.name, tree.paths) == ("shop", ("a.py", "b/c.py"))


def test_special_files_and_strange_names_do_no_harm(project: Project) -> None:
    root = project({"a b.py": "", "new\nline.py": "", "ü.py": "ü"})
    os.mkfifo(root / "pipe.py")
    (Path(os.fsdecode(os.fsencode(root) + b"/caf\xe9.py"))).write_text("")
    tree = DirectoryTree(root)
    assert tree.paths == ("a b.py", "new\nline.py", "ü.py")
    assert tree.read("ü.py") == "ü"


def test_an_ignore_file_that_is_a_pipe_or_a_link_does_not_stop_the_walk(project: Project) -> None:
    root = project({"a.py": ""})
    os.mkfifo(root / ".gitignore")
    assert paths_of(root) == ["a.py"]


@pytest.mark.parametrize(
    ("content", "text"),
    [
        (b"\xef\xbb\xbfx = 1", "x = 1"),
        ("# ü".encode("latin-1"), "# ü"),
        (b"a\r\nb\rc", "a\nb\nc"),
        ("\ufeffflask\r\n".encode("utf-16-le"), "flask\n"),
        ("\ufeffflask\r\n".encode("utf-16-be"), "flask\n"),
        (b"\xff\xfeodd", None),
        (b"", ""),
        (b"binary\0", None),
        (b"x" * (MAX_TEXT_BYTES + 1), None),
    ],
    ids=range(9),
)
def test_text_is_read_whatever_wrote_it(project: Project, content: bytes, text: str | None) -> None:
    assert DirectoryTree(project({"a.py": content})).read("a.py") == text


def test_what_is_not_in_the_tree_cannot_be_read(project: Project) -> None:
    tree = DirectoryTree(project({".gitignore": "secret.py", "secret.py": "x", "a.py": "x"}))
    assert [tree.read(path) for path in ("secret.py", "../shop/a.py", "/etc/hostname", "none", "a.py/")] == [None] * 5


def test_modules_are_parsed_once_and_broken_ones_are_none(project: Project) -> None:
    tree = DirectoryTree(project({"good.py": "app = 1", "bad.py": "app ="}))
    assert tree.module("good.py") is tree.module("good.py") is not None
    assert (tree.module("bad.py"), tree.module("none.py")) == (None, None)


def test_a_limit_of_the_readers_own_is_kept(project: Project) -> None:
    tree = DirectoryTree(project({"uv.lock": "x" * 100}))
    assert (tree.read("uv.lock", limit=99), tree.read("uv.lock", limit=100)) == (None, "x" * 100)


def test_a_folder_that_is_not_there_is_a_project_error(tmp_path: Path) -> None:
    with pytest.raises(ProjectError, match="cannot be read"):
        _ = DirectoryTree(tmp_path / "none").paths


def test_a_file_is_no_project(project: Project) -> None:
    with pytest.raises(ProjectError, match="cannot be read"):
        _ = DirectoryTree(project({"a.py": ""}) / "a.py").paths


def test_a_folder_that_may_not_be_read_is_passed_by(project: Project) -> None:
    root = project({"a.py": "", "locked/b.py": ""})
    (root / "locked").chmod(0)
    try:
        assert paths_of(root) in (["a.py"], ["a.py", "locked/b.py"])  # root may read everything
    finally:
        (root / "locked").chmod(0o755)


def test_very_deep_folders_are_no_trouble(project: Project) -> None:
    assert paths_of(project({"d/" * 300 + "x.py": ""})) == ["d/" * 300 + "x.py"]
