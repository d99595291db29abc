"""Both builders make the same image of one plan: configuration, files, environment, and what it answers.

What is meant to differ is listed in `tests.testbed.parity`, and nowhere else.
"""

from __future__ import annotations

import gzip
import io
import os
import re
import shutil
import subprocess
import tarfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from packer.engine.boot import ask, wait_for_answer
from packer.engine.connection import connect
from packer.engine.placeholders import placeholder_environment
from packer.engine.throwaway import throwaway_container
from packer.project.inspect import inspect
from packer.system.tree import DirectoryTree
from tests.testbed.apt import AptError
from tests.testbed.daemon import Daemon
from tests.testbed.pack_command import PackCommand
from tests.testbed.parity import Seen, answer, configuration, seen, without
from tests.testbed.stand_ins import StandInError, docker, make_bookworm

pytestmark = [pytest.mark.engine, pytest.mark.network]

MADE_UP_LOCKS = frozenset({"frozen-on-another-machine", "poetry-with-groups", "uv-lock-beside-old-requirements"})
"""Samples that are there to be read: what they pin has no files, or none that exist, so nobody can install it."""
PROJECTS = sorted(
    folder for folder in (Path(__file__).parents[1] / "projects").iterdir() if folder.name not in MADE_UP_LOCKS
)
BOOT_SECONDS = 60
AT_ONCE = 2
CHANGING = (
    re.compile(rb"\b0x[0-9a-f]{6,16}\b"),
    re.compile(rb'"[\w.~-]{40,}"'),
    re.compile(rb"\d{4}-\d\d-\d\d[ T][\d:.]+"),
    re.compile(rb"(?<=\d)m\d+(?=\.)"),
)
"""What is new in every answer or image: a token against forged requests, the time, the times of files in URLs."""


Answers = dict[str, tuple[int, bytes]]
_ASKED = re.compile(r"c\.request\('GET','([^']*)'\)")
"""The path in the command of a health check."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """What a builder made of a project: how it ended, and, where it made an image, what there is to be seen of it."""

    status: int
    message: str
    configuration: dict[str, Any]
    seen: Seen | None
    answers: Answers


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """A project, made twice."""

    native: Made
    engine: Made


Pairs = Callable[[Path], Pair]


@pytest.fixture(scope="module")
def engine(stocked_engine: Daemon) -> Daemon:
    """An engine that has stand-ins for the Python images of both Debian releases."""
    try:
        make_bookworm(stocked_engine)
    except (StandInError, AptError) as error:
        pytest.skip(str(error))
    return stocked_engine


@pytest.fixture(scope="module")
def pairs(
    building_pack: PackCommand, engine: Daemon, request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Pairs]:
    """Makes the images of all projects that are tested, two projects at a time."""
    folder = tmp_path_factory.mktemp("parity")
    wanted = [
        item.callspec.params["project"]
        for item in request.session.items
        if isinstance(item, pytest.Function) and item.module is request.module and hasattr(item, "callspec")
    ]
    with ThreadPoolExecutor(AT_ONCE) as pool:
        futures = {one: pool.submit(pair, building_pack, engine, one, folder) for one in wanted}
        yield lambda project: futures[project].result()
        for future in futures.values():
            future.cancel()


def pair(pack: PackCommand, engine: Daemon, project: Path, folder: Path) -> Pair:
    """A copy of a project, made by both builders. Both images are gone afterwards."""
    copy = folder / project.name
    shutil.copytree(project / "project", copy, symlinks=True)
    return Pair(
        native=made(pack, engine, copy, f"parity/native-{project.name}", "--builder", "native", "--load"),
        engine=made(pack, engine, copy, f"parity/engine-{project.name}", "--builder", "engine"),
    )


def made(pack: PackCommand, engine: Daemon, project: Path, tag: str, *words: str) -> Made:
    built = pack("build", project, "-t", tag, *words)
    if built.returncode:
        return Made(status=built.returncode, message=refusal(built.stderr), configuration={}, seen=None, answers={})
    try:
        return Made(
            status=0,
            message="",
            configuration=configuration(engine, tag),
            seen=seen(engine, tag),
            answers=answers(engine, project, tag),
        )
    finally:
        docker(engine, "rmi", "--force", tag)


def refusal(text: str) -> str:
    return next((line for line in text.splitlines() if line.startswith("error")), text)


def answers(engine: Daemon, project: Path, tag: str) -> Answers:
    """What the image answers: whether it boots by its health check's path, then what it says there and at the top."""
    facts = inspect(DirectoryTree(project))
    values = placeholder_environment(facts.environment, secret="parity")
    config = configuration(engine, tag)
    [port] = [int(name.partition("/")[0]) for name in config["ExposedPorts"]]
    asked = _ASKED.search(config["Healthcheck"]["Test"][-1])
    path = asked[1] if asked else "/"
    with (
        connect(engine.environment, Path.home()) as client,
        throwaway_container(client, tag, port=port, environment=values) as container,
    ):
        result = wait_for_answer(container, path=path, timeout=BOOT_SECONDS, ask=ask, clock=time)
        if not result.ok:
            return {path: (result.status or 0, b"")}
        return {one: without(answer(container.port, one), *CHANGING) for one in (path, "/")}


