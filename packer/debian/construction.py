"""From locked packages to a root: fetched, read, merged, configured."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor

from packer.debian.configuration import configure
from packer.debian.deb import DebPackage, read_deb
from packer.debian.download import fetch_package
from packer.debian.lock import BaseLock, LockedPackage
from packer.debian.maintainer_scripts import is_idle
from packer.debian.mirrors import Mirrors
from packer.debian.releases import Release
from packer.debian.rootfs import RootTree, merge_packages
from packer.debian.selection import Selection
from packer.errors import ArchiveError
from packer.store.cache import BlobCache
from packer.system.files import disk_errors
from packer.system.http import Http

__all__ = ["configure", "merged", "read_packages", "unrun_scripts"]

_PARALLEL = 8


def read_packages(
    lock: BaseLock, wanted: Iterable[LockedPackage], *, http: Http, cache: BlobCache, mirrors: Mirrors
) -> dict[str, DebPackage]:
    """Packages by name, in order. Fetching and unpacking overlap; the largest begin first."""
    scratch = cache.root / "tmp"
    with disk_errors(scratch):
        scratch.mkdir(parents=True, exist_ok=True)

    def read(package: LockedPackage) -> tuple[str, DebPackage]:
        path = fetch_package(lock, package, http=http, cache=cache, mirrors=mirrors)
        with disk_errors(scratch):
            content = read_deb(path, scratch=scratch)
        if content.control.get("package") != package.name:
            raise ArchiveError(f"the file of {package} says that it is {content.control.get('package')!r}")
        return package.name, content

    with ThreadPoolExecutor(_PARALLEL, thread_name_prefix="debian") as threads:
        largest_first = sorted(wanted, key=lambda package: -package.size)
        return dict(sorted(threads.map(read, largest_first), key=lambda item: item[0]))


def merged(packages: Mapping[str, DebPackage], *, release: Release) -> RootTree:
    """What an image keeps of the packages, as one root."""
    return merge_packages(packages, Selection(release))


def unrun_scripts(packages: Mapping[str, DebPackage]) -> tuple[str, ...]:
    """The packages whose maintainer script might have done something that nobody did."""
    return tuple(name for name, package in packages.items() if not is_idle(name, package.script))
