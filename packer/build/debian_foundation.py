"""Debian packages as the foundation of an image."""

from __future__ import annotations

import json
from datetime import datetime, timedelta

from packer.build.foundation import Foundation
from packer.build.workshop import Workshop
from packer.debian.base import debian_base
from packer.debian.lock import BaseLock
from packer.errors import LockError
from packer.oci.digest import Digest
from packer.plan.model import DebianBase
from packer.project.model import Caution

__all__ = ["FRESH", "debian_foundation", "pin_debian"]

FRESH = timedelta(hours=24)
"""How long a base that no `pack.lock` pins is used before Debian is asked for newer packages."""

_RECORD = "debian-base"


def pin_debian(
    base: DebianBase,
    architecture: str,
    *,
    packages: tuple[str, ...] = (),
    locked: BaseLock | None,
    workshop: Workshop,
    refresh: bool,
    allow_expired: bool,
) -> BaseLock:
    """The packages of the base.

    Without a lock, what was chosen within the last day holds, so that building again needs no network.

    Args:
        base: the plan's base.
        architecture: amd64 or arm64.
        packages: further packages, found while looking at the wheels.
        locked: what `pack.lock` pins.
        workshop: what to work with.
        refresh: look for newer packages now.
        allow_expired: accept metadata past its time.
    """
    wanted = tuple(sorted({*base.packages, *packages}))
    if locked and not refresh and locked.release == base.release and set(wanted) <= set(locked.roots):
        return locked
    words = (base.release, architecture, *wanted) if base.with_python else (base.release, architecture, "", *wanted)
    key = Digest.of("\0".join(words).encode()).hex
    remembered = None if locked or refresh else _remembered(workshop, key)
    if remembered is not None:
        return remembered
    from packer.debian.resolution import resolve_base  # noqa: PLC0415 - mostly what was chosen today holds

    lock = resolve_base(
        base.release,
        architecture,
        wanted,
        python=base.with_python,
        http=workshop.http,
        cache=workshop.cache,
        mirrors=workshop.mirrors,
        now=workshop.now,
        previous=locked,
        refresh=refresh,
        allow_expired=allow_expired,
    )
    if locked is None:
        record = {"time": workshop.now.isoformat(), "lock": lock.to_data()}
        workshop.cache.put_record(_RECORD, key, json.dumps(record).encode())
    return lock


def _remembered(workshop: Workshop, key: str) -> BaseLock | None:
    """What was chosen within `FRESH`; whatever is there when nothing can be fetched anyway."""
    record = workshop.cache.record(_RECORD, key)
    if record is None:
        return None
    try:
        content = json.loads(record)
        age = workshop.now - datetime.fromisoformat(content["time"])
        lock = BaseLock.from_data(content["lock"])
    except (ValueError, TypeError, KeyError, LockError):
        return None
    return lock if workshop.offline or timedelta() <= age < FRESH else None


def debian_foundation(
    lock: BaseLock, *, workshop: Workshop, bytecode: bool, host_lock: BaseLock | None = None
) -> Foundation:
    """The foundation that a lock pins. `host_lock` is needed where the lock is for another architecture."""
    described = debian_base(
        lock,
        http=workshop.http,
        cache=workshop.cache,
        mirrors=workshop.mirrors,
        bytecode=bytecode,
        host_base=host_lock,
    )
    version = ".".join(described.python_version.split(".")[:2])
    cautions = described.cautions
    if bytecode and described.interpreter_refusal:
        cautions = (*cautions, Caution(what=described.interpreter_refusal))
    return Foundation(
        name=f"debian:{lock.release}",
        recipes=described.recipes,
        python=f"/usr/bin/python{version}",
        python_version=described.python_version,
        glibc=described.glibc,
        environment=described.environment,
        interpreter=described.interpreter,
        sonames=described.sonames,
        cautions=cautions,
    )
