"""A package index that asks for a name and a password, on an address of this machine that containers reach, too."""

from __future__ import annotations

import base64
import hashlib
import io
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

__all__ = ["Index", "pure_wheel", "running_index"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Index:
    """A running one.

    Attributes:
        url: its address, with the name and the password.
        clients: the addresses of those who fetched a file.
    """

    url: str
    clients: set[str] = field(default_factory=set)


@contextmanager
def running_index(address: str, wheels: Mapping[str, bytes], *, name: str, password: str) -> Iterator[Index]:
    """Serve wheels, by file name, on a free port of an address until the block ends."""
    wanted = "Basic " + base64.b64encode(f"{name}:{password}".encode()).decode()
    clients: set[str] = set()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            if self.headers.get("Authorization") != wanted:
                self._answer(401, b"", ("WWW-Authenticate", 'Basic realm="index"'))
                return
            last = self.path.rstrip("/").rpartition("/")[2]
            if last in wheels:
                clients.add(self.client_address[0])
                self._answer(200, wheels[last])
                return
            links = [one for one in wheels if one.partition("-")[0].replace("_", "-") == last]
            self._answer(200 if links else 404, _page(links, wheels), ("Content-Type", "text/html"))

        def do_HEAD(self) -> None:
            self._answer(405, b"")

        def _answer(self, status: int, body: bytes, *headers: tuple[str, str]) -> None:
            self.send_response(status)
            for header in (*headers, ("Content-Length", str(len(body)))):
                self.send_header(*header)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer((address, 0), Handler)
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield Index(url=f"http://{name}:{password}@{address}:{server.server_port}/simple", clients=clients)
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def pure_wheel(name: str, version: str, files: Mapping[str, str]) -> tuple[str, bytes]:
    """The file name and the bytes of a wheel without native code."""
    folder = f"{name}-{version}.dist-info"
    metadata = {
        f"{folder}/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n",
        f"{folder}/WHEEL": "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    contents = {**files, **metadata}
    rows = [f"{path},{_record(text)},{len(text.encode())}\n" for path, text in contents.items()]
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for path, text in {**contents, f"{folder}/RECORD": "".join(rows) + f"{folder}/RECORD,,\n"}.items():
            archive.writestr(path, text)
    return f"{name}-{version}-py3-none-any.whl", stream.getvalue()


def _page(names: list[str], wheels: Mapping[str, bytes]) -> bytes:
    links = (f'<a href="../../files/{one}#sha256={hashlib.sha256(wheels[one]).hexdigest()}">{one}</a>' for one in names)
    return f"<!doctype html><html><body>{''.join(links)}</body></html>".encode()


def _record(text: str) -> str:
    digest = base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).rstrip(b"=")
    return f"sha256={digest.decode()}"
