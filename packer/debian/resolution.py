"""`resolve_base`: from a release and package names to a `BaseLock`."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta, timezone

from msgspec.structs import replace

from packer.debian.index import Package, Universe
from packer.debian.keyring import Keyring, debian_keyring
from packer.debian.lock import BaseLock, LockedPackage
from packer.debian.mirrors import Mirrors
from packer.debian.releases import SYSTEM_ROOTS, Release, architecture_of, release_named
from packer.debian.resolver import resolve
from packer.debian.suites import SignedSuite, fetch_suites, open_index
from packer.debian.versions import Version
from packer.errors import LockError, TrustError
from packer.store.cache import BlobCache
from packer.system.http import Http

__all__ = ["resolve_base"]

_RECORD = "debian-resolution"
_RULES = "2"
"""Changes when the same indexes and wishes may resolve to something else."""
_SNAPSHOT_MARGIN = timedelta(hours=24)
"""Debian's snapshot archive looks at a mirror four times a day, and superseded packages stay longer than this."""


def resolve_base(
    release: str,
    architecture: str,
    extra_packages: Iterable[str],
    *,
    python: bool = True,
    http: Http,
    cache: BlobCache,
    mirrors: Mirrors,
    now: datetime,
    previous: BaseLock | None = None,
    refresh: bool = False,
    allow_expired: bool = False,
    keyring: Keyring | None = None,
) -> BaseLock:
    """Choose and pin the packages of a base.

    Without `refresh`, a `previous` lock of the same wishes is the answer and nothing is fetched. An equal outcome is
    `previous` itself, so that a lock file changes only when a package does.

    Args:
        release: codename.
        architecture: amd64 or arm64.
        extra_packages: what the base needs beside the system.
        python: the base carries the release's Python.
        http: the network.
        cache: keeps indexes, and what they resolved to.
        mirrors: where the archives are.
        now: the present, with a time zone.
        previous: the lock so far.
        refresh: look for newer packages.
        allow_expired: accept metadata past its `Valid-Until`, and versions older than the lock's.
        keyring: whose signatures count; Debian's archive keys when None.

    Raises `TrustError` for metadata that does not hold, `TransientError` when no mirror answers, `LockError` for what
    cannot be satisfied.
    """
    facts = release_named(release)
    architecture_of(architecture)
    roots = tuple(sorted({*(facts.roots if python else SYSTEM_ROOTS), *extra_packages}))
    if previous is not None and not refresh and _follows(previous, release, architecture, roots):
        return previous
    suites = fetch_suites(
        facts.suites,
        architecture,
        http=http,
        mirrors=mirrors,
        keyring=keyring or debian_keyring(),
        now=now,
        allow_expired=allow_expired,
    )
    lock = _remembered(cache, suites, facts, architecture, roots)
    if lock is None:
        lock = _resolved(suites, facts, architecture, roots, http=http, cache=cache, mirrors=mirrors)
        cache.put_record(_RECORD, _record_key(suites, architecture, roots), json.dumps(lock.to_data()).encode())
    if previous is None:
        return lock
    if replace(previous, snapshot=lock.snapshot) == lock:
        return previous
    if not allow_expired:
        _refuse_older(lock, previous)
    return lock


def _follows(lock: BaseLock, release: str, architecture: str, roots: tuple[str, ...]) -> bool:
    return (lock.release, lock.architecture, lock.roots) == (release, architecture, roots)


def _refuse_older(lock: BaseLock, previous: BaseLock) -> None:
    """A mirror that offers less than yesterday is stale, or shown by somebody who keeps known holes open."""
    if (lock.release, lock.architecture) != (previous.release, previous.architecture):
        return
    known = {package.name: package for package in previous.packages}
    for package in lock.packages:
        before = known.get(package.name, package)
        if Version(package.version) < Version(before.version):
            raise TrustError(
                f"the mirror offers {package}, but the lock already has {before.version}",
                hint="use a mirror that is up to date; to go back on purpose, set `debian.allow-expired = true`",
            )


def _resolved(
    suites: tuple[SignedSuite, ...],
    release: Release,
    architecture: str,
    roots: tuple[str, ...],
    *,
    http: Http,
    cache: BlobCache,
    mirrors: Mirrors,
) -> BaseLock:
    with ThreadPoolExecutor(len(suites), thread_name_prefix="debian") as threads:
        indexes = threads.map(lambda signed: open_index(signed, http=http, cache=cache, mirrors=mirrors), suites)
        universe = Universe(indexes, architecture=architecture)
    newest = max(signed.release.date for signed in suites) + _SNAPSHOT_MARGIN
    return BaseLock(
        release=release.name,
        architecture=architecture,
        roots=roots,
        snapshot=newest.astimezone(timezone.utc).strftime("%Y%m%dT%H%M%SZ"),
        packages=tuple(_locked(package) for package in resolve(universe, roots)),
    )


def _remembered(
    cache: BlobCache, suites: tuple[SignedSuite, ...], release: Release, architecture: str, roots: tuple[str, ...]
) -> BaseLock | None:
    """What these very indexes resolved to before: the signed hashes decide, so the index need not be opened."""
    record = cache.record(_RECORD, _record_key(suites, architecture, roots))
    if record is None:
        return None
    try:
        lock = BaseLock.from_data(json.loads(record))
    except (ValueError, LockError):
        return None
    return lock if _follows(lock, release.name, architecture, roots) else None


def _record_key(suites: tuple[SignedSuite, ...], architecture: str, roots: tuple[str, ...]) -> str:
    inputs = [_RULES, architecture, *roots, *(signed.index.sha256 for signed in suites)]
    return hashlib.sha256("\n".join(inputs).encode()).hexdigest()


def _locked(package: Package) -> LockedPackage:
    return LockedPackage(
        name=package.name,
        version=package.version,
        architecture=package.architecture,
        archive=package.archive,
        filename=package.filename,
        sha256=package.sha256,
        size=package.size,
    )
