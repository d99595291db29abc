"""Which containers an engine has, asked in a moment where it is on this machine."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

from msgspec import Struct

from packer.engine.endpoint import Endpoint, find_endpoints
from packer.engine.local_http import SCHEME, ask_locally
from packer.errors import EngineError
from packer.regex import regex

if TYPE_CHECKING:
    from packer.engine.connection import Engine

__all__ = ["EngineContainer", "Listing", "Published", "containers_of", "list_containers", "used_images"]

_SECONDS = 0.5
_LIST_SECONDS = 30.0
_ALL = "/containers/json?all=1"
_HEALTH = regex(r"\((?:health: )?(healthy|unhealthy|starting)\)")
_EXIT = regex(r"\bExited \((\d+)\)")


class Published(Struct, frozen=True, kw_only=True, order=True):
    """A port of a container, and the address and port that lead to it from outside; None where none does."""

    container: int
    address: str | None = None
    port: int | None = None
    protocol: str = "tcp"


class EngineContainer(Struct, frozen=True, kw_only=True):
    """A container as a listing tells of it.

    Attributes:
        id: complete.
        name: without the engine's slash.
        image: the name that it was started by, or an ID.
        image_id: what the engine calls that image.
        state: `running`, `exited`, `created`, `paused`, …
        health: `healthy`, `unhealthy`, `starting`, or None where nothing asks.
        exit_code: how it ended; None while it runs.
        created: seconds since the epoch.
        ports: sorted, each once.
        labels: all of them.
    """

    id: str
    name: str
    image: str
    image_id: str
    state: str
    health: str | None
    exit_code: int | None
    created: int
    ports: tuple[Published, ...]
    labels: Mapping[str, str]

    @property
    def is_running(self) -> bool:
        """Whether a process is in it, be it paused."""
        return self.state in {"running", "paused", "restarting"}


class Listing(Struct, frozen=True):
    """What one engine answered."""

    endpoint: Endpoint
    containers: tuple[EngineContainer, ...]


def used_images(environment: Mapping[str, str], home: Path) -> tuple[str, ...] | None:
    """For each container, running or not, the ID of its image; None when no engine on this machine answers soon.

    An engine elsewhere is not asked: reaching it takes longer than a moment.
    """
    try:
        hosts = [endpoint.host for endpoint in find_endpoints(environment, home)]
    except EngineError:
        return None
    answers = (ask_locally(host, _ALL, seconds=_SECONDS) for host in hosts)
    found = next((answer for answer in answers if isinstance(answer, list)), None)
    if found is None:
        return None
    return tuple(str(one["ImageID"]) for one in found if isinstance(one, dict) and "ImageID" in one)


def list_containers(environment: Mapping[str, str], home: Path, filters: Mapping[str, Sequence[str]]) -> Listing:
    """The containers that pass the engine's filters, running or not, the newest first.

    Raises `EngineError` when no engine answers.
    """
    target = f"{_ALL}&filters={quote(json.dumps({name: list(values) for name, values in filters.items()}))}"
    for endpoint in find_endpoints(environment, home):
        if endpoint.host.startswith(SCHEME):
            answer = ask_locally(endpoint.host, target, seconds=_LIST_SECONDS)
            if isinstance(answer, list):
                return Listing(endpoint, _parsed(answer))
    from packer.engine.connection import connect  # noqa: PLC0415 - 130 ms, and it says why an engine does not answer

    with connect(environment, home) as engine:
        return Listing(engine.endpoint, containers_of(engine, filters))


def containers_of(engine: Engine, filters: Mapping[str, Sequence[str]]) -> tuple[EngineContainer, ...]:
    """The same of an engine that is connected to."""
    from packer.engine.connection import engine_errors  # noqa: PLC0415 - as above

    with engine_errors("the containers cannot be listed", engine.endpoint):
        found = engine.client.containers(all=True, filters={name: list(values) for name, values in filters.items()})
    return _parsed(found)


def _parsed(documents: Sequence[object]) -> tuple[EngineContainer, ...]:
    found = [_container(one) for one in documents if isinstance(one, dict) and one.get("Id")]
    return tuple(sorted(found, key=lambda container: (-container.created, container.name)))


def _container(document: Mapping[str, object]) -> EngineContainer:
    names, status = document.get("Names"), str(document.get("Status") or "")
    labels, ports = document.get("Labels"), document.get("Ports")
    created = document.get("Created")
    health, code = _HEALTH.search(status), _EXIT.search(status)
    return EngineContainer(
        id=str(document["Id"]),
        name=str(names[0]).lstrip("/") if isinstance(names, list) and names else str(document["Id"])[:12],
        image=str(document.get("Image") or ""),
        image_id=str(document.get("ImageID") or ""),
        state=str(document.get("State") or "unknown").lower(),
        health=health.group(1) if health else None,
        exit_code=int(code.group(1)) if code else None,
        created=created if isinstance(created, int) else 0,
        ports=tuple(sorted({_port(one) for one in ports if isinstance(one, dict)}, key=_port_order))
        if isinstance(ports, list)
        else (),
        labels={str(name): str(value) for name, value in labels.items()} if isinstance(labels, dict) else {},
    )


def _port(document: Mapping[str, object]) -> Published:
    inside, outside = document.get("PrivatePort"), document.get("PublicPort")
    return Published(
        container=inside if isinstance(inside, int) else 0,
        address=str(document.get("IP") or "") or None,
        port=outside if isinstance(outside, int) and outside else None,
        protocol=str(document.get("Type") or "tcp"),
    )


def _port_order(port: Published) -> tuple[int, int, str]:
    return port.container, port.port or 0, port.address or ""
