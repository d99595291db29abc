"""Hosts with certificates of their own: a company's registry, a test's, one whose certificate is not to be checked."""

from __future__ import annotations

from pathlib import Path

from msgspec import Struct

__all__ = ["HostTrust"]


class HostTrust(Struct, frozen=True, kw_only=True):
    """What is special about the trust in single hosts.

    Attributes:
        folders: where a folder named like a host (`registry.example.com:5000`) holds its authorities (`*.crt`) and
            this client's certificates (`*.cert` beside `*.key`), as Docker and podman keep them.
        unverified: hosts, with the port where one is given, whose certificate is not checked.
    """

    folders: tuple[Path, ...] = ()
    unverified: frozenset[str] = frozenset()

    def is_special(self, host: str) -> bool:
        """Whether anything is special about `host[:port]`."""
        return host in self.unverified or bool(self.folders_of(host))

    def folders_of(self, host: str) -> tuple[Path, ...]:
        """The folders that are there for `host[:port]`, else those for other ports of that host.

        A registry's token server often is the same machine at another port, as GitLab's, and Docker trusts it alike.
        """
        if "/" in host or not host:
            return ()
        exact = tuple(folder / host for folder in self.folders if (folder / host).is_dir())
        return exact or tuple(
            place for folder in self.folders for place in _listed(folder) if _name(place.name) == _name(host)
        )


def _name(host: str) -> str:
    """The host without its port."""
    name, colon, port = host.rpartition(":")
    return name if colon and port.isdecimal() else host


def _listed(folder: Path) -> list[Path]:
    try:
        return sorted(place for place in folder.iterdir() if place.is_dir())
    except OSError:
        return []
