"""A private Docker Engine: its own folder, socket and bridge, which go when it ends."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from .engines import MODERN, EngineKind, EngineRelease, unpacked
from .privilege import NoPrivilegeError, as_root

__all__ = ["DaemonError", "Daemon", "running_daemon"]

_START_SECONDS = 60
_STOP_SECONDS = 30
_POLL_SECONDS = 0.05
_SUBNET = "10.213.{}.1/24"


class DaemonError(Exception):
    """The engine does not run here; the text says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Daemon:
    """A running engine.

    Attributes:
        host: what `DOCKER_HOST` must be.
        client: a `docker` command with buildx that knows this engine's socket through `environment`.
        environment: variables for that command, and for anything else that talks to the engine.
        log: what the engine writes.
    """

    host: str
    client: Path
    environment: Mapping[str, str]
    log: Path


@contextmanager
def running_daemon(kind: EngineKind) -> Iterator[Daemon]:
    """Run an engine that was fetched until the block ends. Raises `DaemonError` when it cannot run here."""
    binaries, client = _programs(kind.release), _programs(MODERN)
    try:
        root_prefix = as_root()
    except NoPrivilegeError as error:
        raise DaemonError(f"dockerd needs root, and {error}") from error
    needed = [name for name in ("runc", "iptables", "ip") if not _find(name)]
    if needed:
        raise DaemonError(f"dockerd needs {', '.join(needed)}, which this machine has not")
    with ExitStack() as stack:
        folder = Path(tempfile.mkdtemp(prefix="pack-engine-"))
        stack.callback(_remove, folder, root_prefix)
        bridge = stack.enter_context(_bridge(root_prefix))
        process = _start(folder, binaries, bridge, root_prefix, containerd_store=kind.containerd_store)
        stack.callback(_stop, process, root_prefix)
        _wait(folder, process)
        yield Daemon(
            host=f"unix://{folder}/docker.sock",
            client=client / "usr/bin/docker",
            environment=_client_environment(folder, client),
            log=folder / "log",
        )


def _programs(release: EngineRelease) -> Path:
    folder = unpacked(release)
    if folder is None:
        raise DaemonError(f"Docker Engine {release.name} is not unpacked here: `python3 tests/run.py` fetches it")
    return folder


def _start(
    folder: Path, binaries: Path, bridge: str, root_prefix: tuple[str, ...], *, containerd_store: bool
) -> subprocess.Popen[bytes]:
    configuration = {"features": {"containerd-snapshotter": containerd_store}}
    (folder / "daemon.json").write_text(json.dumps(configuration))
    path = f"{binaries}/usr/sbin:{binaries}/usr/bin:{os.environ.get('PATH', '')}:/usr/sbin:/sbin"
    command = [
        *root_prefix,
        "env",
        f"PATH={path}",
        f"{binaries}/usr/sbin/dockerd",
        f"--config-file={folder}/daemon.json",
        f"--data-root={folder}/data",
        f"--exec-root={folder}/exec",
        f"--pidfile={folder}/pid",
        f"--host=unix://{folder}/docker.sock",
        f"--group={os.getgid()}",
        f"--bridge={bridge}",
    ]
    with (folder / "log").open("wb") as log:
        return subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT, start_new_session=True
        )


def _wait(folder: Path, process: subprocess.Popen[bytes]) -> None:
    """Return when the engine answers a ping."""
    deadline = time.monotonic() + _START_SECONDS
    while not _answers(folder / "docker.sock"):
        if process.poll() is not None:
            raise DaemonError(f"dockerd ended with {process.returncode}: {_last_words(folder / 'log')}")
        if time.monotonic() > deadline:
            raise DaemonError(f"dockerd did not answer in {_START_SECONDS} s: {_last_words(folder / 'log')}")
        time.sleep(_POLL_SECONDS)


def _answers(path: Path) -> bool:
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
        connection.settimeout(5)
        try:
            connection.connect(str(path))
            connection.sendall(b"GET /_ping HTTP/1.0\r\nHost: engine\r\n\r\n")
            return b" 200 " in connection.recv(64)
        except OSError:
            return False


