"""Encrypted connections, straight and through a proxy, against servers on loopback with an authority of our own."""

from __future__ import annotations

import shutil
import socket
import ssl
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from packer.errors import TransientError, TrustError
from packer.system.http import RetryPolicy
from packer.system.urllib_http import UrllibHttp

pytestmark = pytest.mark.skipif(shutil.which("openssl") is None, reason="openssl makes the certificate")


class Greeter(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        if self.path == "/open":
            self.send_response(302)
            self.send_header("location", "http://127.0.0.1:9/")
        else:
            self.send_response(200)
        self.send_header("content-length", "5")
        self.end_headers()
        self.wfile.write(b"hello")

    def log_message(self, *_: object) -> None:
        """Say nothing."""


class Tunnel(BaseHTTPRequestHandler):
    """A proxy that wants a password and then connects to anywhere on loopback."""

    asked: list[tuple[str, str | None]]

    def do_CONNECT(self) -> None:
        self.asked.append((self.path, self.headers.get("proxy-authorization")))
        host, _, port = self.path.partition(":")
        if self.headers.get("proxy-authorization") is None:
            self.send_error(407)
            return
        with socket.create_connection((host, int(port))) as server:
            self.send_response(200)
            self.end_headers()
            there = threading.Thread(target=_pour, args=(self.connection, server))
            there.start()
            _pour(server, self.connection)
            there.join()

    def log_message(self, *_: object) -> None:
        """Say nothing."""


def _pour(source: socket.socket, sink: socket.socket) -> None:
    try:
        while chunk := source.recv(65_536):
            sink.sendall(chunk)
        sink.shutdown(socket.SHUT_WR)
    except OSError:
        return


@contextmanager
def serving(handler: type[BaseHTTPRequestHandler], certificate: Path | None = None) -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        if certificate:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(certificate)
            server.socket = context.wrap_socket(server.socket, server_side=True)
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield f"127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A self-signed certificate for 127.0.0.1, with its key in the same file."""
    folder = tmp_path_factory.mktemp("tls")
    subprocess.run(
        [
            *("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"),
            *("-subj", "/CN=loopback", "-addext", "subjectAltName=IP:127.0.0.1", "-days", "2"),
            *("-keyout", "key.pem", "-out", "certificate.pem"),
        ],
        cwd=folder,
        check=True,
        capture_output=True,
    )
    both = folder / "both.pem"
    both.write_bytes((folder / "certificate.pem").read_bytes() + (folder / "key.pem").read_bytes())
    return both


@pytest.fixture
def server(certificate: Path) -> Iterator[str]:
    with serving(Greeter, certificate) as address:
        yield address


def body(url: str, **environment: str) -> bytes:
    with UrllibHttp(environment, retry=RetryPolicy(attempts=1)).get(url) as response:
        return response.read(100)


@pytest.mark.parametrize("variable", ["SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"])
def test_the_authority_that_the_environment_names_is_trusted(server: str, certificate: Path, variable: str) -> None:
    assert body(f"https://{server}/", **{variable: str(certificate)}) == b"hello"


def test_an_unknown_authority_is_refused_with_the_way_out(server: str) -> None:
    with pytest.raises(TrustError, match="certificate") as caught:
        body(f"https://{server}/")
    assert "SSL_CERT_FILE" in (caught.value.hint or "")


def test_a_certificate_for_another_name_is_refused(server: str, certificate: Path) -> None:
    with pytest.raises(TrustError):
        body(f"https://{server.replace('127.0.0.1', 'localhost')}/", SSL_CERT_FILE=str(certificate))


def test_a_redirect_never_leaves_encryption(server: str, certificate: Path) -> None:
    with pytest.raises(TrustError, match="open connection"):
        body(f"https://{server}/open", SSL_CERT_FILE=str(certificate))


def test_an_encrypted_connection_goes_through_a_proxy_with_its_password(server: str, certificate: Path) -> None:
    tunnel = type("AskedTunnel", (Tunnel,), {"asked": []})
    with serving(tunnel) as proxy:
        environment = {"SSL_CERT_FILE": str(certificate), "HTTPS_PROXY": f"http://user:word@{proxy}"}
        assert body(f"https://{server}/", **environment) == b"hello"
    assert tunnel.asked == [(server, "Basic dXNlcjp3b3Jk")]


def test_a_proxy_that_wants_a_password_is_named(server: str, certificate: Path) -> None:
    tunnel = type("AskedTunnel", (Tunnel,), {"asked": []})
    with (
        serving(tunnel) as proxy,
        pytest.raises(TransientError, match=f"proxy http://{proxy} wants a name and password"),
    ):
        body(f"https://{server}/", SSL_CERT_FILE=str(certificate), HTTPS_PROXY=f"http://{proxy}")
