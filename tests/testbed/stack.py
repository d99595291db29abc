"""A project's stack in a test's engine, started and stopped by pack as its user would, and looked at from outside."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .daemon import Daemon
from .pack_command import PackCommand
from .stand_ins import docker

__all__ = ["Stack", "eventually"]

_PATIENCE = 120
_PAUSE = 0.1
_PROJECT = "com.docker.compose.project.working_dir"
_SERVICE = "com.docker.compose.service"


@dataclass(frozen=True, slots=True, kw_only=True)
class Stack:
    """The stack of the project in `folder`; `pack` knows the engine."""

    engine: Daemon
    pack: PackCommand
    folder: Path

    @classmethod
    def of(cls, folder: Path, engine: Daemon, pack: PackCommand, *, more: Mapping[str, str] | None = None) -> Stack:
        """A stack whose `pack` finds the engine's own `docker` command first."""
        path = f"{engine.client.parent}{os.pathsep}{os.environ.get('PATH', '')}"
        equipped = PackCommand(memory=pack.memory, more={**engine.environment, "PATH": path, **(more or {})})
        return cls(engine=engine, pack=equipped, folder=folder)

    def up(self, *words: str) -> str:
        """`pack up -d` to its good end; the address that it prints."""
        done = self.pack("up", "-d", self.folder, *words)
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    def failing_up(self, *words: str) -> str:
        """`pack up -d` to its bad end; what it says."""
        done = self.pack("up", "-d", self.folder, *words)
        assert (done.returncode, done.stdout) == (7, ""), done.stderr
        assert "Traceback (most recent call last)" not in done.stderr.partition("\nerror")[0]
        return done.stderr

    def down(self, *words: str) -> str:
        """`pack down` to its good end; what it says."""
        done = self.pack("down", self.folder, *words)
        assert done.returncode == 0, done.stderr
        return done.stderr

    def containers(self) -> dict[str, dict[str, Any]]:
        """What the engine says of each service's container, running or not."""
        label = f"label={_PROJECT}={os.path.realpath(self.folder)}"
        names = docker(self.engine, "ps", "--all", "--quiet", "--filter", label).split()
        described = json.loads(docker(self.engine, "inspect", *names)) if names else []
        return {one["Config"]["Labels"][_SERVICE]: one for one in described}

    def ids(self) -> dict[str, tuple[str, str]]:
        """Which container each service has, and when it was started: what a restart changes."""
        return {name: (one["Id"], one["State"]["StartedAt"]) for name, one in self.containers().items()}

    def logs(self, service: str) -> str:
        """What a service wrote."""
        words = [self.engine.client, "logs", self.containers()[service]["Id"]]
        done = subprocess.run(
            words, check=True, capture_output=True, text=True, env={**os.environ, **self.engine.environment}
        )
        return done.stdout + done.stderr

    def sql(self, question: str) -> list[str]:
        """The rows that the database has to answer, as its root asks them inside its container."""
        container = self.containers()["database"]
        client = "mariadb" if "mariadb" in container["Config"]["Image"] else "mysql"
        script = (
            f'MYSQL_PWD="$(cat /run/secrets/database_password)" {client} --protocol=tcp --host=127.0.0.1'
            ' --user="$MYSQL_USER" --skip-column-names --batch --execute="$0" "$MYSQL_DATABASE"'
        )
        return docker(self.engine, "exec", container["Id"], "sh", "-c", script, question).splitlines()

    def crash(self, service: str) -> None:
        """Kill a service's first process, as the kernel does that has no memory left; nobody asked it to stop."""
        number = self.containers()[service]["State"]["Pid"]
        os.kill(number, signal.SIGKILL)

    def is_well(self, service: str) -> bool:
        """Whether the service runs, and its health check has succeeded."""
        state = self.containers()[service]["State"]
        return bool(state["Running"]) and state.get("Health", {}).get("Status") == "healthy"


def eventually(holds: Callable[[], object], *, seconds: float = _PATIENCE) -> float:
    """Ask until it holds; how long that took."""
    start = time.monotonic()
    while True:
        try:
            if holds():
                return time.monotonic() - start
        except OSError:
            pass
        assert time.monotonic() - start < seconds, "it never came true"
        time.sleep(_PAUSE)
