"""The context of an engine's build: what the image may see, nothing else, and untouched where nothing changed."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from packer.build.staging import stage
from packer.errors import BuildError
from packer.system.source_files import source_files


@pytest.fixture
def root(tmp_path: Path) -> Path:
    for path, text in {"app.py": "app = 1", "static/a.css": "a", ".env": "SECRET=1", "run.sh": "#!/bin/sh\n"}.items():
        (tmp_path / "shop" / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "shop" / path).write_text(text)
    (tmp_path / "shop" / "run.sh").chmod(0o755)
    (tmp_path / "shop" / "link.py").symlink_to("app.py")
    return tmp_path / "shop"


def staged(root: Path, **texts: str) -> dict[str, str]:
    context = root.parent / "context"
    stage(
        context,
        root=root,
        files=source_files(root).files,
        texts={name.replace("_", "."): t for name, t in texts.items()},
    )
    return {str(path.relative_to(context)): path.read_text() for path in context.rglob("*") if path.is_file()}


def test_it_holds_what_an_image_would_and_what_was_generated(root: Path) -> None:
    found = staged(root, Dockerfile="FROM x")

    assert set(found) == {"app.py", "link.py", "static/a.css", "run.sh", "Dockerfile"}
    assert os.access(root.parent / "context" / "run.sh", os.X_OK)
    assert (root.parent / "context" / "link.py").is_symlink()


def test_what_is_gone_from_the_project_goes(root: Path) -> None:
    staged(root, Dockerfile="FROM x")
    (root / "static" / "a.css").unlink()
    (root / "static").rmdir()
    (root / "app.py").write_text("app = 2")

    assert staged(root) == {"app.py": "app = 2", "link.py": "app = 2", "run.sh": "#!/bin/sh\n"}


def test_a_file_that_becomes_a_folder_and_back_is_followed(root: Path) -> None:
    staged(root)
    (root / "static" / "a.css").unlink()
    (root / "static" / "a.css").mkdir()
    (root / "static" / "a.css" / "b").write_text("b")
    assert staged(root)["static/a.css/b"] == "b"
    (root / "static" / "a.css" / "b").unlink()
    (root / "static" / "a.css").rmdir()
    (root / "static" / "a.css").write_text("again")

    assert staged(root)["static/a.css"] == "again"


def test_what_has_not_changed_is_not_touched(root: Path) -> None:
    staged(root, Dockerfile="FROM x")
    before = {path: path.lstat().st_ino for path in (root.parent / "context").rglob("*")}
    staged(root, Dockerfile="FROM x")

    assert {path: path.lstat().st_ino for path in (root.parent / "context").rglob("*")} == before


def test_a_generated_file_wins_over_the_project_s_own(root: Path) -> None:
    (root / "Dockerfile").write_text("FROM mine")

    assert staged(root, Dockerfile="FROM x")["Dockerfile"] == "FROM x"


def test_a_file_that_vanishes_is_a_clear_error(root: Path) -> None:
    files = source_files(root).files
    (root / "app.py").unlink()

    with pytest.raises(BuildError, match="is gone"):
        stage(root.parent / "context", root=root, files=files, texts={})
