"""`pack` as a script or a person calls it: what is on stdout, what the exit code says, and what stays untouched."""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.testbed.built_image import BuiltImage
from tests.testbed.pack_command import PackCommand

pytestmark = pytest.mark.network

NAME = re.compile(r"[a-z0-9./:_-]+@sha256:[0-9a-f]{64}\n")
APP = "from flask import Flask\napp = Flask(__name__)\n@app.get('/healthz')\ndef healthz(): return 'ok'\n"
PLATFORM = f"linux/{os.uname().machine}"
DEAD_PROXY = dict.fromkeys(
    ("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"), "http://127.0.0.1:9"
)
DIRECT = {"no_proxy": "", "NO_PROXY": ""}


@pytest.fixture
def project(tmp_path: Path) -> Path:
    folder = tmp_path / "shop"
    folder.mkdir()
    (folder / "app.py").write_text(APP)
    (folder / "requirements.txt").write_text("flask\n")
    return folder


@pytest.fixture
def locked(project: Path, pack: PackCommand) -> Path:
    done = pack("lock", project, "--platform", PLATFORM)
    assert done.returncode == 0, done.stderr
    return project


def listing(folder: Path) -> dict[str, tuple[str, int, str]]:
    """Everything below a folder: what it is, when it was written, and what it holds."""
    return {
        str(path): (
            oct(path.lstat().st_mode),
            path.lstat().st_mtime_ns,
            hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else "",
        )
        for path in (folder, *folder.rglob("*"))
    }


def test_stdout_is_the_name_and_the_digest_and_nothing_else(pack, project):
    done = pack("build", project, "-t", "example.com/team/shop:1", "-t", "shop:2")

    assert done.returncode == 0, done.stderr
    assert NAME.fullmatch(done.stdout), done.stdout
    assert done.stdout.startswith("example.com/team/shop:1@")
    assert "Traceback" not in done.stderr


def test_every_form_of_output_has_the_same_digest(pack, project, tmp_path):
    stored = pack("build", project)
    layout = pack("build", project, "--output", f"oci:{tmp_path / 'layout'}")
    archive = pack("build", project, "--output", f"archive:{tmp_path / 'image.tar'}")

    assert stored.stdout == layout.stdout == archive.stdout
    assert stored.stdout.strip().endswith(BuiltImage(tmp_path / "layout").digest)
    assert (tmp_path / "image.tar").stat().st_size > 1_000_000


def test_the_json_document_says_all_of_the_image(pack, project, tmp_path):
    done = pack("build", project, "--json", "--output", f"oci:{tmp_path / 'layout'}")

    document = json.loads(done.stdout)
    [image] = document["images"]
    layers = image.pop("layers")
    written = BuiltImage(tmp_path / "layout")
    assert set(document) == {"schema", "references", "images", "timings"}
    assert document["references"] == [image["reference"]]
    assert document["schema"] == 1
    assert set(image) == {"role", "reference", "digest", "platform", "size"}
    assert (image["role"], image["digest"]) == ("app", written.digest)
    assert all(set(layer) == {"digest", "diff_id", "size", "media_type", "created_by", "cached"} for layer in layers)
    assert [layer["digest"] for layer in layers] == [layer["digest"] for layer in written.manifest["layers"]]
    assert [layer["diff_id"] for layer in layers] == written.configuration["rootfs"]["diff_ids"]
    assert all(isinstance(seconds, float) for seconds in document["timings"].values())


def test_frozen_wants_locks(pack, project):
    done = pack("build", project, "--frozen")

    assert done.returncode == 5
    assert "pack lock" in done.stderr


def test_frozen_refuses_a_lock_made_from_something_else_and_changes_nothing(pack, locked):
    (locked / "requirements.txt").write_text("flask\nrequests\n")
    before = listing(locked)

    done = pack("build", locked, "--frozen")

    assert done.returncode == 5, done.stderr
    assert "pack lock" in done.stderr
    assert listing(locked) == before


def test_locking_again_changes_nothing(pack, locked):
    before = listing(locked)

    done = pack("lock", locked, "--platform", PLATFORM)

    assert done.stdout == "pylock.toml  unchanged\npack.lock  unchanged\n"
    assert listing(locked) == before


