"""How the containers of a stack are: what is well, what is on its way, and what has failed. Pure."""

from __future__ import annotations

from typing import Any, Literal

from msgspec import Struct

from packer.regex import regex
from packer.stack.identity import SERVICE_LABEL

__all__ = ["ContainerState", "Verdict", "container_state"]

Verdict = Literal["ready", "done", "waiting", "failed"]

_MOST_RESTARTS = 2
_DENIED = regex(r"Access denied for user|password authentication failed for user")


class ContainerState(Struct, frozen=True, kw_only=True):
    """A container of a stack at one moment.

    Attributes:
        id: the engine's.
        service: what Compose calls it.
        verdict: `ready` serves, `done` has ended well and was to end, `waiting` may still come, `failed` will not.
        why: what is the matter, empty where nothing is.
        exit_code: how it ended, None while it runs.
        out_of_memory: it was ended for want of memory.
        is_denied: it is a database that does not take its own health check's password, which no waiting mends.
    """

    id: str
    service: str
    verdict: Verdict
    why: str = ""
    exit_code: int | None = None
    out_of_memory: bool = False
    is_denied: bool = False


def container_state(description: dict[str, Any]) -> ContainerState:
    """Judge a container by what the engine says of it (`docker inspect`)."""
    state = description.get("State") or {}
    labels = (description.get("Config") or {}).get("Labels") or {}
    status = state.get("Status", "")
    verdict, why = _judged(status, state, description)
    is_denied = verdict == "waiting" and status == "running" and bool(_DENIED.search(_last_words(state)))
    if is_denied:
        verdict, why = "failed", _last_check(state)
    return ContainerState(
        id=str(description.get("Id", "")),
        service=str(labels.get(SERVICE_LABEL, description.get("Name", "").lstrip("/"))),
        verdict=verdict,
        why=why,
        exit_code=int(state.get("ExitCode", 0)) if status in ("exited", "dead") else None,
        out_of_memory=bool(state.get("OOMKilled")),
        is_denied=is_denied,
    )


def _judged(status: str, state: dict[str, Any], description: dict[str, Any]) -> tuple[Verdict, str]:
    restarts = int(description.get("RestartCount") or 0)
    policy = ((description.get("HostConfig") or {}).get("RestartPolicy") or {}).get("Name", "")
    if status in ("exited", "dead"):
        code = int(state.get("ExitCode", 0))
        if code == 0 and policy in ("", "no"):
            return "done", ""
        return "failed", f"it ended with exit code {code}"
    if status == "restarting" or restarts > _MOST_RESTARTS:
        code = int(state.get("ExitCode", 0))
        return "failed", f"it ends again and again, with exit code {code}"
    if status != "running":
        return "waiting", f"it is {status or 'unknown'}"
    return _by_health(state, is_checked=_is_checked(description))


def _is_checked(description: dict[str, Any]) -> bool:
    """Whether a health check is told of it. A container that has just started may not know of its own yet."""
    test = ((description.get("Config") or {}).get("Healthcheck") or {}).get("Test") or ["NONE"]
    return bool(test[0] != "NONE")


def _by_health(state: dict[str, Any], *, is_checked: bool) -> tuple[Verdict, str]:
    health = (state.get("Health") or {}).get("Status") or "none"
    if health == "healthy" or (health == "none" and not is_checked):
        return "ready", ""
    if health == "unhealthy":
        return "failed", _last_check(state)
    return "waiting", "its health check has not succeeded yet"


def _last_words(state: dict[str, Any]) -> str:
    log = (state.get("Health") or {}).get("Log") or []
    return str(log[-1].get("Output", "")).strip() if log else ""


def _last_check(state: dict[str, Any]) -> str:
    said = _last_words(state)
    last = said.splitlines()[-1][:200] if said else ""
    return f"its health check fails: {last}" if last else "its health check fails"
