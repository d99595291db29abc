"""One question to an engine on this machine, without the docker SDK, which is slow to import."""

from __future__ import annotations

import json
import socket
from http.client import HTTPConnection, HTTPException

__all__ = ["SCHEME", "ask_locally"]

SCHEME = "unix://"
_MAX_BYTES = 16 << 20


class _SocketConnection(HTTPConnection):
    """HTTP over a socket of this machine."""

    def __init__(self, path: str, seconds: float) -> None:
        super().__init__("localhost", timeout=seconds)
        self._path = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self._path)


def ask_locally(host: str, target: str, *, seconds: float) -> object:
    """The JSON that an engine answers with; None when none answers so within `seconds`, or its answer is no JSON."""
    if not host.startswith(SCHEME):
        return None
    connection = _SocketConnection(host.removeprefix(SCHEME), seconds)
    try:
        connection.request("GET", target)
        response = connection.getresponse()
        content = response.read(_MAX_BYTES)
        return json.loads(content) if response.status == 200 else None
    except (OSError, HTTPException, ValueError, RecursionError):
        return None
    finally:
        connection.close()
