"""An HTTP/1.1 server on loopback, with keep-alive, that ends with nothing left behind."""

from __future__ import annotations

import socket
import socketserver
import ssl
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler
from itertools import count
from typing import Any, cast
from urllib.parse import parse_qsl, unquote, urlsplit

from .routing import Route, Step, route
from .traffic import Exchange, Traffic
from .wire import Answer, ConnectionDroppedError, Handler, Request, RequestBody

__all__ = ["Server", "running_server"]

_DRAINED_BYTES = 16 * 1024 * 1024
"""What is read of a body that an answer did not wait for, so that the client gets to read the answer."""


class Server:
    """A running server: where it is and what passed through it."""

    def __init__(self, address: str, *, encrypted: bool, traffic: Traffic) -> None:
        self.address = address
        self.url = f"{'https' if encrypted else 'http'}://{address}"
        self.traffic = traffic


@contextmanager
def running_server(
    handler: Handler, *, tls: ssl.SSLContext | None = None, step: Step | None = None
) -> Iterator[Server]:
    """Serve on a free port of loopback until the block ends.

    `step` is what every request is, for a server that is not a registry.
    An exception in the handler is a mistake of the double: it is raised here at the end.
    """
    traffic = Traffic()
    with _Listener(handler, tls, step, traffic) as listener:
        thread = threading.Thread(target=listener.serve, name="testbed-server")
        thread.start()
        try:
            yield Server(f"127.0.0.1:{listener.server_address[1]}", encrypted=tls is not None, traffic=traffic)
        finally:
            listener.end()
            thread.join()
    for failure in listener.failures:
        raise failure


