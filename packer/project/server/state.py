"""Applications that keep state in their process, which several server processes would not share."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping

from msgspec import Struct

from packer.project.code.constants import Constants
from packer.project.code.module import Site
from packer.project.code.program import Program
from packer.project.code.startup import Startup
from packer.project.model import Evidence
from packer.project.routing.application import keyword

__all__ = ["ProcessState", "find_state"]

_SCHEDULERS = (
    "apscheduler.schedulers.", "flask_apscheduler.APScheduler", "flask_crontab.Crontab", "schedule.run_pending",
    "flask_apscheduler.scheduler.APScheduler", "rocketry.Rocketry",
)  # fmt: skip
_SOCKETS = frozenset({"flask_socketio.SocketIO", "socketio.Server", "flask_sock.Sock", "flask_sse.sse"})
_SHARED_SOCKETS = frozenset({"flask_socketio.SocketIO", "socketio.Server"})
_LOCAL_CACHES = frozenset({"simple", "simplecache", "flask_caching.backends.simplecache"})


class ProcessState(Struct, frozen=True, kw_only=True):
    """State in the process, and the worker class that Flask-SocketIO would have (None without Flask-SocketIO)."""

    reason: str
    evidence: Evidence
    worker_class: str | None = None


def find_state(
    program: Program, constants: Constants, startup: Startup, installed: Mapping[str, str | None]
) -> Iterator[ProcessState]:
    """Every kind of state that is found, in the order of the program's modules."""
    for module in program.modules:
        for call in module.calls:
            name = program.name_of(call.node.func, call.scope) or ""
            if name in _SHARED_SOCKETS:
                yield ProcessState(
                    reason="Flask-SocketIO keeps its clients in the process",
                    evidence=program.evidence(call.scope, call.node),
                    worker_class=_socket_worker(constants, call, installed),
                )
            elif name.startswith(_SCHEDULERS) and startup.runs(call.scope) and not name.endswith("BlockingScheduler"):
                yield ProcessState(
                    reason="a scheduler runs in the web process, and would run once in each worker",
                    evidence=program.evidence(call.scope, call.node),
                )


def _socket_worker(constants: Constants, call: Site[ast.Call], installed: Mapping[str, str | None]) -> str:
    """What python-socketio's server would choose by itself: eventlet, gevent with or without websockets, threads."""
    given = keyword(call.node, "async_mode")
    mode = constants.value(given, call.scope) if given is not None else None
    if mode == "threading":
        return "gthread"
    if mode == "eventlet" or (mode is None and "eventlet" in installed):
        return "eventlet"
    if mode in ("gevent", "gevent_uwsgi") or (mode is None and "gevent" in installed):
        return "gevent-websocket" if "gevent-websocket" in installed else "gevent"
    return "gthread"
