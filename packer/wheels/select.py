"""From a lock to the wheels of one target.

The lock is a `pylock.toml`: https://packaging.python.org/en/latest/specifications/pylock-toml/#installation
(the steps of the specification, except that everything that does not fit is collected instead of stopping at the
first, so that another Python can be tried).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Literal
from urllib.parse import unquote, urlsplit

from msgspec import Struct

from packer.errors import ArchiveError, LockError
from packer.oci.digest import Digest
from packer.wheels.model import LocalDirectory, Missing, Selection, SourceOnly, Wheel
from packer.wheels.target import Target
from packer.wheels.toml import parse_toml

if TYPE_CHECKING:
    from packaging.pylock import Package, PackageArchive, PackageSdist, PackageVcs, PackageWheel, Pylock
    from packaging.tags import Tag

__all__ = ["parse_lock", "select"]

Chosen = Wheel | SourceOnly | LocalDirectory | Missing


def parse_lock(content: bytes, *, where: str) -> Pylock:
    """Read a `pylock.toml`. Raises `LockError` for anything that the specification does not allow."""
    from packaging.pylock import Pylock, PylockValidationError  # noqa: PLC0415 (slow to import, rarely needed)

    try:
        return Pylock.from_dict(parse_toml(content, where=where))
    except PylockValidationError as cause:
        raise LockError(f"the lock is not valid: {cause}", where=where, hint="write it again with its tool") from cause
    except (ValueError, RecursionError) as cause:
        raise LockError(f"the lock cannot be read: {cause}"[:300], where=where) from cause


def select(lock: Pylock, target: Target, *, direct: frozenset[str], folder: Path, where: str) -> Selection:
    """The wheels for a target, and what has none.

    Args:
        lock: the lock.
        target: what the wheels must fit.
        direct: normalised names of the distributions that the project itself asks for.
        where: the lock's name in messages.
        folder: what paths in the lock are relative to.

    Raises:
        LockError: the lock does not allow the target's Python or platform, or contradicts itself.
    """
    packages = _applicable(lock, target, where)
    chosen = [_Choice(package, target, package.name in direct, folder, where).made() for package in packages]
    return Selection(
        wheels=tuple(item for item in chosen if isinstance(item, Wheel)),
        source_only=tuple(item for item in chosen if isinstance(item, SourceOnly)),
        local=tuple(item for item in chosen if isinstance(item, LocalDirectory)),
        missing=tuple(item for item in chosen if isinstance(item, Missing)),
        remarks=_notes(lock, "remarks"),
        held=_notes(lock, "held"),
        partners=_notes(lock, "partners"),
        time=", ".join(_notes(lock, "time")),
    )


def _notes(lock: Pylock, kind: str) -> tuple[str, ...]:
    """What `resolve` wants people to know of the lock."""
    own = (lock.tool or {}).get("pack")
    notes = own.get(kind) if isinstance(own, Mapping) else None
    return tuple(map(str, notes)) if isinstance(notes, list) else ()


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


class _Choice(Struct, frozen=True):
    """The choice for one package of the lock."""

    package: Package
    target: Target
    direct: bool
    folder: Path
    where: str

    @property
    def version(self) -> str:
        return str(self.package.version or "")

    def made(self) -> Chosen:
        package = self.package
        full = self.target.markers()["python_full_version"]
        if package.requires_python is not None and not package.requires_python.contains(full, prereleases=True):
            return self._missing(f"it needs Python {package.requires_python}")
        if package.directory is not None:
            folder = package.directory
            path = "/".join(filter(None, (folder.path, folder.subdirectory)))
            return LocalDirectory(name=package.name, path=path, editable=bool(folder.editable))
        if package.vcs is not None:
            return self._repository(package.vcs)
        if package.archive is not None:
            return self._archive(package.archive)
        return self._release()

    def _release(self) -> Wheel | SourceOnly | Missing:
        """A distribution from an index: its best wheel, else its source."""
        wheels, sdist = self.package.wheels or (), self.package.sdist
        best = _best_wheel(wheels, self.target.tags())
        if best is not None:
            return self._wheel(best.filename, best)
        if sdist is None:
            python = f"Python {self.target.python} on {self.target.platform}"
            return self._missing(f"none of its wheels fits {python}, and it has no source")
        others = tuple(sorted(wheel.filename for wheel in wheels))
        return self._source("sdist", self._url(sdist), digest=self._digest(sdist.hashes), wheels=others)

    def _archive(self, archive: PackageArchive) -> Wheel | SourceOnly:
        url = self._url(archive)
        filename = unquote(url.partition("?")[0].partition("#")[0].rpartition("/")[2])
        if filename.endswith(".whl"):
            return self._wheel(filename, archive)
        return self._source("archive", url, digest=self._digest(archive.hashes), subdirectory=archive.subdirectory)

    def _repository(self, vcs: PackageVcs) -> SourceOnly:
        if vcs.type != "git":
            raise LockError(
                f"{self.package.name} comes from a {vcs.type} repository: only git is known", where=self.where
            )
        url = vcs.url or vcs.path or ""
        return self._source("git", url, revision=vcs.commit_id, subdirectory=vcs.subdirectory)

    def _wheel(self, filename: str, item: PackageWheel | PackageArchive) -> Wheel:
        return Wheel(
            name=self.package.name,
            version=self.version or _wheel_version(filename, self.where),
            filename=filename,
            digest=self._digest(item.hashes),
            size=item.size if item.size is not None else _size_on_disk(self._url(item)),
            urls=(self._url(item),),
            direct=self.direct,
        )

    def _source(
        self,
        kind: Literal["sdist", "archive", "git"],
        url: str,
        *,
        digest: Digest | None = None,
        revision: str | None = None,
        subdirectory: str | None = None,
        wheels: tuple[str, ...] = (),
    ) -> SourceOnly:
        return SourceOnly(
            name=self.package.name,
            version=self.version,
            kind=kind,
            url=url,
            digest=digest,
            revision=revision,
            subdirectory=subdirectory,
            wheels=wheels,
            direct=self.direct,
        )

    def _missing(self, reason: str) -> Missing:
        return Missing(name=self.package.name, version=self.version, reason=reason)

    def _digest(self, hashes: Mapping[str, str]) -> Digest:
        try:
            return Digest.from_hex(hashes.get("sha256", ""))
        except ArchiveError:
            raise LockError(
                f"the lock has no SHA-256 for {self.package.name} {self.version}".rstrip(),
                where=self.where,
                hint="lock again with a tool that writes SHA-256 hashes (uv does)",
            ) from None

    def _url(self, item: PackageWheel | PackageSdist | PackageArchive) -> str:
        """Where a file is; one beside the lock as a `file:` URL."""
        return item.url or (self.folder / (item.path or "")).absolute().as_uri()


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


def _size_on_disk(url: str) -> int | None:
    """The size of a `file:` URL's file: indexes on disk do not state it, and layers are grouped by it."""
    parts = urlsplit(url)
    try:
        return Path(unquote(parts.path)).stat().st_size if parts.scheme == "file" else None
    except (OSError, ValueError):
        return None


def _wheel_version(filename: str, where: str) -> str:
    from packaging.utils import InvalidWheelFilename, parse_wheel_filename  # noqa: PLC0415 (slow, rarely needed)

    try:
        return str(parse_wheel_filename(filename)[1])
    except InvalidWheelFilename as cause:
        raise LockError(f"{filename!r} is not a wheel's name", where=where) from cause
