"""Which proxy an address is reached through, read from the customary environment variables."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from urllib.parse import urlsplit

from msgspec import Struct

__all__ = ["Proxies"]


class Proxies(Struct, frozen=True, kw_only=True):
    """Proxy addresses by URL scheme (`all` for any), and the hosts that are reached without one."""

    by_scheme: Mapping[str, str]
    direct: tuple[str, ...] = ()

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> Proxies:
        """Read `HTTP_PROXY`, `HTTPS_PROXY`, `ALL_PROXY` and `NO_PROXY`; the lower-case spelling wins, as in curl."""

        def value(name: str) -> str:
            return (environment.get(name) or environment.get(name.upper()) or "").strip()

        found = {scheme: value(f"{scheme}_proxy") for scheme in ("http", "https", "all")}
        proxies = {scheme: text if "://" in text else f"http://{text}" for scheme, text in found.items() if text}
        direct = tuple(part.strip().lower() for part in value("no_proxy").split(",") if part.strip())
        return cls(by_scheme=MappingProxyType(proxies), direct=direct)

    def proxy_for(self, url: str) -> str | None:
        """The proxy for a URL, None to connect directly."""
        parts = urlsplit(url)
        proxy = self.by_scheme.get(parts.scheme) or self.by_scheme.get("all")
        if proxy is None or parts.hostname is None:
            return proxy
        host = parts.hostname.lower().rstrip(".")
        netloc = parts.netloc.rpartition("@")[2].lower()
        return None if any(_matches(rule, host, netloc) for rule in self.direct) else proxy


def _matches(rule: str, host: str, netloc: str) -> bool:
    """Whether one `NO_PROXY` item names a host: `*`, `host`, `.domain`, `host:port`, an address or a network."""
    if rule in ("*", netloc):
        return True
    if "/" in rule:
        return _in_network(host, rule)
    domain = rule.removeprefix("*").lstrip(".").strip("[]")
    return bool(domain) and (host == domain or host.endswith(f".{domain}"))


def _in_network(host: str, rule: str) -> bool:
    import ipaddress  # noqa: PLC0415 - such rules are rare

    try:
        return ipaddress.ip_address(host) in ipaddress.ip_network(rule, strict=False)
    except ValueError:
        return False