def test_locks_and_caches_make_the_network_needless(pack, locked):
    expected = pack("build", locked, "--frozen")
    lonely = PackCommand(memory=pack.memory, more={**DEAD_PROXY, **DIRECT})

    frozen = lonely("build", locked, "--frozen", "--offline")

    assert frozen.returncode == 0, frozen.stderr
    assert frozen.stdout == expected.stdout


def test_without_cache_or_network_the_user_is_told_soon(locked, tmp_path):
    offline = PackCommand(memory=tmp_path / "empty")("build", locked, "--offline")
    cut = PackCommand(memory=tmp_path / "empty", more={**DEAD_PROXY, **DIRECT})("build", locked)

    for done in (offline, cut):
        assert done.returncode == 75, done.stderr
        assert "error  " in done.stderr
        assert "  next:" in done.stderr
        assert "Traceback" not in done.stderr


@pytest.mark.parametrize("words", [("inspect",), ("inspect", "--json"), ("build",), ("build", "--json")], ids=" ".join)
def test_the_project_is_never_written_to(pack, project, words):
    before = listing(project)

    assert pack(*words, project).returncode == 0

    assert listing(project) == before


@pytest.mark.parametrize(
    ("code", "words"),
    [
        pytest.param(2, ("build", "nowhere"), id="no such folder"),
        pytest.param(2, ("build", ".", "--no-such-option"), id="no such option"),
        pytest.param(2, ("build", ".", "--output", "tar:x"), id="no such output"),
        pytest.param(2, ("build", ".", "--platform", "windows/amd64"), id="no such platform"),
        pytest.param(2, ("build", ".", "-t", "UPPER case"), id="no such name"),
        pytest.param(2, ("build", ".", "--python", "three"), id="no such Python"),
        pytest.param(2, ("build", ".", "--base", "oci:nowhere"), id="no such base"),
        pytest.param(4, ("build", ".", "--app", "other:app"), id="no such app"),
        pytest.param(5, ("build", ".", "--frozen"), id="no lock"),
        pytest.param(0, ("--version",), id="version"),
        pytest.param(0, ("build", "--help"), id="help"),
    ],
)
def test_the_exit_code_says_whose_turn_it_is(pack, project, code, words):
    done = subprocess.run(
        [sys.executable, "-m", "packer", *words],
        check=False,
        capture_output=True,
        text=True,
        cwd=project,
        env=pack.environment,
    )

    assert done.returncode == code, done.stderr
    assert bool(done.stdout) == (code == 0)
    assert "Traceback" not in done.stderr


def test_an_empty_folder_has_no_app(pack, tmp_path):
    done = pack("build", tmp_path)

    assert done.returncode in {3, 4}
    assert done.stdout == ""


def test_the_time_of_the_source_must_be_a_time(pack, project):
    assert PackCommand(memory=pack.memory, more={"SOURCE_DATE_EPOCH": "yesterday"})("build", project).returncode == 2


def test_a_terminal_that_knows_ascii_only_gets_ascii(pack, project):
    (project / "app.py").write_text(APP + "import os\nos.environ['GRÜSSE']\n", encoding="utf-8")
    plain = {"LC_ALL": "C", "LANG": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0", "NO_COLOR": "1"}

    done = PackCommand(memory=pack.memory, more=plain)("inspect", project)

    assert done.returncode == 0, done.stderr
    assert done.stdout.isascii()
    assert "\x1b" not in done.stdout


def test_a_reader_that_goes_away_gets_no_traceback(pack, project):
    script = f'"{sys.executable}" -m packer inspect "{project}" | head -c 0'
    bash = shutil.which("bash")
    if not bash:
        pytest.skip("there is no bash")

    done = subprocess.run([bash, "-c", script], check=False, capture_output=True, text=True, env=pack.environment)

    assert done.stderr == ""


def test_the_installed_command_is_the_module(pack):
    command = Path(sys.executable).with_name("pack")
    if not command.exists():
        pytest.skip("pack is not installed beside this Python")

    done = subprocess.run([command, "--version"], check=True, capture_output=True, text=True)

    assert done.stdout == pack("--version").stdout
