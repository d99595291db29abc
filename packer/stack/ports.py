"""Which port of this machine leads to which port of a container: as it is wished for, and as it can be had."""

from __future__ import annotations

import socket
from collections.abc import Iterable, Sequence

from msgspec import Struct

from packer.engine.containers import Published
from packer.errors import UsageError
from packer.regex import regex

__all__ = ["PortWish", "free_port", "parse_port", "port_is_free", "require_free", "settled"]

_LOOPBACK = "127.0.0.1"
_WISH = regex(r"(?:(\[[0-9a-fA-F:]+\]|\d+(?:\.\d+){3}|localhost):)?(?:(\d*):)?(\d+)(?:/(tcp|udp))?")
_LARGEST = 65_535
_HOW = "write -p 4000, -p 4000:80 or -p 0.0.0.0:4000:80"


class PortWish(Struct, frozen=True, kw_only=True):
    """What `-p` says.

    Attributes:
        address: this machine's; loopback by default, so that nobody else reaches the container.
        outside: the port there; None for any that is free.
        inside: the container's port; None for the one that its image exposes.
        protocol: `tcp` or `udp`.
    """

    address: str = _LOOPBACK
    outside: int | None = None
    inside: int | None = None
    protocol: str = "tcp"


def parse_port(text: str) -> PortWish:
    """Read `-p`: `4000`, `4000:80`, `ADDRESS:4000:80`, each with `/udp` at its end. Raises `UsageError`.

    >>> parse_port("4000:80").inside, parse_port("4000").inside, parse_port("0.0.0.0:4000:80").address
    (80, None, '0.0.0.0')
    """
    found = _WISH.fullmatch(text.strip())
    if not found:
        raise UsageError(f"{text!r} is no port", hint=_HOW)
    address, outside, last, protocol = found.groups()
    alone = outside is None
    wish = PortWish(
        address=(address or _LOOPBACK).strip("[]").replace("localhost", _LOOPBACK),
        outside=int(last) if alone else int(outside) if outside else None,
        inside=None if alone else int(last),
        protocol=protocol or "tcp",
    )
    if any(port is not None and not 0 < port <= _LARGEST for port in (wish.outside, wish.inside)):
        raise UsageError(f"{text!r} is no port: ports are 1 to {_LARGEST}", hint=_HOW)
    return wish


def settled(wishes: Iterable[PortWish], exposed: Sequence[int]) -> tuple[Published, ...]:
    """The wishes with the image's own port where none is named. Raises `UsageError` when the image has none."""
    return tuple(
        Published(
            container=wish.inside or _own_port(exposed, wish),
            address=wish.address,
            port=wish.outside,
            protocol=wish.protocol,
        )
        for wish in wishes
    )


def _own_port(exposed: Sequence[int], wish: PortWish) -> int:
    if not exposed:
        raise UsageError(
            "the image does not say at which port it listens", hint=f"say it: -p {wish.outside or 4000}:PORT"
        )
    return exposed[0]


def require_free(ports: Iterable[Published]) -> None:
    """Raises `UsageError` for a port of this machine that something listens at."""
    for port in ports:
        if port.port is not None and not port_is_free(
            port.port, address=port.address or _LOOPBACK, protocol=port.protocol
        ):
            other = free_port(port.address or _LOOPBACK)
            raise UsageError(
                f"port {port.port} of this machine is taken",
                hint=f"see whether it is this project's: pack ps, or take another: -p {other}:{port.container}",
            )


def free_port(address: str, *, wished: int | None = None) -> int:
    """The wished port if it is free, else any that is."""
    if wished is not None and port_is_free(wished, address=address):
        return wished
    with socket.socket(_family(address)) as attempt:
        attempt.bind((address, 0))
        return int(attempt.getsockname()[1])


def port_is_free(port: int, *, address: str = _LOOPBACK, protocol: str = "tcp") -> bool:
    """Whether nobody listens at a port of this machine, as far as may be asked."""
    kind = socket.SOCK_DGRAM if protocol == "udp" else socket.SOCK_STREAM
    with socket.socket(_family(address), kind) as attempt:
        attempt.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            attempt.bind((address, port))
        except PermissionError:  # a low port: the engine, which is root, may have it
            return True
        except OSError:
            return False
        return True


def _family(address: str) -> socket.AddressFamily:
    return socket.AF_INET6 if ":" in address else socket.AF_INET
