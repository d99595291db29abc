"""Where a published port is reached: as a URL, where HTTP is spoken there."""

from __future__ import annotations

from collections.abc import Iterable
from urllib.parse import urlsplit

from packer.engine.containers import Published
from packer.engine.endpoint import Endpoint

__all__ = ["address_of", "addresses"]

_LOOPBACK = "127.0.0.1"
_ANY = frozenset({None, "", "0.0.0.0", "::", "[::]"})  # noqa: S104 - compared with, not listened on
_ENCRYPTED = frozenset({443, 8443})
_NOT_HTTP = frozenset({25, 1883, 3306, 5432, 5672, 6379, 11211, 27017})
"""Ports at which well-known servers speak something else: mail, MQTT, MySQL, PostgreSQL, AMQP, Redis, …"""


def addresses(ports: Iterable[Published], endpoint: Endpoint) -> tuple[str, ...]:
    """What leads to a container from outside, each once, in order of the container's ports."""
    found = (address_of(port, endpoint) for port in ports)
    return tuple(dict.fromkeys(text for text in found if text is not None))


def address_of(port: Published, endpoint: Endpoint) -> str | None:
    """Where one port is reached; None when it is not published.

    >>> here = Endpoint(host="unix:///run/docker.sock", source="a test")
    >>> address_of(Published(container=8000, address="0.0.0.0", port=4000), here)
    'http://127.0.0.1:4000'
    >>> address_of(Published(container=3306, address="127.0.0.1", port=3306), here)
    '127.0.0.1:3306'
    """
    if port.port is None:
        return None
    host = _host(port.address, endpoint)
    place = f"[{host}]:{port.port}" if ":" in host else f"{host}:{port.port}"
    if port.protocol != "tcp":
        return f"{place}/{port.protocol}"
    if port.container in _NOT_HTTP:
        return place
    return f"{'https' if port.container in _ENCRYPTED else 'http'}://{place}"


def _host(address: str | None, endpoint: Endpoint) -> str:
    if address not in _ANY:
        return address or _LOOPBACK
    return _LOOPBACK if endpoint.is_local else urlsplit(endpoint.host).hostname or _LOOPBACK
