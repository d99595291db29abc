"""Where a registry's interface is."""

from __future__ import annotations

import ipaddress
import socket

from msgspec import Struct

from packer.oci.reference import DEFAULT_REGISTRY

__all__ = ["Endpoint", "encrypted", "endpoint_of", "is_inner", "is_loopback"]

_HUB_HOST = "registry-1.docker.io"


class Endpoint(Struct, frozen=True, kw_only=True):
    """The address of a registry, as names have it and as it is reached.

    Attributes:
        registry: the name in references: `docker.io`.
        url: what requests begin with, without a slash at the end: `https://registry-1.docker.io`.
    """

    registry: str
    url: str

    @property
    def is_encrypted(self) -> bool:
        """Whether TLS stands between."""
        return self.url.startswith("https:")


def endpoint_of(registry: str, *, insecure: frozenset[str] = frozenset()) -> Endpoint:
    """The endpoint of a registry: by TLS, but for this machine's own and for those that the user calls insecure.

    >>> endpoint_of("docker.io").url, endpoint_of("localhost:5000").url
    ('https://registry-1.docker.io', 'http://localhost:5000')
    """
    host = _HUB_HOST if registry == DEFAULT_REGISTRY else registry
    scheme = "http" if is_loopback(host) or registry in insecure else "https"
    return Endpoint(registry=registry, url=f"{scheme}://{host}")


def encrypted(endpoint: Endpoint) -> Endpoint:
    """The same registry by TLS.

    >>> encrypted(endpoint_of("localhost:5000")).url
    'https://localhost:5000'
    """
    return Endpoint(registry=endpoint.registry, url=f"https://{endpoint.url.partition('://')[2]}")


def is_loopback(host: str) -> bool:
    """Whether `host[:port]` is this machine by its very name.

    >>> is_loopback("127.0.0.1:5000"), is_loopback("[::1]"), is_loopback("a.localhost"), is_loopback("example.com")
    (True, True, True, False)
    """
    name = host.rpartition("]")[0].lstrip("[") if host.startswith("[") else host.partition(":")[0]
    if name == "localhost" or name.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return False


def is_inner(host: str) -> bool:
    """Whether a host is an address that only means something here: private, link-local, or this machine's own.

    >>> is_inner("10.1.2.3"), is_inner("169.254.169.254"), is_inner("2130706433"), is_inner("registry.example.com")
    (True, True, True, False)
    """
    if is_loopback(host):
        return True
    address = _address(host.strip("[]"))
    return address is not None and not address.is_global


def _address(host: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    """The address that a host is, also in the old spellings that systems still take (`127.1`, `0x7f000001`)."""
    try:
        found = ipaddress.ip_address(host)
    except ValueError:
        try:
            return ipaddress.IPv4Address(socket.inet_aton(host))
        except (OSError, ValueError):
            return None
    mapped = found.ipv4_mapped if isinstance(found, ipaddress.IPv6Address) else None
    return mapped or found