def _stop(process: subprocess.Popen[bytes], root_prefix: tuple[str, ...]) -> None:
    """End the engine, which ends its containers; what does not end is killed with everything it started."""
    if process.poll() is None:
        _signal(process.pid, signal.SIGTERM, root_prefix)
    try:
        process.wait(_STOP_SECONDS)
    except subprocess.TimeoutExpired:
        _signal(-process.pid, signal.SIGKILL, root_prefix)
        process.wait(_STOP_SECONDS)


def _signal(target: int, number: signal.Signals, root_prefix: tuple[str, ...]) -> None:
    """Signal a process, or with a negative number its group. There may be no `kill` command, but there is Python."""
    words = [sys.executable, "-c", f"import os; os.kill({target}, {number.value})"]
    subprocess.run([*root_prefix, *words], check=False, capture_output=True)


@contextmanager
def _bridge(root_prefix: tuple[str, ...]) -> Iterator[str]:
    """A network bridge of the engine's own: two engines that share `docker0` take it from each other."""
    name = f"pack{os.getpid() % 1_000_000:06}{time.monotonic_ns() % 1000:03}"
    ip = [*root_prefix, _find("ip") or "ip"]
    taken = subprocess.run([*ip, "-4", "route"], check=True, capture_output=True, text=True).stdout
    start = os.getpid() % 256
    candidates = (_SUBNET.format((start + step) % 256) for step in range(256))
    address = next(candidate for candidate in candidates if f"{candidate.removesuffix('1/24')}0/24 " not in taken)
    try:
        for arguments in (
            ["link", "add", "name", name, "type", "bridge"],
            ["address", "add", address, "dev", name],
            ["link", "set", "dev", name, "up"],
        ):
            subprocess.run([*ip, *arguments], check=True, capture_output=True, text=True)
        yield name
    except subprocess.CalledProcessError as error:
        raise DaemonError(f"a network bridge cannot be made: {error.stderr.strip()}") from error
    finally:
        subprocess.run([*ip, "link", "delete", name], check=False, capture_output=True)
        _forget_rules(name, root_prefix)


def _forget_rules(bridge: str, root_prefix: tuple[str, ...]) -> None:
    """Delete the firewall rules that name the bridge; an engine leaves them behind."""
    iptables = _find("iptables") or "iptables"
    for table in ("filter", "nat"):
        command = [*root_prefix, iptables, "--wait", "--table", table]
        rules = subprocess.run([*command, "--list-rules"], check=False, capture_output=True, text=True).stdout
        for rule in rules.splitlines():
            if bridge in rule.split() and rule.startswith("-A "):
                subprocess.run([*command, "-D", *rule.split()[1:]], check=False, capture_output=True)


def _client_environment(folder: Path, client: Path) -> dict[str, str]:
    """A client configuration of its own: the engine, its plug-ins, and no credentials of the machine's user."""
    configuration = folder / "client"
    configuration.mkdir()
    plugins = {"cliPluginsExtraDirs": [f"{client}/usr/libexec/docker/cli-plugins"]}
    (configuration / "config.json").write_text(json.dumps(plugins))
    return {"DOCKER_HOST": f"unix://{folder}/docker.sock", "DOCKER_CONFIG": str(configuration)}


def _remove(folder: Path, root_prefix: tuple[str, ...]) -> None:
    """Unmount what the engine left mounted, then remove its folder."""
    mounts = Path("/proc/self/mounts").read_text(encoding="utf-8", errors="replace").splitlines()
    for point in sorted((line.split()[1] for line in mounts if f" {folder}/" in line), reverse=True):
        subprocess.run([*root_prefix, "umount", "-l", point], check=False, capture_output=True)
    subprocess.run([*root_prefix, "rm", "-rf", "--one-file-system", str(folder)], check=False, capture_output=True)


def _find(name: str) -> str | None:
    return shutil.which(name, path=f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin")


def _last_words(log: Path) -> str:
    lines = log.read_text(encoding="utf-8", errors="replace").strip().splitlines()
    return " / ".join(lines[-3:]) or "it said nothing"
