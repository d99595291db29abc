"""`UrllibHttp` against real servers on loopback, each of them with one bad habit."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from packer.errors import BuildError, PackError, TransientError, TrustError, UsageError
from packer.system.http import RetryPolicy
from packer.system.urllib_http import UrllibHttp

Answer = Callable[["Handler"], None]


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Server

    def do_GET(self) -> None:
        self.server.asked.append((self.path, {name.lower(): value for name, value in self.headers.items()}))
        self.server.answers[self.path.partition("?")[0]](self)

    def answer(self, status: int, body: bytes = b"", **headers: str) -> None:
        self.send_response(status)
        fields = {"content-length": str(len(body)), **{name.replace("_", "-"): text for name, text in headers.items()}}
        for name, text in fields.items():
            self.send_header(name, text)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


class Server(ThreadingHTTPServer):
    def __init__(self, answers: dict[str, Answer]) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.answers = answers
        self.asked: list[tuple[str, dict[str, str]]] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


@contextmanager
def serving(**answers: Answer) -> Iterator[Server]:
    with Server({f"/{name}": answer for name, answer in answers.items()}) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()


def gives(body: bytes) -> Answer:
    return lambda request: request.answer(200, body)


def redirects(location: str) -> Answer:
    return lambda request: request.answer(302, location=location)


def fails_first(times: int, status: int, **headers: str) -> Answer:
    left = [times]

    def answer(request: Handler) -> None:
        left[0] -= 1
        if left[0] >= 0:
            request.answer(status, b"busy", **headers)
        else:
            request.answer(200, b"at last")

    return answer


class Client(UrllibHttp):
    """A client that notes its pauses instead of making them."""

    def __init__(self, environment: dict[str, str] | None = None, **options: Any) -> None:
        self.pauses: list[float] = []
        super().__init__(environment or {}, sleep=self.pauses.append, **options)

    def body(self, url: str, **headers: str) -> bytes:
        with self.get(url, headers=headers) as response:
            assert response.status == 200
            return response.read(1 << 20)


def test_a_body_is_streamed_and_headers_are_found_in_any_spelling() -> None:
    with serving(blob=gives(b"x" * 600_000)) as server, Client().get(f"{server.url}/blob") as response:
        assert response.headers.get("CONTENT-LENGTH") == "600000"
        assert sum(len(chunk) for chunk in response.stream(100_000)) == 600_000


def test_a_status_that_waiting_cannot_change_is_returned() -> None:
    with serving(gone=lambda request: request.answer(410, b"no")) as server:
        client = Client()
        with client.get(f"{server.url}/gone") as response:
            assert (response.status, response.read(10)) == (410, b"no")
        assert client.pauses == []


@pytest.mark.parametrize("status", [408, 429, 500, 502, 503, 504])
def test_a_busy_server_is_asked_again_with_growing_pauses(status: int) -> None:
    with serving(busy=fails_first(2, status)) as server:
        client = Client()
        assert client.body(f"{server.url}/busy") == b"at last"
        assert client.pauses == [0.5, 1.5]


def test_retry_after_is_obeyed_up_to_a_cap() -> None:
    with serving(busy=fails_first(1, 429, retry_after="7"), never=fails_first(1, 503, retry_after="86400")) as server:
        client = Client()
        client.body(f"{server.url}/busy")
        client.body(f"{server.url}/never")
        assert client.pauses == [7.0, 30.0]


def test_retry_after_may_be_a_date_or_rubbish() -> None:
    date = "Wed, 21 Oct 2015 07:28:00 GMT"
    with serving(
        dated=fails_first(1, 503, retry_after=date), rubbish=fails_first(1, 503, retry_after="soon")
    ) as server:
        client = Client(now=lambda: 1_445_412_470.0)
        client.body(f"{server.url}/dated")
        client.body(f"{server.url}/rubbish")
        assert client.pauses == [10.0, 0.5]


def test_a_server_that_stays_busy_is_a_transient_error() -> None:
    with serving(busy=fails_first(99, 503)) as server:
        client = Client(retry=RetryPolicy(attempts=3))
        with pytest.raises(TransientError, match="answers 503"):
            client.body(f"{server.url}/busy")
        assert len(server.asked) == 3


def test_no_server_is_a_transient_error_that_names_the_host_and_does_not_take_long() -> None:
    client = Client()
    with pytest.raises(TransientError, match=r"no connection to 127\.0\.0\.1"):
        client.body("http://127.0.0.1:9/x")
    assert client.pauses == [0.5]


def test_a_short_body_is_noticed() -> None:
    def cut(request: Handler) -> None:
        request.answer(200, b"only this", content_length="100")
        request.close_connection = True

    with serving(cut=cut) as server, pytest.raises(TransientError, match="broke off"):
        Client().body(f"{server.url}/cut")


def test_a_body_that_says_it_is_compressed_is_left_as_it_is() -> None:
    stored = b"\x1f\x8b not really"
    with serving(blob=lambda request: request.answer(200, stored, content_encoding="gzip")) as server:
        assert Client().body(f"{server.url}/blob") == stored
        assert server.asked[0][1]["accept-encoding"] == "identity"


def test_an_answer_larger_than_the_limit_is_refused() -> None:
    big = gives(b"x" * 2000)
    refused = pytest.raises(BuildError, match="larger than 1000 bytes")
    with serving(big=big) as server, Client().get(f"{server.url}/big") as response, refused:
        response.read(1000)


def test_redirects_are_followed_and_credentials_stay_with_their_host() -> None:
    with serving(blob=gives(b"ok")) as other, serving() as server:
        server.answers = {
            "/here": redirects("/same"),
            "/same": gives(b"same"),
            "/away": redirects(f"{other.url}/blob"),
        }
        client = Client()
        assert client.body(f"{server.url}/here", Authorization="Bearer secret", Accept="a/b") == b"same"
        assert client.body(f"{server.url}/away", Authorization="Bearer secret", Cookie="c", Accept="a/b") == b"ok"
        assert server.asked[1][1]["authorization"] == "Bearer secret"
        fields = other.asked[0][1]
        assert "authorization" not in fields
        assert "cookie" not in fields
        assert fields["accept"] == "a/b"


def test_credentials_in_an_address_become_a_header_for_that_host_alone() -> None:
    with serving(blob=gives(b"ok")) as other, serving() as server:
        server.answers = {"/near": redirects("/blob"), "/blob": gives(b"ok"), "/far": redirects(f"{other.url}/blob")}
        address = server.url.replace("://", "://me:pass@")
        client = Client()
        client.body(f"{address}/near")
        client.body(f"{address}/far")
        assert [fields.get("authorization") for _, fields in server.asked] == ["Basic bWU6cGFzcw=="] * 3
        assert "authorization" not in other.asked[0][1]


def test_a_redirect_loop_ends() -> None:
    with serving(loop=redirects("/loop")) as server, pytest.raises(TransientError, match="without end"):
        Client().body(f"{server.url}/loop")


@pytest.mark.parametrize("location", ["file:///etc/passwd", "ftp://example.com/x", "http://[broken", "gopher:x"])
def test_a_redirect_leads_nowhere_but_to_the_web(location: str) -> None:
    with serving(away=redirects(location)) as server, pytest.raises(TransientError, match="no address"):
        Client().body(f"{server.url}/away")


@pytest.mark.parametrize(
    "url", ["ftp://example.com/x", "example.com/x", "http://", "http://[broken", "http://h:99999/"]
)
def test_what_is_no_web_address_is_a_usage_error(url: str) -> None:
    with pytest.raises(UsageError, match="not an address"):
        Client().body(url)


def test_secrets_in_addresses_are_not_shown() -> None:
    with serving(busy=fails_first(9, 500)) as server:
        address = server.url.replace("://", "://me:hunter2@") + "/busy?X-Signature=hunter3"
        with pytest.raises(PackError) as caught:
            Client(retry=RetryPolicy(attempts=1)).body(address)
        assert "hunter" not in str(caught.value)
        assert server.url in str(caught.value)


def test_a_proxy_from_the_environment_is_used_unless_the_host_is_exempt() -> None:
    with serving(blob=gives(b"direct")) as server, serving() as proxy:
        proxy.answers = {"http://other.example/blob": gives(b"by proxy")}
        environment = {"HTTP_PROXY": proxy.url.replace("://", "://user:word@"), "NO_PROXY": "127.0.0.1"}
        client = Client(environment)
        assert client.body(f"{server.url}/blob") == b"direct"
        assert client.body("http://other.example/blob") == b"by proxy"
        assert proxy.asked[0][1]["proxy-authorization"] == "Basic dXNlcjp3b3Jk"


def test_a_dead_proxy_is_named_without_its_password() -> None:
    client = Client({"http_proxy": "http://user:word@127.0.0.1:9"}, retry=RetryPolicy(attempts=1))
    with pytest.raises(TransientError, match=r"the proxy http://127\.0\.0\.1:9 does not answer"):
        client.body("http://other.example/blob")


def test_a_certificate_bundle_that_is_not_there_is_a_usage_error() -> None:
    client = Client({"SSL_CERT_FILE": "/nowhere/ca.pem"})
    with pytest.raises(UsageError, match="SSL_CERT_FILE"):
        client.body("https://127.0.0.1:9/x")


def test_a_server_that_speaks_no_tls_is_not_trusted() -> None:
    with serving(blob=gives(b"x")) as server, pytest.raises(TrustError, match="TLS"):
        Client().body(f"{server.url.replace('http:', 'https:')}/blob")


def test_connections_are_used_again() -> None:
    addresses: set[object] = set()

    def noted(request: Handler) -> None:
        addresses.add(request.client_address)
        request.answer(200, b"x" * 5000)

    with serving(blob=noted) as server:
        client = Client()
        for _ in range(3):
            with client.get(f"{server.url}/blob") as response:
                assert response.status == 200
        assert len(addresses) == 1


def test_file_addresses_answer_like_web_addresses(tmp_path: Path) -> None:
    (tmp_path / "a b.whl").write_bytes(b"wheel")
    client = Client()
    assert client.body((tmp_path / "a b.whl").as_uri()) == b"wheel"
    with client.get((tmp_path / "a b.whl").as_uri()) as response:
        assert response.headers["Content-Length"] == "5"
        with pytest.raises(BuildError, match="larger"):
            response.read(4)
    for missing in (tmp_path / "none", tmp_path):
        with client.get(missing.as_uri()) as response:
            assert (response.status, response.read(1), list(response.stream())) == (404, b"", [])


def test_a_file_on_another_host_is_a_usage_error() -> None:
    with pytest.raises(UsageError, match="another host"):
        Client().body("file://server/share/x")
