"""Real engines and tools for integration tests. What this machine cannot give is skipped, with the reason."""

from __future__ import annotations

import os
import shutil
import signal
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from tests.testbed.apt import AptError
from tests.testbed.daemon import Daemon, DaemonError, running_daemon
from tests.testbed.engines import CLASSIC, KINDS, EngineKind
from tests.testbed.pack_command import PackCommand
from tests.testbed.registry import Account, TokenService, running_token_service
from tests.testbed.registry.certificates import Authority, Identity
from tests.testbed.registry.judge import Judge, JudgeError, TokenTrust, running_judge
from tests.testbed.registry.signatures import TokenSigner
from tests.testbed.stand_ins import StandInError, make_mysql, make_stand_ins

EngineStarter = Callable[[EngineKind], Daemon]
JudgeStarter = Callable[..., Judge]


@pytest.fixture(scope="session", autouse=True)
def interrupts_heard() -> None:
    """A shell has what it runs in the background ignore interrupts; so would every command that tests interrupt."""
    signal.signal(signal.SIGINT, signal.default_int_handler)


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


@pytest.fixture(scope="session")
def stocked_engine(docker_engine: Daemon) -> Daemon:
    """That engine, with stand-ins for the images of public registries which Dockerfiles name."""
    try:
        make_stand_ins(docker_engine)
    except (StandInError, AptError) as error:
        pytest.skip(str(error))
    return docker_engine


@pytest.fixture(scope="session")
def database_engine(stocked_engine: Daemon) -> Daemon:
    """That engine, with MySQL, too."""
    try:
        make_mysql(stocked_engine)
    except (StandInError, AptError) as error:
        pytest.skip(str(error))
    return stocked_engine


@pytest.fixture(scope="session")
def building_pack(pack: PackCommand, stocked_engine: Daemon) -> PackCommand:
    """The `pack` command of somebody who has the docker command, for that engine."""
    path = f"{stocked_engine.client.parent}:{os.environ['PATH']}"
    return PackCommand(memory=pack.memory, more={**stocked_engine.environment, "PATH": path})


@pytest.fixture(scope="session", params=KINDS, ids=str)
def any_engine(request: pytest.FixtureRequest, start_engine: EngineStarter) -> Daemon:
    """Every kind of engine that images must load into, one after the other."""
    return start_engine(request.param)


@pytest.fixture(scope="session")
def skopeo() -> Path:
    """The `skopeo` command, an independent reader of images."""
    return _tool("skopeo")


@pytest.fixture(scope="session")
def chromium() -> Path:
    """The `chromium` command, a browser."""
    return _tool("chromium")


@pytest.fixture(scope="session")
def umoci() -> Path:
    """The `umoci` command, an independent unpacker of OCI layouts."""
    return _tool("umoci")


@pytest.fixture(scope="session")
def pack(tmp_path_factory: pytest.TempPathFactory) -> PackCommand:
    """The `pack` command; bases and wheels are fetched once a session."""
    return PackCommand(memory=tmp_path_factory.mktemp("pack-memory"))


@pytest.fixture(scope="session")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    """An authority that signs certificates for loopback; clients must be told to trust it."""
    _tool("openssl")
    return Authority.create(tmp_path_factory.mktemp("tls") / "authority")


@pytest.fixture(scope="session")
def identity(authority: Authority) -> Identity:
    """A server's certificate of that authority."""
    return authority.identity()


@pytest.fixture(scope="session")
def start_judge(tmp_path_factory: pytest.TempPathFactory) -> Iterator[JudgeStarter]:
    """Starts Debian's docker-registry with the arguments of `running_judge`; it runs until the session's end."""
    with ExitStack() as stack:

        def start(**terms: Any) -> Judge:
            try:
                return stack.enter_context(running_judge(tmp_path_factory.mktemp("judge") / "registry", **terms))
            except JudgeError as error:
                pytest.skip(str(error))

        yield start


@pytest.fixture(scope="session")
def open_judge(start_judge: JudgeStarter) -> Judge:
    """Debian's docker-registry: no encryption, no login."""
    return start_judge()


@pytest.fixture(scope="session")
def password_judge(start_judge: JudgeStarter, identity: Identity) -> Judge:
    """Debian's docker-registry, encrypted, for the testbed's account and its password."""
    return start_judge(tls=identity, accounts=(Account(),))


@pytest.fixture(scope="session")
def token_judge(start_judge: JudgeStarter, authority: Authority, identity: Identity) -> Iterator[Judge]:
    """Debian's docker-registry, encrypted, for tokens of the testbed's service and account."""
    signer = TokenSigner(authority.identity("tokens", rsa=True))
    with running_token_service(TokenService(mint=signer), tls=identity.server_side()) as service:
        trust = TokenTrust(
            realm=f"{service.url}/token",
            service="judge",
            issuer=signer.issuer,
            certificates=authority.certificate,
        )
        yield start_judge(tls=identity, trust=trust)


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
