"""Which images the engine has containers of, asked in a moment: without the docker SDK, which is slow to import."""

from __future__ import annotations

import json
import socket
from collections.abc import Mapping
from http.client import HTTPConnection, HTTPException
from pathlib import Path

from packer.engine.endpoint import find_endpoints
from packer.errors import EngineError

__all__ = ["used_images"]

_SECONDS = 0.5
_MAX_BYTES = 16 << 20
_SCHEME = "unix://"


class _SocketConnection(HTTPConnection):
    """HTTP over a socket of this machine."""

    def __init__(self, path: str) -> None:
        super().__init__("localhost", timeout=_SECONDS)
        self._path = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(_SECONDS)
        self.sock.connect(self._path)


def used_images(environment: Mapping[str, str], home: Path) -> tuple[str, ...] | None:
    """For each container, running or not, the ID of its image; None when no engine on this machine answers soon.

    An engine elsewhere is not asked: reaching it takes longer than a moment.
    """
    try:
        hosts = [endpoint.host for endpoint in find_endpoints(environment, home)]
    except EngineError:
        return None
    answers = (_ask(host.removeprefix(_SCHEME)) for host in hosts if host.startswith(_SCHEME))
    return next((answer for answer in answers if answer is not None), None)


def _ask(path: str) -> tuple[str, ...] | None:
    connection = _SocketConnection(path)
    try:
        connection.request("GET", "/containers/json?all=1")
        response = connection.getresponse()
        content = response.read(_MAX_BYTES)
        containers = json.loads(content) if response.status == 200 else None
    except (OSError, HTTPException, ValueError, RecursionError):
        return None
    finally:
        connection.close()
    if not isinstance(containers, list):
        return None
    return tuple(str(one["ImageID"]) for one in containers if isinstance(one, dict) and "ImageID" in one)
