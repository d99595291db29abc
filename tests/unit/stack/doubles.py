"""A small engine on a socket: containers as documents, and everything that it was asked to do."""

from __future__ import annotations

import json
import re
import socketserver
import struct
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

from packer.stack.identity import DEPENDENCIES_LABEL, FOLDER_LABEL, PROJECT_LABEL, RUN_LABEL, SERVICE_LABEL

FOLDER = "/home/anna/shop"


def container(
    name: str,
    *,
    service: str | None = None,
    folder: str = FOLDER,
    project: str = "shop",
    state: str = "running",
    status: str = "Up 2 minutes",
    needs: str = "",
    more: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """What an engine's listing says of a container; without a service it is one of `pack run`."""
    own = {SERVICE_LABEL: service, DEPENDENCIES_LABEL: needs} if service else {RUN_LABEL: "shop:latest"}
    return {
        "Id": f"id-{name}",
        "Names": [f"/{name}"],
        "Image": "shop:latest",
        "ImageID": "sha256:abc",
        "State": state,
        "Status": status,
        "Created": 1000,
        "Ports": [],
        "Labels": {PROJECT_LABEL: project, FOLDER_LABEL: folder, **own},
        **(more or {}),
    }


@dataclass
class EngineDouble:
    """What it has and what it was told; `logs` are lines by container, `details` what it tells of one."""

    containers: list[dict[str, Any]]
    details: dict[str, dict[str, Any]] = field(default_factory=dict)
    volumes: dict[str, dict[str, Any]] = field(default_factory=dict)
    logs: dict[str, list[bytes]] = field(default_factory=dict)
    refused: frozenset[str] = frozenset()
    calls: list[str] = field(default_factory=list)
    host: str = ""

    @property
    def environment(self) -> dict[str, str]:
        return {"DOCKER_HOST": self.host}

    def answer(self, method: str, path: str, query: dict[str, list[str]]) -> tuple[int, object]:
        route = re.sub(r"^/v[\d.]+", "", path)
        if route == "/version":
            return 200, {"ApiVersion": "1.43"}
        if route == "/containers/json":
            wanted = json.loads(query.get("filters", ["{}"])[0]).get("label", [])
            return 200, [one for one in self.containers if _has(one["Labels"], wanted)]
        kind, _, rest = route.strip("/").partition("/")
        name, _, verb = rest.partition("/")
        if method == "GET" and verb == "logs":
            return 200, b"".join(_frame(line) for line in self.logs.get(name, []))
        if method == "GET":
            found = (self.volumes if kind == "volumes" else self.details).get(name)
            return (200, found) if found is not None else (404, {"message": f"no {name}"})
        values = {key: value[0] for key, value in sorted(query.items())}
        self.calls.append(f"{method} {route} {values}" if values else f"{method} {route}")
        return (500, {"message": "no"}) if name in self.refused else (204, None)


def _has(labels: Mapping[str, str], wanted: list[str]) -> bool:
    return all(labels.get(text.partition("=")[0]) == text.partition("=")[2] for text in wanted)


def _frame(line: bytes) -> bytes:
    return struct.pack(">BxxxL", 1, len(line)) + line


@contextmanager
def serving(double: EngineDouble, path: Path) -> Iterator[EngineDouble]:
    """Serve it on a socket until the block ends."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def handle_any(self) -> None:
            address = urlsplit(self.path)
            self.rfile.read(int(self.headers.get("Content-Length") or 0))
            status, answer = double.answer(self.command, address.path, parse_qs(address.query))
            content = answer if isinstance(answer, bytes) else b"" if answer is None else json.dumps(answer).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        do_GET = do_POST = do_DELETE = handle_any  # noqa: N815 - the names that http.server calls

        def log_message(self, *_: object) -> None:
            pass

        def address_string(self) -> str:
            return "unix"

    class Server(socketserver.ThreadingMixIn, socketserver.UnixStreamServer):
        daemon_threads = True

    with Server(str(path), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        double.host = f"unix://{path}"
        try:
            yield double
        finally:
            server.shutdown()
            thread.join()
            path.unlink()
