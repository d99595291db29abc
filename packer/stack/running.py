"""One container of an image, hardened, with the project's labels."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from itertools import count
from typing import Any

from msgspec import Struct

from packer.engine.connection import Engine, engine_errors
from packer.engine.containers import Published
from packer.errors import EngineError
from packer.stack.identity import StackIdentity

__all__ = [
    "RunOrder",
    "create",
    "discarded",
    "exposed_ports",
    "find_network",
    "published",
    "start",
    "stop_or_kill",
    "told_port",
]

_LOWEST_FREE_PORT = 1024
_ANY_PORT = {"net.ipv4.ip_unprivileged_port_start": "0"}
"""Lets a process that is not root listen at port 80; Docker sets it by itself, Podman does not."""
_GRACE_SECONDS = 40
"""More than gunicorn takes at most to answer what it has begun with, 30 s; engines kill after 10 s by themselves."""
_MODES = frozenset({"bridge", "host", "none"})
"""Networks that every engine has."""
_TMPFS = {"/tmp": "rw,mode=1777"}  # noqa: S108 - the container's, not this machine's


class RunOrder(Struct, frozen=True, kw_only=True):
    """What is to run.

    Attributes:
        image: as the engine calls it.
        label: what people call it.
        name: the container's; None for one that follows from the project's.
        command: in the place of the image's own; empty for that.
        entrypoint: the program in the place of the image's own; None for that.
        network: what it is attached to, as the engine calls it; None for the engine's own bridge.
        environment: variables.
        ports: what is published.
        binds: volumes and folders, `SOURCE:TARGET[:ro]`.
        capabilities: that it gets nevertheless.
        read_only: its root cannot be written to.
        remove: it goes by itself when it ends.
        stdin: it is given input.
        tty: it has a terminal.
    """

    image: str
    label: str
    name: str | None = None
    command: tuple[str, ...] = ()
    entrypoint: str | None = None
    network: str | None = None
    environment: Mapping[str, str]
    ports: tuple[Published, ...] = ()
    binds: tuple[str, ...] = ()
    capabilities: tuple[str, ...] = ()
    read_only: bool = True
    remove: bool = False
    stdin: bool = False
    tty: bool = False


def exposed_ports(engine: Engine, image: str) -> tuple[int, ...]:
    """The TCP ports that an image says it listens at, in order."""
    with engine_errors(f"the image {image} cannot be looked at", engine.endpoint):
        found: Any = engine.client.inspect_image(image)
    ports = (text.partition("/") for text in (found.get("Config") or {}).get("ExposedPorts") or {})
    return tuple(sorted(int(port) for port, _, protocol in ports if protocol in ("", "tcp") and port.isdecimal()))


def find_network(engine: Engine, name: str, identity: StackIdentity) -> str:
    """The network that is meant: this project's of that short name, else one that the engine calls so.

    Raises `EngineError` that names the project's where there is none.
    """
    if name in _MODES or name.startswith("container:"):
        return name
    with engine_errors("the networks cannot be listed", engine.endpoint):
        found: Any = engine.client.networks()
    names = {str(network["Name"]) for network in found}
    for candidate in (f"{identity.name}_{name}", name):
        if candidate in names:
            return candidate
    own = sorted(one.removeprefix(f"{identity.name}_") for one in names if one.startswith(f"{identity.name}_"))
    hint = f"this project has {', '.join(own)}" if own else "those of this project are there after: pack up"
    raise EngineError(f"there is no network {name}", hint=hint)


def told_port(ports: Sequence[Published], exposed: Sequence[int], given: Mapping[str, str]) -> dict[str, str]:
    """`PORT` for an app that is to listen elsewhere than its image says: pack's images go by it, as many do.

    >>> told_port([Published(container=80, port=4000)], [8000], {}), told_port([Published(container=80)], [80], {})
    ({'PORT': '80'}, {})
    """
    wanted = {port.container for port in ports if port.protocol == "tcp"}
    if "PORT" in given or len(wanted) != 1 or not exposed or wanted & set(exposed):
        return {}
    return {"PORT": str(wanted.pop())}


def create(engine: Engine, order: RunOrder, identity: StackIdentity, taken: Callable[[str], bool]) -> str:
    """Make the container, not started yet; its name. Raises `EngineError`."""
    name = order.name or next(name for number in count(1) if not taken(name := f"{identity.name}-run-{number}"))
    borrowed = (order.network or "").startswith(("host", "container:"))
    low = not borrowed and any(port.container < _LOWEST_FREE_PORT for port in order.ports)
    client = engine.client
    with engine_errors("the container cannot be made", engine.endpoint):
        restrictions = client.create_host_config(
            read_only=order.read_only,
            tmpfs=_TMPFS,
            cap_drop=["ALL"],
            cap_add=list(order.capabilities),
            security_opt=["no-new-privileges"],
            port_bindings={_inside(port): (port.address, port.port) for port in order.ports},
            binds=list(order.binds),
            auto_remove=order.remove,
            sysctls=_ANY_PORT if low else None,
            network_mode=order.network,
        )
        client.create_container(
            order.image,
            command=list(order.command) or None,
            entrypoint=None if order.entrypoint is None else [order.entrypoint],
            name=name,
            environment=dict(order.environment),
            ports=[(port.container, port.protocol) for port in order.ports],
            host_config=restrictions,
            labels=identity.run_labels(order.label),
            stdin_open=order.stdin,
            tty=order.tty,
            stop_timeout=_GRACE_SECONDS,
        )
    return name


def start(engine: Engine, name: str) -> None:
    """Start a container that was made; one that does not start is removed. Raises `EngineError`."""
    try:
        with engine_errors("the container does not start", engine.endpoint):
            engine.client.start(name)
    except EngineError:
        _discard(engine, name)
        raise


def published(engine: Engine, name: str) -> tuple[Published, ...]:
    """The ports as they are, with those that the engine chose."""
    with engine_errors("the container cannot be looked at", engine.endpoint):
        found: Any = engine.client.inspect_container(name)
    ports = found.get("NetworkSettings", {}).get("Ports") or {}
    return tuple(
        Published(
            container=int(inside.partition("/")[0]),
            address=one["HostIp"],
            port=int(one["HostPort"]),
            protocol=inside.partition("/")[2] or "tcp",
        )
        for inside, outside in sorted(ports.items())
        for one in outside or ()
    )


def stop_or_kill(engine: Engine, name: str, *, kill: bool) -> None:
    """End a container as it wishes to be ended, or at once. One that has ended already is fine."""
    with suppress(EngineError), engine_errors("the container does not stop", engine.endpoint):
        if kill:
            engine.client.kill(name)
        else:
            engine.client.stop(name)


@contextmanager
def discarded(engine: Engine, name: str, *, wanted: bool) -> Iterator[None]:
    """Remove the container when the block ends, with its nameless volumes, if that is wanted."""
    try:
        yield
    finally:
        if wanted:
            _discard(engine, name)


def _discard(engine: Engine, name: str) -> None:
    with suppress(EngineError), engine_errors("the container cannot be removed", engine.endpoint):
        engine.client.remove_container(name, force=True, v=True)


def _inside(port: Published) -> str:
    return f"{port.container}/{port.protocol}"
