"""Podman's service, which speaks Docker's language, with everything that it keeps in a folder of its own."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

__all__ = ["PodmanError", "running_podman"]

_START_SECONDS = 30
_POLL_SECONDS = 0.05
_LIMITS = '[containers]\ndefault_ulimits = ["nofile=1024:1024", "nproc=1024:1024"]\n'
"""Its own defaults are more than a container on a test machine may ask for."""


class PodmanError(Exception):
    """It does not run here; the text says why."""


@contextmanager
def running_podman() -> Iterator[str]:
    """Run it until the block ends; what `DOCKER_HOST` must be. Raises `PodmanError` when it cannot run here."""
    program, runtime = shutil.which("podman"), shutil.which("runc", path=f"{os.environ.get('PATH', '')}:/usr/sbin")
    if program is None or runtime is None or os.getuid() != 0:
        raise PodmanError("podman and runc are not installed here, or this is not root")
    folder = Path(tempfile.mkdtemp(prefix="pack-podman-"))
    (folder / "containers.conf").write_text(_LIMITS)
    host = f"unix://{folder}/podman.sock"
    places = ["--root", f"{folder}/root", "--runroot", f"{folder}/run", "--storage-driver", "overlay"]
    command = [program, *places, "--runtime", runtime, "--cgroup-manager", "cgroupfs"]
    environment = {**os.environ, "CONTAINERS_CONF": f"{folder}/containers.conf"}
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(
            [*command, "system", "service", "--time=0", host],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            env=environment,
            start_new_session=True,
        )
    try:
        _wait(folder, process)
        yield host
    finally:
        subprocess.run([*command, "rm", "--all", "--force"], check=False, capture_output=True, env=environment)
        process.send_signal(signal.SIGTERM)
        process.wait()
        subprocess.run([program, *places, "unmount", "--all"], check=False, capture_output=True, env=environment)
        shutil.rmtree(folder, ignore_errors=True)


def _wait(folder: Path, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + _START_SECONDS
    while not (folder / "podman.sock").exists():
        if process.poll() is not None or time.monotonic() > deadline:
            raise PodmanError(f"podman does not serve: {(folder / 'log').read_text(errors='replace')[-500:]}")
        time.sleep(_POLL_SECONDS)
