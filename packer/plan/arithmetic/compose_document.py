"""The numbers in what `docker compose config --format json` gives: the files merged, variables and anchors resolved."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from msgspec import Struct

from packer.regex import regex

__all__ = ["ComposeService", "compose_services"]

_SIZE = regex(r"(?i)([\d.]+)\s*([kmgt]?)i?b?")
_UNITS = {"": 1, "k": 1 << 10, "m": 1 << 20, "g": 1 << 30, "t": 1 << 40}
_TIME = regex(r"([\d.]+)(us|ms|[smhd])")
_TIMES = {"us": 1e-6, "ms": 1e-3, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}
_GRACE = 10.0
"""What an engine gives a container to stop where nothing is said."""
_MIB = 1 << 20


class ComposeService(Struct, frozen=True, kw_only=True):
    """A service. Memory is in MiB; None for no limit."""

    name: str
    replicas: int = 1
    cpus: float | None = None
    memory: float | None = None
    grace: float = _GRACE
    stays: bool = True
    environment: tuple[tuple[str, str], ...] = ()


def compose_services(document: Mapping[str, Any]) -> tuple[ComposeService, ...]:
    """The services of a document, by name; what has another shape than Compose gives counts as absent."""
    return tuple(_service(name, fields) for name, fields in sorted(_mapping(document.get("services")).items()))


def _service(name: str, fields: object) -> ComposeService:
    service = _mapping(fields)
    deploy = _mapping(service.get("deploy"))
    limits = _mapping(_mapping(deploy.get("resources")).get("limits"))
    replicas = deploy.get("replicas", service.get("scale", 1))
    memory = _bytes(limits.get("memory", service.get("mem_limit")))
    environment = _mapping(service.get("environment"))
    return ComposeService(
        name=name,
        replicas=replicas if isinstance(replicas, int) else 1,
        cpus=_number(limits.get("cpus", service.get("cpus"))),
        memory=memory / _MIB if memory else None,
        grace=_seconds(service.get("stop_grace_period")),
        stays=service.get("restart", "no") != "no" or _mapping(deploy.get("restart_policy")) != {},
        environment=tuple(sorted((key, str(value)) for key, value in environment.items() if value is not None)),
    )


def _mapping(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _number(value: object) -> float | None:
    try:
        return float(value) if isinstance(value, int | float | str) else None
    except ValueError:
        return None


def _bytes(value: object) -> float | None:
    found = _SIZE.fullmatch(str(value).strip()) if value is not None else None
    number = _number(found[1]) if found else None
    return number * _UNITS[found[2].lower()] if found and number is not None else None


def _seconds(value: object) -> float:
    parts = _TIME.findall(value) if isinstance(value, str) else []
    return sum((_number(number) or 0.0) * _TIMES[unit] for number, unit in parts) if parts else _GRACE
