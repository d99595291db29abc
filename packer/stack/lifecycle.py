"""Stopping, killing and removing a project's containers."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from msgspec import Struct

from packer.engine.connection import Engine, engine_errors
from packer.errors import UsageError
from packer.stack.identity import PROJECT_LABEL, StackIdentity
from packer.stack.members import Member, Members
from packer.stack.order import stopping_waves

__all__ = ["Removal", "kill", "plan_removal", "remove", "stop"]

_AT_ONCE = 8


class Removal(Struct, frozen=True, kw_only=True):
    """What `pack rm` would remove: containers, and volumes by name."""

    members: tuple[Member, ...]
    volumes: tuple[str, ...] = ()


def stop(engine: Engine, members: Iterable[Member], *, seconds: int | None = None) -> Iterator[Member]:
    """Stop containers, dependents first; each is given out when it has stopped.

    Args:
        engine: has them.
        members: those that run.
        seconds: how long each gets before it is killed; None for what the container itself says.
    """

    def one(member: Member) -> None:
        with engine_errors(f"{member.name} does not stop", engine.endpoint):
            engine.client.stop(member.container.id, timeout=seconds)

    for wave in stopping_waves(members):
        yield from _together(wave, one)


def kill(engine: Engine, members: Iterable[Member], *, signal: str) -> Iterator[Member]:
    """Send a signal to containers, by name (`HUP`, `SIGHUP`) or number."""

    def one(member: Member) -> None:
        with engine_errors(f"{member.name} cannot be sent {signal}", engine.endpoint):
            engine.client.kill(member.container.id, signal=signal)

    yield from _together(tuple(members), one)


def plan_removal(engine: Engine, members: Sequence[Member], all_members: Members, *, volumes: bool) -> Removal:
    """The containers that go, with the volumes that are the project's alone where those are to go as well.

    A volume that a container uses which stays, stays too.
    """
    if not volumes:
        return Removal(members=tuple(members))
    staying = [one for one in all_members.own if one not in members]
    kept = {name for one in staying for name in _volumes(engine, one)}
    found = {name for one in members for name in _volumes(engine, one)} - kept
    own = {name for name in found if _is_own(engine, name, all_members.identity)}
    return Removal(members=tuple(members), volumes=tuple(sorted(own)))


def remove(engine: Engine, removal: Removal, *, force: bool) -> Iterator[Member]:
    """Remove containers, and then the volumes. Raises `UsageError` when one runs and `force` does not allow that."""
    running = [one.name for one in removal.members if one.container.is_running]
    if running and not force:
        raise UsageError(
            f"{', '.join(running)} {'is' if len(running) == 1 else 'are'} running",
            hint="stop first: pack stop, or add --force",
        )

    def one(member: Member) -> None:
        with engine_errors(f"{member.name} cannot be removed", engine.endpoint):
            engine.client.remove_container(member.container.id, force=force)

    for wave in stopping_waves(removal.members):
        yield from _together(wave, one)
    for name in removal.volumes:
        with engine_errors(f"the volume {name} cannot be removed", engine.endpoint):
            engine.client.remove_volume(name)


def _together(members: Sequence[Member], action: Callable[[Member], None]) -> Iterator[Member]:
    """Do it to all at once; every one is tried, then the first failure is raised."""
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        tried = [(member, pool.submit(action, member)) for member in members]
    yield from (member for member, done in tried if done.exception() is None)
    for _, done in tried:
        done.result()


def _volumes(engine: Engine, member: Member) -> list[str]:
    with engine_errors(f"{member.name} cannot be looked at", engine.endpoint):
        found: Any = engine.client.inspect_container(member.container.id)
    return [mount["Name"] for mount in found.get("Mounts") or () if mount.get("Type") == "volume"]


def _is_own(engine: Engine, volume: str, identity: StackIdentity) -> bool:
    """Whether it has the project's label, or belongs to one container alone, without a name that anybody gave it."""
    with engine_errors(f"the volume {volume} cannot be looked at", engine.endpoint):
        labels = engine.client.inspect_volume(volume).get("Labels") or {}
    anonymous = "com.docker.volume.anonymous" in labels or (len(volume) == 64 and not labels)
    return anonymous or labels.get(PROJECT_LABEL) == identity.name
