"""From a lock to the wheels of one target.

The lock is a `pylock.toml`: https://packaging.python.org/en/latest/specifications/pylock-toml/#installation
(the steps of the specification, except that everything that does not fit is collected instead of stopping at the
first, so that another Python can be tried).
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from packer.errors import ArchiveError, LockError
from packer.oci.digest import Digest
from packer.wheels.model import LocalDirectory, Missing, Selection, SourceOnly, Wheel
from packer.wheels.target import Target

if TYPE_CHECKING:
    from packaging.pylock import Package, PackageArchive, PackageSdist, PackageWheel, Pylock
    from packaging.tags import Tag

__all__ = ["parse_lock", "select"]

Chosen = Wheel | SourceOnly | LocalDirectory | Missing


def parse_lock(content: bytes, *, where: str) -> Pylock:
    """Read a `pylock.toml`. Raises `LockError` for anything that the specification does not allow."""
    from packaging.pylock import Pylock, PylockValidationError  # noqa: PLC0415 (slow to import, rarely needed)

    try:
        return Pylock.from_dict(_toml(content))
    except PylockValidationError as cause:
        raise LockError(f"the lock is not valid: {cause}", where=where, hint="write it again with its tool") from cause
    except (ValueError, RecursionError) as cause:
        raise LockError(f"the lock cannot be read: {cause}"[:300], where=where) from cause


def select(lock: Pylock, target: Target, *, direct: frozenset[str], where: str = "pylock.toml") -> Selection:
    """The wheels for a target, and what has none.

    Args:
        lock: the lock.
        target: what the wheels must fit.
        direct: normalised names of the distributions that the project itself asks for.
        where: the lock's name in messages.

    Raises:
        LockError: the lock does not allow the target's Python or platform, or contradicts itself.
    """
    packages = _applicable(lock, target, where)
    chosen = [_choose(package, target, direct=package.name in direct, where=where) for package in packages]
    return Selection(
        wheels=tuple(item for item in chosen if isinstance(item, Wheel)),
        source_only=tuple(item for item in chosen if isinstance(item, SourceOnly)),
        local=tuple(item for item in chosen if isinstance(item, LocalDirectory)),
        missing=tuple(item for item in chosen if isinstance(item, Missing)),
    )


def _toml(content: bytes) -> Mapping[str, Any]:
    if sys.version_info >= (3, 11):
        import tomllib  # noqa: PLC0415 (slow to import, rarely needed)
    else:
        import tomli as tomllib  # noqa: PLC0415 (slow to import, rarely needed)
    parsed: Mapping[str, Any] = tomllib.loads(content.decode("utf-8"))
    return parsed


def _applicable(lock: Pylock, target: Target, where: str) -> list[Package]:
    """The packages whose markers hold, each name once."""
    environment: dict[str, str | frozenset[str]] = {**target.markers()}
    full = target.markers()["python_full_version"]
    if lock.requires_python is not None and not lock.requires_python.contains(full, prereleases=True):
        raise LockError(
            f"the lock is for Python {lock.requires_python}, the image has {full}",
            where=where,
            hint="choose another Python with --python, or lock again",
        )
    if lock.environments and not any(marker.evaluate(environment) for marker in lock.environments):
        raise LockError(f"the lock is not made for Python {full} on {target.platform}", where=where, hint="lock again")
    groups = frozenset(lock.default_groups or ())
    context = {**environment, "extras": frozenset(), "dependency_groups": groups}
    found: dict[str, Package] = {}
    for package in lock.packages:
        if package.marker is not None and not package.marker.evaluate(context, context="lock_file"):
            continue
        if package.name in found:
            raise LockError(
                f"the lock gives two versions of {package.name} to Python {full} on {target.platform}: "
                f"{found[package.name].version} and {package.version}",
                where=where,
                hint="lock again",
            )
        found[package.name] = package
    return list(found.values())


def _choose(package: Package, target: Target, *, direct: bool, where: str) -> Chosen:
    full = target.markers()["python_full_version"]
    if package.requires_python is not None and not package.requires_python.contains(full, prereleases=True):
        reason = f"it needs Python {package.requires_python}"
        return Missing(name=package.name, version=str(package.version or ""), reason=reason)
    if package.directory is not None:
        folder = package.directory
        path = "/".join(filter(None, (folder.path, folder.subdirectory)))
        return LocalDirectory(name=package.name, path=path, editable=bool(folder.editable))
    if package.vcs is not None:
        return _repository(package, direct=direct, where=where)
    if package.archive is not None:
        return _archive(package, package.archive, direct=direct, where=where)
    return _release(package, target, direct=direct, where=where)


def _release(package: Package, target: Target, *, direct: bool, where: str) -> Wheel | SourceOnly | Missing:
    """A distribution from an index: its best wheel, else its source."""
    version = str(package.version or "")
    wheel = _best_wheel(package.wheels or (), target.tags())
    if wheel is not None:
        return Wheel(
            name=package.name,
            version=version or _wheel_version(wheel.filename),
            filename=wheel.filename,
            digest=_digest(package, wheel.hashes, where),
            size=wheel.size,
            urls=_urls(wheel),
            direct=direct,
        )
    if package.sdist is None:
        reason = f"none of its wheels fits Python {target.python} on {target.platform}, and it has no source"
        return Missing(name=package.name, version=version, reason=reason)
    return SourceOnly(
        name=package.name,
        version=version,
        kind="sdist",
        url=_urls(package.sdist)[0],
        digest=_digest(package, package.sdist.hashes, where),
        wheels=tuple(sorted(wheel.filename for wheel in package.wheels or ())),
        direct=direct,
    )


def _repository(package: Package, *, direct: bool, where: str) -> SourceOnly:
    vcs = package.vcs
    assert vcs is not None
    if vcs.type != "git":
        raise LockError(f"{package.name} comes from a {vcs.type} repository: only git is known", where=where)
    return SourceOnly(
        name=package.name,
        version=str(package.version or ""),
        kind="git",
        url=vcs.url or vcs.path or "",
        revision=vcs.commit_id,
        subdirectory=vcs.subdirectory,
        direct=direct,
    )


def _archive(package: Package, archive: PackageArchive, *, direct: bool, where: str) -> Wheel | SourceOnly:
    url = _urls(archive)[0]
    filename = url.partition("?")[0].partition("#")[0].rpartition("/")[2]
    digest = _digest(package, archive.hashes, where)
    version = str(package.version or "")
    if filename.endswith(".whl"):
        return Wheel(
            name=package.name,
            version=version or _wheel_version(filename),
            filename=filename,
            digest=digest,
            size=archive.size,
            urls=(url,),
            direct=direct,
        )
    return SourceOnly(
        name=package.name,
        version=version,
        kind="archive",
        url=url,
        digest=digest,
        subdirectory=archive.subdirectory,
        direct=direct,
    )


def _best_wheel(wheels: Iterable[PackageWheel], ranks: Mapping[Tag, int]) -> PackageWheel | None:
    """The wheel whose best tag ranks first; of equals the one with the highest build number, then the first name."""
    from packaging.utils import parse_wheel_filename  # noqa: PLC0415 (slow to import, rarely needed)

    fitting: list[tuple[int, tuple[int, str], str, PackageWheel]] = []
    for wheel in wheels:
        _, _, build, tags = parse_wheel_filename(wheel.filename)
        rank = min((ranks[tag] for tag in tags if tag in ranks), default=None)
        if rank is not None:
            number, suffix = build or (0, "")
            fitting.append((rank, (-number, suffix), wheel.filename, wheel))
    return min(fitting, key=lambda entry: entry[:3])[3] if fitting else None


def _wheel_version(filename: str) -> str:
    from packaging.utils import InvalidWheelFilename, parse_wheel_filename  # noqa: PLC0415 (slow, rarely needed)

    try:
        return str(parse_wheel_filename(filename)[1])
    except InvalidWheelFilename as cause:
        raise LockError(f"{filename!r} is not a wheel's name") from cause


def _digest(package: Package, hashes: Mapping[str, str], where: str) -> Digest:
    sha256 = hashes.get("sha256")
    try:
        return Digest.from_hex(sha256 or "")
    except ArchiveError:
        raise LockError(
            f"the lock has no SHA-256 for {package.name} {package.version or ''}".rstrip(),
            where=where,
            hint="lock again with a tool that writes SHA-256 hashes (uv does)",
        ) from None


def _urls(item: PackageWheel | PackageSdist | PackageArchive) -> tuple[str, ...]:
    """Where a file is. A path beside the lock stays a path; `fetch` reads both."""
    return tuple(filter(None, (item.url, item.path)))[:1]
