"""Real engines and tools for integration tests. What this machine cannot give is skipped, with the reason."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.testbed.daemon import Daemon, DaemonError, running_daemon
from tests.testbed.engines import CLASSIC, KINDS, EngineKind

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


@pytest.fixture
def engine_environment(docker_engine: Daemon, monkeypatch: pytest.MonkeyPatch) -> Mapping[str, str]:
    """The environment of a process whose engine is the private one, this process's own included."""
    for name, value in docker_engine.environment.items():
        monkeypatch.setenv(name, value)
    return {**os.environ, **docker_engine.environment}


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
