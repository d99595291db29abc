"""Real engines and tools for integration tests. What this machine cannot give is skipped, with the reason."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.testbed.daemon import Daemon, DaemonError, running_daemon
from tests.testbed.engines import CLASSIC, KINDS, EngineKind
from tests.testbed.pack_command import PackCommand

EngineStarter = Callable[[EngineKind], Daemon]


@pytest.fixture(scope="session")
def start_engine() -> Iterator[EngineStarter]:
    """Starts an engine, once a session for each kind."""
    with ExitStack() as stack:
        known: dict[EngineKind, Daemon | DaemonError] = {}

        def start(kind: EngineKind) -> Daemon:
            if kind not in known:
                known[kind] = _attempt(stack, kind)
            engine = known[kind]
            if isinstance(engine, DaemonError):
                pytest.skip(str(engine))
            return engine

        yield start


@pytest.fixture(scope="session")
def docker_engine(start_engine: EngineStarter) -> Daemon:
    """Docker Engine 26.1 with its classic image store: what most servers run."""
    return start_engine(CLASSIC)


@pytest.fixture(scope="session", params=KINDS, ids=str)
def any_engine(request: pytest.FixtureRequest, start_engine: EngineStarter) -> Daemon:
    """Every kind of engine that images must load into, one after the other."""
    return start_engine(request.param)


@pytest.fixture(scope="session")
def skopeo() -> Path:
    """The `skopeo` command, an independent reader of images."""
    return _tool("skopeo")


@pytest.fixture(scope="session")
def umoci() -> Path:
    """The `umoci` command, an independent unpacker of OCI layouts."""
    return _tool("umoci")


@pytest.fixture(scope="session")
def pack(tmp_path_factory: pytest.TempPathFactory) -> PackCommand:
    """The `pack` command; bases and wheels are fetched once a session."""
    return PackCommand(memory=tmp_path_factory.mktemp("pack-memory"))


def _attempt(stack: ExitStack, kind: EngineKind) -> Daemon | DaemonError:
    try:
        return stack.enter_context(running_daemon(kind))
    except DaemonError as error:
        return error


def _tool(name: str) -> Path:
    found = shutil.which(name)
    if not found:
        pytest.skip(f"{name} is not installed: `python3 tests/run.py` installs it")
    return Path(found)
