"""A build on what an earlier one laid gives the image that a build from the beginning gives, whatever has changed."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.testbed.pack_command import PackCommand

pytestmark = pytest.mark.network

APP = """\
import os

from flask import Flask

app = Flask(__name__)


@app.get("/")
def home():
    return os.environ.get("GREETING", "hello")
"""
REMEMBERED = ("build", "groundwork", "reading")
CHOSEN = ("debian-base", "debian-facts", "debian-resolution", "elf", "own-selection", "resolution", "selection")


def append(name: str, text: str) -> Callable[[Path], object]:
    def edit(folder: Path) -> None:
        with (folder / name).open("a") as file:
            file.write(text)

    return edit


EDITS = {
    "a comment": append("app.py", "# a comment\n"),
    "a view": append("app.py", "\n\n@app.get('/more')\ndef more():\n    return 'more'\n"),
    "a first line": lambda folder: (folder / "app.py").write_text(f"# first\n{APP}"),
    "a health check": append("app.py", "\n\n@app.get('/healthz')\ndef healthz():\n    return 'ok'\n"),
    "a file that is written": append("app.py", "\nopen('counter.txt', 'w').close()\n"),
    "a variable": append("app.py", "\nkey = os.environ['API_TOKEN']\n"),
    "an upload limit": append("app.py", "\napp.config['MAX_CONTENT_LENGTH'] = 5_000_000\n"),
    "broken code beside it": lambda folder: (folder / "broken.py").write_text("def\n"),
    "a template": lambda folder: (folder / "page.html").write_text("<p>"),
    "another app": lambda folder: (folder / "app.py").write_text(
        APP.replace("app =", "site =").replace("@app", "@site")
    ),
    "another module": lambda folder: (folder / "app.py").rename(folder / "wsgi.py"),
    "a distribution": append("requirements.txt", "tabulate\n"),
    "an import": append("app.py", "import tabulate\n"),
    "a server's settings": lambda folder: (folder / "Procfile").write_text("web: gunicorn app:app --timeout 99\n"),
    "another Python": lambda folder: (folder / ".python-version").write_text("3.11\n"),
    "a setting": lambda folder: (folder / "pack.toml").write_text("port = 9000\n"),
    "its own metadata": lambda folder: (folder / "setup.cfg").write_text("[metadata]\nname = shop\nversion = 2\n"),
    "an executable file": lambda folder: (folder / "app.py").chmod(0o755),
}


@pytest.fixture(scope="module")
def built(pack: PackCommand, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, PackCommand]:
    """A project that was built twice, the second time on the groundwork of the first, and the pack that did it."""
    folder = tmp_path_factory.mktemp("rebuild") / "shop"
    folder.mkdir()
    (folder / "app.py").write_text(APP)
    (folder / "requirements.txt").write_text("flask\n")
    digest_of(pack("build", folder))
    append("app.py", "# once more\n")(folder)
    digest_of(pack("build", folder))
    return folder, pack


def digest_of(done) -> str:
    assert done.returncode == 0, done.stderr
    return done.stdout.strip().partition("@")[2]


def forget(pack: PackCommand, kinds: tuple[str, ...]) -> None:
    for kind in kinds:
        shutil.rmtree(pack.memory / "cache" / "packer" / "records" / kind, ignore_errors=True)


@pytest.mark.parametrize("edit", EDITS.values(), ids=EDITS)
def test_whatever_changes_the_image_is_that_of_a_build_from_the_beginning(built, edit: Callable[[Path], object]):
    folder, pack = built
    kept = {path: path.read_bytes() for path in folder.iterdir() if path.is_file()}
    try:
        edit(folder)
        found = digest_of(pack("build", folder))
        forget(pack, REMEMBERED)
        assert found == digest_of(pack("build", folder))
    finally:
        for path in folder.iterdir():
            path.unlink()
        for path, content in kept.items():
            path.write_bytes(content)


def test_a_changed_line_needs_nothing_that_chooses(built, tmp_path):
    folder, pack = built
    shutil.copytree(pack.memory, tmp_path / "memory", symlinks=True)
    alone = PackCommand(memory=tmp_path / "memory")
    digest_of(alone("build", folder))
    forget(alone, CHOSEN)
    append("app.py", "# another line\n")(folder)

    digest_of(alone("build", folder, "--offline"))
    assert not (alone.memory / "cache" / "packer" / "records" / "resolution").exists()


@pytest.mark.parametrize("kind", ["groundwork", "reading"])
def test_a_damaged_record_is_made_anew(built, kind: str):
    folder, pack = built
    append("app.py", f"# damaged {kind}\n")(folder)
    expected = digest_of(pack("build", folder))
    for record in (pack.memory / "cache" / "packer" / "records" / kind).rglob("*"):
        if record.is_file():
            record.write_bytes(record.read_bytes()[:-9])
    append("app.py", "")(folder)
    (folder / "app.py").touch()

    assert digest_of(pack("build", folder)) == expected
