"""The containers of one project: what its services and its `pack run`s are, by names that people use."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec import Struct

from packer.engine.containers import EngineContainer, containers_of, list_containers
from packer.engine.endpoint import Endpoint
from packer.errors import EngineError, UsageError
from packer.stack.identity import DEPENDENCIES_LABEL, FOLDER_LABEL, RUN_LABEL, SERVICE_LABEL, StackIdentity

if TYPE_CHECKING:
    from packer.engine.connection import Engine

__all__ = ["Member", "Members", "find_members", "members_of"]

APP_SERVICE = "app"
"""The service that `pack generate` makes of the project itself."""
_START = "start it: pack up, or one image alone: pack run"


class Member(Struct, frozen=True, kw_only=True):
    """A container of the project.

    Attributes:
        name: the service's name; with the container's number where the service has several; that of the container
            for one of `pack run`.
        service: the service's name, None for one of `pack run`.
        container: what the engine says.
    """

    name: str
    service: str | None
    container: EngineContainer

    @property
    def is_run(self) -> bool:
        """Whether `pack run` made it."""
        return RUN_LABEL in self.container.labels

    @property
    def dependencies(self) -> frozenset[str]:
        """The services that must be there before it, as Compose noted them (`database:service_healthy:true,…`)."""
        text = self.container.labels.get(DEPENDENCIES_LABEL, "")
        return frozenset(part.partition(":")[0] for part in text.split(",") if part)

    @property
    def known_as(self) -> frozenset[str]:
        """Every name that means it."""
        return frozenset(filter(None, (self.name, self.service, self.container.name)))


class Members(Struct, frozen=True, kw_only=True):
    """The project's containers, services first, each in order of name.

    Attributes:
        identity: the project.
        endpoint: the engine's.
        own: its containers.
        elsewhere: folders whose project has the same name, and containers there: they are never touched.
    """

    identity: StackIdentity
    endpoint: Endpoint
    own: tuple[Member, ...]
    elsewhere: tuple[str, ...] = ()

    @property
    def caution(self) -> str | None:
        """What to say of a project of the same name elsewhere."""
        if not self.elsewhere:
            return None
        places = ", ".join(self.elsewhere)
        return f"another project named {self.identity.name} has containers here, which stay untouched: {places}"

    @property
    def running(self) -> tuple[Member, ...]:
        """Those that run."""
        return tuple(one for one in self.own if one.container.is_running)

    def chosen(self, names: Sequence[str], *, among: Iterable[Member] | None = None) -> tuple[Member, ...]:
        """The containers of those names; all without names.

        Args:
            names: services, or names of containers.
            among: the containers that count, all by default.

        Raises:
            UsageError: there is none of a name.
            EngineError: the project has none at all.
        """
        there = self.own if among is None else tuple(among)
        self._require(self.own)
        for name in names:
            if not any(name in one.known_as for one in self.own):
                raise self._unknown(name)
        return tuple(one for one in there if not names or one.known_as.intersection(names))

    def one_running(self, name: str) -> Member:
        """The container of that name that runs, the first of several. Raises as `chosen` does."""
        found = self.chosen([name], among=self.running)
        if not found:
            raise EngineError(
                f"{name} does not run", hint=f"see why: pack logs {name}, then start it: pack up", where=self.place
            )
        return found[0]

    @property
    def main(self) -> Member:
        """The app: the service of that name, or the only container that runs.

        Raises `EngineError` when nothing runs, `UsageError` when nothing says which is meant.
        """
        self._require(self.running)
        named = [one for one in self.running if one.service == APP_SERVICE] or list(self.running)
        if len(named) > 1 and named[0].service != APP_SERVICE:
            names = ", ".join(one.name for one in named)
            raise UsageError("several containers run here", hint=f"name one: {names}")
        return named[0]

    @property
    def place(self) -> str:
        """Where all this is."""
        return f"{self.identity.folder} at {self.endpoint.host}"

    def _require(self, members: Sequence[Member]) -> None:
        if not members:
            other = f"; {self.caution}" if self.elsewhere else ""
            raise EngineError(f"nothing of {self.identity.name} runs here{other}", hint=_START)

    def _unknown(self, name: str) -> UsageError:
        known = sorted({one.service or one.name for one in self.own})
        near = get_close_matches(name, known, n=1)
        hint = f"did you mean {near[0]}?" if near else f"there are: {', '.join(known)}"
        return UsageError(f"{self.identity.name} has no service {name}", hint=hint)


def find_members(identity: StackIdentity, environment: Mapping[str, str], home: Path) -> Members:
    """The project's containers in the engine that answers. Raises `EngineError` when none does."""
    listing = list_containers(environment, home, identity.filters)
    return _sorted_out(identity, listing.endpoint, listing.containers)


def members_of(identity: StackIdentity, engine: Engine) -> Members:
    """The same in an engine that is connected to."""
    return _sorted_out(identity, engine.endpoint, containers_of(engine, identity.filters))


def _sorted_out(identity: StackIdentity, endpoint: Endpoint, found: Iterable[EngineContainer]) -> Members:
    own: list[EngineContainer] = []
    elsewhere: set[str] = set()
    for one in found:
        folder = one.labels.get(FOLDER_LABEL)
        if folder is None or os.path.realpath(folder) == identity.folder:
            own.append(one)
        else:
            elsewhere.add(folder)
    members = sorted(_named(own), key=lambda one: (one.is_run, one.name))
    return Members(identity=identity, endpoint=endpoint, own=tuple(members), elsewhere=tuple(sorted(elsewhere)))


def _named(containers: Sequence[EngineContainer]) -> Iterable[Member]:
    services = [one.labels.get(SERVICE_LABEL) for one in containers]
    for one, service in zip(containers, services, strict=True):
        if service is None or RUN_LABEL in one.labels:
            yield Member(name=one.name, service=None, container=one)
        elif services.count(service) > 1:
            number = one.labels.get("com.docker.compose.container-number", "1")
            yield Member(name=f"{service}-{number}", service=service, container=one)
        else:
            yield Member(name=service, service=service, container=one)