class _Listener(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = False
    request_queue_size = 128

    def __init__(self, handler: Handler, tls: ssl.SSLContext | None, step: Step | None, traffic: Traffic) -> None:
        super().__init__(("127.0.0.1", 0), _Connection)
        self.handler, self.tls, self.step, self.traffic = handler, tls, step, traffic
        self.failures: list[BaseException] = []
        self.numbers = count(1)
        self._open: set[socket.socket] = set()
        self._lock = threading.Lock()
        self._ending = False

    def finish_request(self, request: Any, client_address: Any) -> None:
        """One connection, in its own thread: the handshake too."""
        if self.tls:
            request = self.tls.wrap_socket(request, server_side=True, do_handshake_on_connect=False)
        with self._lock:
            self._open.add(request)
            if self._ending:
                _shut(request)
        try:
            if self.tls:
                request.do_handshake()
            super().finish_request(request, client_address)
        except (OSError, ConnectionDroppedError):
            return  # the client went, or refused our certificate, or a quirk dropped it
        finally:
            with self._lock:
                self._open.discard(request)
            request.close()

    def serve(self) -> None:
        """Take connections until the end. No polling: a test has many servers, and each would wait for its end."""
        while not self._ending:
            self.handle_request()

    def verify_request(self, request: Any, client_address: Any) -> bool:
        """Whether a new connection is served."""
        return not self._ending

    def end(self) -> None:
        """Take no more connections, and end the open ones, so that their threads end."""
        with self._lock:
            self._ending = True
            for connection in self._open:
                _shut(connection)
        with socket.create_connection(self.socket.getsockname()):
            return  # it wakes `serve`

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A mistake of the double, for `running_server` to raise: a client's faults are handled above."""
        failure = sys.exc_info()[1]
        if failure:
            self.failures.append(failure)


class _Connection(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def setup(self) -> None:
        super().setup()
        self.listener = cast("_Listener", self.server)
        self.number = next(self.listener.numbers)

    def exchange(self) -> None:
        """Answer one request and write it down."""
        headers = {name.lower(): ", ".join(self.headers.get_all(name, ())) for name in self.headers}
        body = RequestBody(self.rfile, headers, self._say_continue)
        request = self._request(headers, body)
        status = sent = 0
        with self.listener.traffic.exchange() as number:
            try:
                answer = self._answer(request)
                self.close_connection |= not self._may_go_on(body)
                status = answer.status
                for size in self._send(answer):
                    sent += size
            except (OSError, ConnectionDroppedError):
                self.close_connection = True
            self.listener.traffic.add(
                number,
                Exchange(
                    method=self.command,
                    target=self.path,
                    step=request.route.step,
                    connection=self.number,
                    status=status,
                    received=body.received,
                    sent=sent,
                    headers=headers,
                ),
            )

    do_GET = do_HEAD = do_POST = do_PUT = do_PATCH = do_DELETE = exchange  # noqa: N815 - the names that http.server calls

    def handle_expect_100(self) -> bool:
        """Said only when the body is wanted: a refusal spares the client the sending."""
        return True

    def log_message(self, *_: object) -> None:
        """Say nothing; `Traffic` knows."""

    def _request(self, headers: Mapping[str, str], body: RequestBody) -> Request:
        parts = urlsplit(self.path)
        query = tuple(parse_qsl(parts.query, keep_blank_values=True))
        path = unquote(parts.path)
        mounting = any(name == "mount" for name, _ in query)
        return Request(
            method=self.command,
            origin=f"{'https' if self.listener.tls else 'http'}://{headers.get('host', '')}",
            path=path,
            route=Route(step=self.listener.step)
            if self.listener.step
            else route(self.command, path, mounting=mounting),
            query=query,
            headers=headers,
            body=body,
        )

    def _answer(self, request: Request) -> Answer:
        try:
            with self.listener.traffic.answering(request.route.step) as concurrent:
                return self.listener.handler(replace(request, concurrent=concurrent))
        except (OSError, ConnectionDroppedError):
            raise
        except Exception as error:  # noqa: BLE001 - shown at the end of `running_server`
            self.listener.failures.append(error)
            self.close_connection = True
            return Answer.of(500)

    def _say_continue(self) -> None:
        if self.headers.get("expect", "").lower() == "100-continue":
            self.wfile.write(b"HTTP/1.1 100 Continue\r\n\r\n")

    def _may_go_on(self, body: RequestBody) -> bool:
        """Whether another request can follow on this connection: what was sent of this one has been read."""
        if body.ended:
            return True
        if not body.begun and self.headers.get("expect", "").lower() == "100-continue":
            return False
        return body.drain(_DRAINED_BYTES)

    def _send(self, answer: Answer) -> Iterator[int]:
        """Send it; the size of each piece of its body as it goes."""
        has_body = self.command != "HEAD" and answer.status not in {204, 304}
        in_chunks = has_body and answer.length is None
        head = self._head(answer, has_body=has_body, in_chunks=in_chunks)
        for piece in answer.body if has_body else ():
            framed = b"%x\r\n%b\r\n" % (len(piece), piece) if in_chunks and piece else piece
            self.wfile.write(head + framed)
            head = b""
            yield len(piece)
        self.wfile.write(head + (b"0\r\n\r\n" if in_chunks else b""))

    def _head(self, answer: Answer, *, has_body: bool, in_chunks: bool) -> bytes:
        fields = [("Docker-Distribution-Api-Version", "registry/2.0"), *answer.headers]
        if in_chunks:
            fields.append(("Transfer-Encoding", "chunked"))
        elif answer.length is not None and answer.status not in {204, 304}:
            fields.append(("Content-Length", str(answer.length)))
        if self.close_connection:
            fields.append(("Connection", "close"))
        known = {status.value: status.phrase for status in HTTPStatus}
        lines = [f"HTTP/1.1 {answer.status} {known.get(answer.status, 'Unnamed')}"]
        lines += [f"{name}: {value}" for name, value in fields]
        return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")


def _shut(connection: socket.socket) -> None:
    """End a connection that another thread may be using: below TLS, whose own way is not made for that."""
    try:
        socket.socket.shutdown(connection, socket.SHUT_RDWR)
    except OSError:
        return  # it is gone already
