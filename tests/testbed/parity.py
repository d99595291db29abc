"""Two images of one plan, made by the two builders, looked at as a stranger would: by the engine and from within."""

from __future__ import annotations

import http.client
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .daemon import Daemon
from .stand_ins import docker

__all__ = ["Seen", "configuration", "answer", "seen", "without"]

_PROGRAM = Path(__file__).with_name("inside.py")
_VENV = "/app/.venv/"
_CONFIGURED = ("Entrypoint", "Cmd", "Env", "User", "WorkingDir", "ExposedPorts", "Labels", "Healthcheck", "Volumes",
               "StopSignal", "OnBuild", "Shell")  # fmt: skip

BASE_LABELS = frozenset({"org.opencontainers.image.base.name", "org.opencontainers.image.base.digest"})
"""The builders stand on different bases: Debian packages, and Docker's own Python image."""
BASE_VARIABLES = frozenset({"GPG_KEY", "PYTHON_SHA256", "PYTHON_VERSION", "SSL_CERT_FILE"})
"""What Docker's own Python image says of itself, and where Debian packages without their scripts have authorities."""
_OF_AN_INSTALLER = re.compile(r"\.dist-info/(INSTALLER|RECORD|REQUESTED|direct_url\.json|uv_(build|cache)\.json)$")
"""What an installer says of its own work."""
_OF_VENV = re.compile(
    r"^(bin/([Aa]ctivate.*|python[0-9.]*|(pip|easy_install-)3\.\d+)|lib64|include.*|\.gitignore|pyvenv\.cfg|CACHEDIR\.TAG|\.lock)$"
)
"""What makes a folder an environment: the interpreter's path, shell scripts, and pip under its name."""
_SCRIPT = re.compile(r"^bin/")
"""Entry points: each installer has its own words for the same call."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What an image holds.

    Attributes:
        application: the files of /app, without the environment.
        environment: the files of /app/.venv by their path in it, without what differs by the installer.
        scripts: the programs of the environment.
    """

    application: Mapping[str, tuple[str, ...]]
    environment: Mapping[str, tuple[str, ...]]
    scripts: frozenset[str]


def seen(engine: Daemon, image: str) -> Seen:
    """Ask the image's own interpreter."""
    words = ("--rm", "--network", "none", "--user", "0", "--entrypoint", "/app/.venv/bin/python")
    told = docker(engine, "run", *words, image, "-I", "-B", "-c", _PROGRAM.read_text(encoding="utf-8"), "/app")
    found: dict[str, list[str]] = json.loads(told)
    inner = {path.removeprefix(_VENV): tuple(state) for path, state in found.items() if path.startswith(_VENV)}
    files = {path: state for path, state in inner.items() if state[0] != "folder" and not _OF_VENV.match(path)}
    return Seen(
        application={path: tuple(state) for path, state in found.items() if not path.startswith(_VENV)},
        environment={
            path: state
            for path, state in files.items()
            if not _SCRIPT.match(path) and not _OF_AN_INSTALLER.search(path)
        },
        scripts=frozenset(path for path in files if _SCRIPT.match(path)),
    )


def configuration(engine: Daemon, image: str) -> dict[str, Any]:
    """The configuration of an image, without what is meant to differ."""
    config = json.loads(docker(engine, "image", "inspect", image))[0]["Config"]
    told = {name: config.get(name) or None for name in _CONFIGURED}
    told["Env"] = sorted(one for one in told["Env"] if one.partition("=")[0] not in BASE_VARIABLES)
    told["Labels"] = {name: value for name, value in (told["Labels"] or {}).items() if name not in BASE_LABELS}
    return told


def without(answer: tuple[int, bytes], *changing: re.Pattern[bytes]) -> tuple[int, bytes]:
    """An answer without what changes with every one."""
    status, body = answer
    for pattern in changing:
        body = pattern.sub(b"", body)
    return status, body


def answer(port: int, path: str) -> tuple[int, bytes]:
    """What a port of this machine answers."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    try:
        connection.request("GET", path)
        response = connection.getresponse()
        return response.status, response.read()
    finally:
        connection.close()
