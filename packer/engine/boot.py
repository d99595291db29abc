"""The proof that an image boots: it is started and asked over HTTP until it answers, ends, or time is up."""

from __future__ import annotations

import http.client
import time
from collections.abc import Callable, Mapping
from itertools import count
from typing import Protocol
from urllib.parse import quote

from msgspec import Struct

from packer.engine.connection import Engine
from packer.engine.throwaway import Exit, throwaway_container

__all__ = ["BootResult", "check_boot", "wait_for_answer"]

_PAUSE_SECONDS = 0.1
_REQUEST_SECONDS = 10.0
_LONG_REQUEST_SECONDS = 35.0
"""How long an answer may take where a first question got none: clients of MongoDB look for their server for 30 s."""
_PATIENCE_SECONDS = 3.0
"""How long an app may answer with server errors before that is its answer: workers start one after the other."""
_SETTLE_SECONDS = 0.5
"""How long an app must go on after its first answer: one process may answer while another's failure ends them all."""
_DIED = "[ERROR] Worker (pid:"
"""What gunicorn, the server that pack puts into images, says of each process that ends by itself."""
_MANY_DEATHS = 8
_TURNS_PER_LOOK = 10
_URL_CHARACTERS = "/%?&=;:@!$'()*+,~"
"""What stays as it is in a path that is asked: it is a URL path already, perhaps with a query."""

Ask = Callable[[int, str, float], int | None]
"""Asks a loopback port for a path, within a time: the HTTP status, None when nothing answered."""


class BootResult(Struct, frozen=True, kw_only=True):
    """What came of starting an image.

    Attributes:
        url: what was asked, as on the published port.
        status: the HTTP status of the last answer, None if there was none.
        seconds: from the start of the container to that answer, or to giving up.
        ended: how the container ended, None if it was still running.
        logs: the last lines that the container wrote.
    """

    url: str
    status: int | None
    seconds: float
    ended: Exit | None
    logs: str

    @property
    def ok(self) -> bool:
        """Whether the app answers with anything but a server error, and goes on running.

        A redirect or a 404 comes from a running app, too.
        """
        return self.ended is None and _is_good(self.status)


class Container(Protocol):
    """What a check needs of a started container."""

    @property
    def port(self) -> int:
        """The loopback port that leads to it."""
        ...

    def exit(self) -> Exit | None:
        """How it ended, None while it runs."""
        ...

    def logs(self) -> str:
        """What it wrote."""
        ...


class Clock(Protocol):
    """Time as the check sees it, in seconds."""

    def monotonic(self) -> float:
        """The time now, from any origin."""
        ...

    def sleep(self, seconds: float, /) -> None:
        """Let time pass."""
        ...


def check_boot(
    engine: Engine,
    image: str,
    *,
    port: int,
    path: str | None,
    environment: Mapping[str, str],
    timeout: float = 120.0,
    read_only: bool = True,
) -> BootResult:
    """Start an image that the engine has, as in production, and ask `path` (None: `/`) until there is an answer.

    The container is removed afterwards. Raises `EngineError` when the engine cannot run it at all; an app that fails
    is a result, not an error.
    """
    with throwaway_container(engine, image, port=port, environment=environment, read_only=read_only) as container:
        return wait_for_answer(container, path=path or "/", timeout=timeout, ask=ask, clock=time)


def wait_for_answer(container: Container, *, path: str, timeout: float, ask: Ask, clock: Clock) -> BootResult:
    """Ask until the app answers well, keeps answering with server errors, ends, or `timeout` seconds have passed.

    An app whose server starts one process after the other has ended, too, although its container runs on.
    """
    start = clock.monotonic()
    status = _last_status(container, path=path, deadline=start + timeout, ask=ask, clock=clock)
    seconds = clock.monotonic() - start
    if _is_good(status):
        clock.sleep(_SETTLE_SECONDS)
    return BootResult(
        url=f"http://127.0.0.1:{container.port}{path}",
        status=status,
        seconds=seconds,
        ended=container.exit(),
        logs=container.logs(),
    )


def _last_status(container: Container, *, path: str, deadline: float, ask: Ask, clock: Clock) -> int | None:
    status, limit = None, _REQUEST_SECONDS
    for turn in count():
        hopeless = turn % _TURNS_PER_LOOK == 0 and _dies_again_and_again(container.logs())
        if hopeless or container.exit() is not None or clock.monotonic() >= deadline:
            break
        asked = clock.monotonic()
        answer = ask(container.port, path, min(limit, max(deadline - asked, _PAUSE_SECONDS)))
        if answer is None and clock.monotonic() - asked >= limit:
            limit = _LONG_REQUEST_SECONDS
        if answer is not None:
            status = answer
            deadline = min(deadline, clock.monotonic() + _PATIENCE_SECONDS)
        if _is_good(answer):
            break
        clock.sleep(_PAUSE_SECONDS)
    return status


def _is_good(status: int | None) -> bool:
    return status is not None and status < 500


def _dies_again_and_again(logs: str) -> bool:
    return logs.count(_DIED) >= _MANY_DEATHS


def ask(port: int, path: str, timeout: float) -> int | None:
    """The status of one GET to a loopback port, None when nothing that speaks HTTP answered in `timeout` seconds."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=timeout)
    try:
        connection.request(
            "GET", quote(path, safe=_URL_CHARACTERS), headers={"Accept": "*/*", "User-Agent": "pack-check"}
        )
        return connection.getresponse().status
    except (OSError, http.client.HTTPException):
        return None
    finally:
        connection.close()