@pytest.mark.parametrize("project", PROJECTS, ids=lambda folder: folder.name)
def test_both_builders_make_the_same_image(project: Path, pairs: Pairs) -> None:
    one = pairs(project)

    assert (one.engine.status, one.engine.message) == (one.native.status, one.native.message)
    assert one.engine.configuration == one.native.configuration
    if one.native.seen is None or one.engine.seen is None:
        return
    assert differences(one.engine.seen.application, one.native.seen.application) == {}
    assert differences(one.engine.seen.environment, one.native.seen.environment) == {}
    assert one.engine.seen.scripts == one.native.seen.scripts
    assert one.engine.answers == one.native.answers


def differences(left: Any, right: Any) -> dict[str, tuple[Any, Any]]:
    """The paths that differ, with both states."""
    return {
        path: (left.get(path), right.get(path))
        for path in left.keys() | right.keys()
        if left.get(path) != right.get(path)
    }


def test_both_web_images_hold_the_same_files(building_pack: PackCommand, engine: Daemon, tmp_path: Path) -> None:
    project = tmp_path / "shop"
    shutil.copytree(Path(__file__).parents[1] / "projects" / "blueprints-with-static-folders" / "project", project)
    for style in list(project.rglob("*.css")):
        style.with_name("LARGE.CSS").write_text("a { color: red }\n" * 500)
    served = {}
    for builder in ("native", "engine"):
        built = building_pack("build", project, "--web", "--load", "--builder", builder, "-t", f"parity/{builder}:1")
        assert built.returncode == 0, built.stderr
        served[builder] = static_files(engine, f"parity/{builder}-web:1")

    assert served["engine"] == served["native"]
    assert any(path.endswith("LARGE.CSS.gz") for path in served["native"])


def static_files(engine: Daemon, tag: str) -> dict[str, tuple[bytes, int, int]]:
    """What nginx serves by itself: content, unpacked where it is compressed, mode and owner."""
    container = docker(engine, "create", tag).strip()
    environment = {**os.environ, **engine.environment}
    command = [engine.client, "cp", f"{container}:/srv/www", "-"]
    try:
        copied = subprocess.run(command, check=True, capture_output=True, env=environment).stdout
    finally:
        docker(engine, "rm", container)
    with tarfile.open(fileobj=io.BytesIO(copied)) as archive:
        found = {one.name: (one, archive.extractfile(one)) for one in archive if one.isreg()}
        contents = {name: stream.read() for name, (_, stream) in found.items() if stream is not None}
    return {
        name: (gzip.decompress(contents[name]) if name.endswith(".gz") else contents[name], entry.mode, entry.uid)
        for name, (entry, _) in found.items()
    }
