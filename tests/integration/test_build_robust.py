"""Builds that are killed, crowded, starved or lied to: the next one is right, and nothing wrong is kept."""

from __future__ import annotations

import hashlib
import os
import random
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from tests.testbed.pack_command import PackCommand

pytestmark = pytest.mark.network

APP = "from flask import Flask\napp = Flask(__name__)\n@app.get('/healthz')\ndef healthz(): return 'ok'\n"
PLATFORM = f"linux/{os.uname().machine}"
SEED = 20_260_101
KILLS = 10
REMADE = ("records", "interpreters")
"""What a cold build makes anew from what was fetched."""


@pytest.fixture(scope="module")
def project(pack: PackCommand, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project with all of its locks."""
    folder = tmp_path_factory.mktemp("robust") / "shop"
    folder.mkdir()
    (folder / "app.py").write_text(APP)
    (folder / "requirements.txt").write_text("flask\n")
    done = pack("lock", folder, "--platform", PLATFORM)
    assert done.returncode == 0, done.stderr
    return folder


@pytest.fixture(scope="module")
def expected(pack: PackCommand, project: Path) -> str:
    """What every build must say."""
    done = pack("build", project)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture
def coldish(pack: PackCommand, expected: str, tmp_path: Path) -> PackCommand:
    """A cache in which everything was fetched, and nothing made."""
    shutil.copytree(pack.memory, tmp_path / "memory", symlinks=True)
    copied = PackCommand(memory=tmp_path / "memory")
    for name in REMADE:
        shutil.rmtree(cache_of(copied) / name, ignore_errors=True)
    return copied


def cache_of(pack: PackCommand) -> Path:
    return pack.memory / "cache" / "packer"


def started(pack: PackCommand, project: Path) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "packer", "build", str(project)]
    return subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=pack.environment,
        stdin=subprocess.DEVNULL,
        start_new_session=True,
    )


def wrong_blobs(pack: PackCommand) -> list[str]:
    """Blobs whose content is not what they are called."""
    blobs = [path for path in (cache_of(pack) / "blobs").rglob("*") if path.is_file()]
    return [path.name for path in blobs if hashlib.sha256(path.read_bytes()).hexdigest() != path.name]


def test_a_build_killed_at_any_moment_is_made_good_by_the_next(coldish, project, expected):
    moments = random.Random(SEED)
    for _ in range(KILLS):
        process = started(coldish, project)
        time.sleep(moments.uniform(0.05, 3))
        process.send_signal(signal.SIGKILL)
        process.communicate(timeout=60)
        assert wrong_blobs(coldish) == []

    done = coldish("build", project)

    assert (done.returncode, done.stdout) == (0, expected), done.stderr


def test_an_interrupt_ends_with_130_and_leaves_nothing_unfinished(coldish, project, tmp_path):
    process = started(coldish, project)
    time.sleep(1.2)
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=60)

    assert process.returncode in {0, 130}, errors
    assert "Traceback" not in errors
    scratch = cache_of(coldish) / "tmp"
    assert not scratch.exists() or list(scratch.iterdir()) == []
    assert wrong_blobs(coldish) == []


def test_two_builds_at_once_share_a_cache(coldish, project, expected):
    builds = [started(coldish, project) for _ in range(2)]

    outputs = [build.communicate(timeout=120) for build in builds]

    assert [out for out, _ in outputs] == [expected] * 2, outputs
    assert wrong_blobs(coldish) == []


@pytest.mark.parametrize("damage", [b"", b"rubbish", b"\0" * 100_000], ids=["emptied", "overwritten", "zeroed"])
def test_damaged_records_are_made_again(pack, project, expected, damage, tmp_path):
    shutil.copytree(pack.memory, tmp_path / "memory", symlinks=True)
    copied = PackCommand(memory=tmp_path / "memory")
    for path in (cache_of(copied) / "records").rglob("*"):
        if path.is_file() and "bytecode" not in path.parts:
            path.write_bytes(damage)

    done = copied("build", project)

    assert (done.returncode, done.stdout) == (0, expected), done.stderr


def test_blobs_that_were_cut_short_are_fetched_or_made_again(pack, project, expected, tmp_path):
    shutil.copytree(pack.memory, tmp_path / "memory", symlinks=True)
    copied = PackCommand(memory=tmp_path / "memory")
    for path in (cache_of(copied) / "blobs").rglob("*"):
        if path.is_file():
            os.truncate(path, path.stat().st_size // 2)

    done = copied("build", project, "--output", f"oci:{tmp_path / 'image'}")

    assert (done.returncode, done.stdout) == (0, expected), done.stderr
    written = [path for path in (tmp_path / "image" / "blobs").rglob("*") if path.is_file()]
    assert [path.name for path in written if hashlib.sha256(path.read_bytes()).hexdigest() != path.name] == []


def test_a_blob_with_a_flipped_bit_never_reaches_an_image(pack, project, expected, tmp_path):
    shutil.copytree(pack.memory, tmp_path / "memory", symlinks=True)
    copied = PackCommand(memory=tmp_path / "memory")
    for path in (cache_of(copied) / "blobs").rglob("*"):
        if path.is_file() and path.stat().st_size:
            content = bytearray(path.read_bytes())
            content[len(content) // 2] ^= 1
            path.write_bytes(content)

    for _ in range(3):  # each may refuse, and heals what it refused
        shutil.rmtree(tmp_path / "image", ignore_errors=True)
        done = copied("build", project, "--output", f"oci:{tmp_path / 'image'}")
        assert done.returncode in {0, 5}, done.stderr
        written = [path for path in (tmp_path / "image").rglob("*") if path.is_file() and "blobs" in path.parts]
        assert [path.name for path in written if hashlib.sha256(path.read_bytes()).hexdigest() != path.name] == []
        if done.returncode == 0:
            break

    assert done.stdout == expected, done.stderr


def test_an_interpreter_that_was_damaged_compiles_nothing_wrong(coldish, project, expected):
    assert coldish("build", project).stdout == expected
    shutil.rmtree(cache_of(coldish) / "records")
    for path in (cache_of(coldish) / "interpreters").glob("*/bin/python3*"):
        path.write_bytes(b"\x7fELF and no more")

    done = coldish("build", project)

    assert done.returncode in {0, 5}, done.stderr
    assert "bug in pack" not in done.stderr
    assert done.stdout in {"", expected}


@contextmanager
def small_disk(folder: Path, size: str) -> Iterator[Path]:
    """A file system with room for little."""
    folder.mkdir()
    if os.geteuid() != 0:
        pytest.skip("only root can mount a small file system")
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", folder], check=False, capture_output=True
    )
    if mounted.returncode:
        pytest.skip("this machine mounts nothing")
    try:
        yield folder
    finally:
        subprocess.run(["umount", folder], check=True)


def test_a_full_disk_is_named_and_breaks_no_cache(project, expected, tmp_path):
    with small_disk(tmp_path / "disk", "20m") as disk:
        pack = PackCommand(memory=disk)

        done = pack("build", project)

        assert done.returncode == 5, done.stderr
        assert "the disk is full" in done.stderr
        assert str(disk) in done.stderr
        assert wrong_blobs(pack) == []
        subprocess.run(["mount", "-o", "remount,size=400m", disk], check=True)
        assert pack("build", project).stdout == expected


Answer = Callable[[BaseHTTPRequestHandler], None]


def html(handler: BaseHTTPRequestHandler) -> None:
    """What a captive portal says."""
    body = b"<html><body>Please log in</body></html>"
    handler.send_response(200)
    handler.send_header("Content-Type", "text/html")
    handler.send_header("Content-Length", str(len(body)))
    handler.end_headers()
    handler.wfile.write(body)


def cut_short(handler: BaseHTTPRequestHandler) -> None:
    """A body that ends before its length."""
    handler.send_response(200)
    handler.send_header("Content-Length", "100000")
    handler.end_headers()
    handler.wfile.write(b"x" * 1000)


def broken(handler: BaseHTTPRequestHandler) -> None:
    """A server that fails."""
    handler.send_response(500)
    handler.send_header("Content-Length", "0")
    handler.end_headers()


def rubbish(handler: BaseHTTPRequestHandler) -> None:
    """Bytes that are no HTTP."""
    handler.wfile.write(random.Random(SEED).randbytes(5000))


@contextmanager
def serving(answer: Answer) -> Iterator[str]:
    """A server on this machine that gives everybody one answer."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            answer(self)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.mark.parametrize("answer", [html, cut_short, broken, rubbish])
def test_a_mirror_that_lies_is_named(project, answer, tmp_path):
    with serving(answer) as address:
        mirror = {"PACK_DEBIAN_MIRROR": f"{address}/debian", "PACK_DEBIAN_SECURITY_MIRROR": f"{address}/security"}
        pack = PackCommand(memory=tmp_path / "memory", more={**mirror, "no_proxy": "127.0.0.1"})

        done = pack("build", unlocked(project, tmp_path))

        assert done.returncode in {5, 75}, done.stderr
        assert address in done.stderr
        assert "Traceback" not in done.stderr
        assert done.stdout == ""
        assert wrong_blobs(pack) == []


@pytest.mark.parametrize("answer", [html, cut_short, broken, rubbish])
def test_an_index_that_lies_is_named(project, answer, tmp_path):
    with serving(answer) as address:
        index = {"UV_DEFAULT_INDEX": f"{address}/simple", "UV_HTTP_RETRIES": "0", "no_proxy": "127.0.0.1"}
        others = dict.fromkeys(("UV_INDEX", "UV_FIND_LINKS", "PIP_FIND_LINKS", "PIP_EXTRA_INDEX_URL"), "")
        pack = PackCommand(memory=tmp_path / "memory", more={**others, **index, "UV_CACHE_DIR": str(tmp_path / "uv")})
        asking = unlocked(project, tmp_path)
        (asking / "requirements.txt").write_text("flask\nno-such-distribution-xyzzy\n")

        done = pack("build", asking)

        assert done.returncode in {5, 75}, done.stderr
        assert "Traceback" not in done.stderr
        assert done.stdout == ""


def unlocked(project: Path, folder: Path) -> Path:
    """The project without its locks."""
    return shutil.copytree(project, folder / "unlocked", ignore=shutil.ignore_patterns("*.lock", "pylock.toml"))
