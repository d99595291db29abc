"""Applications that nobody here wrote, from their source distributions: built with no setting, booted, asked."""

from __future__ import annotations

import http.client
import os
import subprocess
import tarfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from uv import find_uv_bin

from packer.engine.boot import BootResult, ask, wait_for_answer
from packer.engine.connection import Engine, connect
from packer.engine.diagnosis import diagnose
from packer.engine.throwaway import ThrowawayContainer, throwaway_container
from tests.testbed.daemon import Daemon

pytestmark = [pytest.mark.engine, pytest.mark.network]

DOWNLOADS = Path(__file__).parents[2] / ".artifacts" / "sdists"
BOOT_SECONDS = 60


@dataclass(frozen=True, kw_only=True)
class App:
    """A distribution, a path to ask, a text that its answer has, and variables that the container gets."""

    distribution: str
    path: str
    text: str
    environment: tuple[tuple[str, str], ...] = ()

    def __str__(self) -> str:
        return self.distribution


APPS = (
    App(distribution="bepasty", path="/", text="bepasty"),
    App(distribution="httpbin", path="/get?a=1", text='"a": "1"'),
    # It migrates its database as it is imported, which two processes at once cannot do.
    App(distribution="ihatemoney", path="/", text="I hate money", environment=(("WEB_CONCURRENCY", "1"),)),
    App(distribution="klaus", path="/", text="klaus"),
    App(distribution="openvpn-monitor", path="/", text="OpenVPN"),
    App(distribution="rq-dashboard", path="/rq-dashboard/static/css/main.css", text="font-"),
    App(distribution="snappass", path="/", text="Snappass"),
    App(distribution="whoogle-search", path="/", text="Whoogle Search"),
)


@pytest.fixture(scope="module")
def engine(docker_engine: Daemon) -> Iterator[Engine]:
    with connect(docker_engine.environment, Path.home()) as engine:
        yield engine


@pytest.mark.parametrize("app", APPS, ids=str)
def test_it_is_built_without_a_setting_and_answers(app, pack, engine, tmp_path):
    archive = tmp_path / "image.tar"
    built = pack("build", _sources(app.distribution, tmp_path), "--output", f"archive:{archive}")
    assert built.returncode == 0, built.stderr

    with archive.open("rb") as stream:
        loaded = engine.load(iter(lambda: stream.read(1 << 20), b""))
    with throwaway_container(engine, loaded.id, port=8000, environment=dict(app.environment)) as container:
        result = wait_for_answer(container, path=app.path, timeout=BOOT_SECONDS, ask=ask, clock=time)
        assert result.ok, _why(result)
        assert app.text in _body(container, app.path)


def _sources(distribution: str, folder: Path) -> Path:
    """The unpacked source distribution."""
    with tarfile.open(_source_archive(distribution)) as archive:
        archive.extraction_filter = getattr(tarfile, "data_filter", None)  # not in Debian 12's Python 3.11.2
        archive.extractall(folder / "sources")
    [root] = (folder / "sources").iterdir()
    return root


def _source_archive(distribution: str) -> Path:
    """The archive, fetched once in a checkout. pip runs a build back end to learn a source's metadata: slow."""
    folder = DOWNLOADS / distribution
    if not folder.is_dir():
        unfinished = folder.with_name(f".{distribution}.{os.getpid()}")
        words = ["pip", "download", "--quiet", "--no-deps", "--no-binary", ":all:", "--dest", unfinished, distribution]
        _python_with_pip(words)
        unfinished.rename(folder)
    [archive] = folder.glob("*.tar.gz")
    return archive


def _python_with_pip(words: list[str | Path]) -> None:
    command = [find_uv_bin(), "run", "--quiet", "--isolated", "--no-project", "--with", "pip", "python", "-m", *words]
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    if done.returncode:
        pytest.skip(f"the package index gave no source: {done.stderr.strip().splitlines()[-1]}")


def _body(container: ThrowawayContainer, path: str) -> str:
    connection = http.client.HTTPConnection("127.0.0.1", container.port, timeout=30)
    try:
        connection.request("GET", path)
        return connection.getresponse().read().decode("utf-8", errors="replace")
    finally:
        connection.close()


def _why(result: BootResult) -> str:
    diagnosis = diagnose(result.logs, ended=result.ended, status=result.status)
    return f"{diagnosis.cause}\n{diagnosis.excerpt}"
