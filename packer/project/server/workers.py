"""Which worker class of gunicorn fits: what the project asks for, as far as the gunicorn that will run still has it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from msgspec import Struct

if TYPE_CHECKING:
    from packaging.version import Version

__all__ = ["WorkerChoice", "choose_worker"]

_EVENTLET_ENDED = "26"
"""The first gunicorn without an eventlet worker; 27 supports sync, gthread, gevent, tornado and asgi."""

_STRICT = "24"
"""The first gunicorn whose gevent and eventlet workers refuse older libraries."""

_GEVENT_WANTED = "24.10.1"
_EVENTLET_WANTED = "0.40.3"
_GEVENT_WEBSOCKET = "geventwebsocket.gunicorn.workers.GeventWebSocketWorker"


class WorkerChoice(Struct, frozen=True, kw_only=True):
    """A worker class (None for no wish), and why a wish could not be granted."""

    worker_class: str | None
    remark: str | None = None


def choose_worker(wished: str | None, installed: Mapping[str, str | None]) -> WorkerChoice:
    """The worker class to use.

    Args:
        wished: what the project's files ask for, or what its Flask-SocketIO would use.
        installed: normalised names of the distributions that will be there, with versions where they are pinned;
            a gunicorn without a version is the newest.
    """
    if wished is None:
        return WorkerChoice(worker_class=None)
    name = wished.lower()
    if "eventlet" in name:
        return _eventlet(installed)
    if "gevent" in name:
        return _gevent(name, installed)
    if name in {"sync", "gthread"} or name.endswith(("syncworker", "threadworker")):
        return WorkerChoice(worker_class="gthread" if "thread" in name else "sync")
    provider = wished.partition(".")[0].replace("_", "-")
    if "." not in wished or provider in {"gunicorn", "uvicorn-worker", *installed}:
        return WorkerChoice(worker_class=wished)
    return WorkerChoice(worker_class=None, remark=f"no dependency provides the worker class {wished}")


def _eventlet(installed: Mapping[str, str | None]) -> WorkerChoice:
    gunicorn, eventlet = installed.get("gunicorn"), installed.get("eventlet")
    fits = _is_below(gunicorn, _STRICT) or not _is_below(eventlet, _EVENTLET_WANTED)
    if "eventlet" in installed and fits and _is_below(gunicorn, _EVENTLET_ENDED):
        return WorkerChoice(worker_class="eventlet")
    return WorkerChoice(worker_class="gthread", remark="gunicorn has no eventlet worker any more: threads are used")


def _gevent(name: str, installed: Mapping[str, str | None]) -> WorkerChoice:
    if "gevent" not in installed:
        return WorkerChoice(worker_class="gthread", remark="gevent is not among the dependencies: threads are used")
    gevent = _version(installed["gevent"])
    if _is_below(installed["gevent"], _GEVENT_WANTED) and not _is_below(installed.get("gunicorn"), _STRICT):
        remark = f"gunicorn wants gevent {_GEVENT_WANTED} or newer and {gevent} is pinned: threads are used"
        return WorkerChoice(worker_class="gthread", remark=remark)
    if "websocket" in name and "gevent-websocket" in installed:
        return WorkerChoice(worker_class=_GEVENT_WEBSOCKET)
    return WorkerChoice(worker_class="gevent")


def _is_below(version: str | None, limit: str) -> bool:
    """Whether a version is known and lower than another."""
    known, bound = _version(version), _version(limit)
    return known is not None and bound is not None and known < bound


def _version(text: str | None) -> Version | None:
    from packaging.version import InvalidVersion, Version  # noqa: PLC0415 - slow to import, and mostly not needed

    try:
        return Version(text) if text else None
    except InvalidVersion:
        return None
