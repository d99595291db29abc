"""Asking an engine for its containers: a real server on a socket, which answers well, badly, or never."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from packer.engine import containers
from packer.engine.containers import used_images


@contextmanager
def serving(path: Path, answer: bytes | None) -> Iterator[dict[str, str]]:
    """The environment that names an engine whose every answer is this one; it is silent for None."""
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(path))
        server.listen()
        done = threading.Event()

        def serve() -> None:
            peer, _ = server.accept()
            with peer:
                peer.recv(4096)
                if answer is None:
                    done.wait(10)
                else:
                    peer.sendall(answer)

        thread = threading.Thread(target=serve)
        thread.start()
        try:
            yield {"DOCKER_HOST": f"unix://{path}"}
        finally:
            done.set()
            thread.join()


def answered(content: bytes, status: str = "200 OK") -> bytes:
    return f"HTTP/1.1 {status}\r\nContent-Length: {len(content)}\r\n\r\n".encode() + content


def test_every_container_counts_by_its_images_id(tmp_path: Path) -> None:
    content = json.dumps([{"ImageID": "sha256:a"}, {"ImageID": "sha256:a"}, {"Names": []}, 7]).encode()
    with serving(tmp_path / "socket", answered(content)) as environment:
        assert used_images(environment, tmp_path) == ("sha256:a", "sha256:a")


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"gibberish\r\n\r\n",
        answered(b"{"),
        answered(b"{}"),
        answered(b"[" * 100_000),
        answered(b"[]", "500 Broken"),
        b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n[{",
    ],
)
def test_an_answer_that_is_none_is_not_known(tmp_path: Path, answer: bytes) -> None:
    with serving(tmp_path / "socket", answer) as environment:
        assert used_images(environment, tmp_path) is None


def test_an_engine_that_says_nothing_is_not_waited_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(containers, "_SECONDS", 0.01)
    with serving(tmp_path / "socket", None) as environment:
        assert used_images(environment, tmp_path) is None


ENVIRONMENTS: dict[str, Callable[[Path], dict[str, str]]] = {
    "a socket that is not there": lambda folder: {"DOCKER_HOST": f"unix://{folder}/none"},
    "a path that is too long": lambda folder: {"DOCKER_HOST": f"unix://{folder}/{'x' * 200}"},
    "an engine elsewhere": lambda _: {"DOCKER_HOST": "tcp://127.0.0.1:9"},
    "a context that is not there": lambda folder: {"DOCKER_CONTEXT": "gone", "DOCKER_CONFIG": str(folder)},
}


@pytest.mark.parametrize("environment", ENVIRONMENTS.values(), ids=ENVIRONMENTS)
def test_without_an_engine_nothing_is_known(tmp_path: Path, environment: Callable[[Path], dict[str, str]]) -> None:
    assert used_images(environment(tmp_path), tmp_path) is None
