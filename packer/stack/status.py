"""Status: what runs of a project, as `pack ps` tells it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from msgspec import Struct

from packer.stack.addresses import addresses
from packer.stack.identity import RUN_LABEL
from packer.stack.members import Member, Members

__all__ = ["Row", "rows", "status_document"]

_SCHEMA = 1


class Row(Struct, frozen=True, kw_only=True):
    """A line of the table.

    Attributes:
        member: the container.
        urls: where it is reached from outside.
        image: the name of its image, short.
    """

    member: Member
    urls: tuple[str, ...]
    image: str

    @property
    def state(self) -> str:
        """`running`, or `exited (1)`."""
        container = self.member.container
        return container.state if container.exit_code is None else f"{container.state} ({container.exit_code})"

    def to_json(self) -> dict[str, Any]:
        """An object of `pack ps --json`."""
        container = self.member.container
        return {
            "name": self.member.name,
            "service": self.member.service,
            "container": container.name,
            "id": container.id,
            "state": container.state,
            "health": container.health,
            "exit_code": container.exit_code,
            "urls": list(self.urls),
            "image": self.image,
            "image_id": container.image_id,
            "created": container.created,
        }


def rows(members: Members, *, every: bool) -> tuple[Row, ...]:
    """The lines, for all containers or only for those that run."""
    shown: Iterable[Member] = members.own if every else members.running
    return tuple(Row(member=one, urls=_urls(one, members), image=_image(one)) for one in shown)


def status_document(members: Members, shown: Iterable[Row]) -> dict[str, Any]:
    """The document of `pack ps --json`."""
    return {
        "schema": _SCHEMA,
        "project": members.identity.name,
        "folder": members.identity.folder,
        "elsewhere": list(members.elsewhere),
        "containers": [row.to_json() for row in shown],
    }


def _urls(member: Member, members: Members) -> tuple[str, ...]:
    """Podman tells the ports of a container that has ended, too."""
    return addresses(member.container.ports, members.endpoint) if member.container.is_running else ()


def _image(member: Member) -> str:
    """The name that the container was started by; an ID, short, where the engine knows no name any more."""
    name = member.container.labels.get(RUN_LABEL) or member.container.image
    return name.removeprefix("sha256:")[:12] if name.startswith("sha256:") else name
