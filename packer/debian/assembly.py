"""A lock's packages, fetched, read and merged to a configured root: once, when something first asks for it."""

from __future__ import annotations

import hashlib
import json
import threading
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from packer.debian.configuration import configure
from packer.debian.deb import DebPackage, read_deb
from packer.debian.download import fetch_package
from packer.debian.lock import BaseLock, LockedPackage
from packer.debian.maintainer_scripts import is_idle
from packer.debian.mirrors import Mirrors
from packer.debian.releases import architecture_of, release_named
from packer.debian.rootfs import RootTree, merge_packages
from packer.debian.selection import Selection
from packer.errors import ArchiveError
from packer.store.cache import BlobCache
from packer.system.files import disk_errors
from packer.system.http import Http

__all__ = ["LAYOUT", "Assembly", "Facts"]

LAYOUT = "1"
"""Changes whenever the same packages are laid out to other bytes; part of every key."""

_RECORD = "debian-facts"
_PARALLEL = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What must be known of a root without making it.

    Attributes:
        sonames: the shared libraries that programs find.
        unrun_scripts: packages whose maintainer script might have done something that nobody did.
    """

    sonames: frozenset[str]
    unrun_scripts: tuple[str, ...]


class Assembly:
    """The root of a lock. Safe for several threads."""

    def __init__(self, lock: BaseLock, *, http: Http, cache: BlobCache, mirrors: Mirrors) -> None:
        self.lock = lock
        self.release = release_named(lock.release)
        self.architecture = architecture_of(lock.architecture)
        self._http = http
        self._cache = cache
        self._mirrors = mirrors
        self._busy = threading.Lock()
        self._made: tuple[RootTree, Facts] | None = None

    @property
    def is_made(self) -> bool:
        """Whether the root is in memory already."""
        return self._made is not None

    def tree(self) -> RootTree:
        """The configured root."""
        return self._make()[0]

    def facts(self) -> Facts:
        """From the cache where it knows them."""
        record = self._cache.record(_RECORD, self._record_key)
        if record is not None:
            try:
                known = json.loads(record)
                return Facts(sonames=frozenset(known["sonames"]), unrun_scripts=tuple(known["unrun_scripts"]))
            except (ValueError, KeyError, TypeError):
                pass  # a damaged record is made again
        return self._make()[1]

    def partial_tree(self, names: Iterable[str]) -> RootTree:
        """A root of some packages only, not configured."""
        return merge_packages(self._read([self.lock.package(name) for name in names]), self._selection)

    @property
    def _selection(self) -> Selection:
        return Selection(self.release, self.architecture)

    @property
    def _record_key(self) -> str:
        return hashlib.sha256(f"{LAYOUT}\n{self.lock.key}".encode()).hexdigest()

    def _make(self) -> tuple[RootTree, Facts]:
        with self._busy:
            if self._made is None:
                self._made = self._assembled()
            return self._made

    def _assembled(self) -> tuple[RootTree, Facts]:
        packages = self._read(self.lock.packages)
        selection = self._selection
        tree = merge_packages(packages, selection)
        libraries = configure(tree, packages, release=self.release, architecture=self.architecture, selection=selection)
        facts = Facts(
            sonames=frozenset(library.name for library in libraries),
            unrun_scripts=tuple(name for name, package in packages.items() if not is_idle(name, package.script)),
        )
        record = {"sonames": sorted(facts.sonames), "unrun_scripts": list(facts.unrun_scripts)}
        self._cache.put_record(_RECORD, self._record_key, json.dumps(record).encode())
        return tree, facts

    def _read(self, wanted: Iterable[LockedPackage]) -> dict[str, DebPackage]:
        """Packages by name, in order. Fetching and unpacking overlap; the largest begin first."""
        scratch = self._cache.root / "tmp"
        with disk_errors(scratch):
            scratch.mkdir(parents=True, exist_ok=True)

        def read(package: LockedPackage) -> tuple[str, DebPackage]:
            path = fetch_package(self.lock, package, http=self._http, cache=self._cache, mirrors=self._mirrors)
            with disk_errors(scratch):
                content = read_deb(path, scratch=scratch)
            if content.control.get("package") != package.name:
                raise ArchiveError(f"the file of {package} says that it is {content.control.get('package')!r}")
            return package.name, content

        with ThreadPoolExecutor(_PARALLEL, thread_name_prefix="debian") as threads:
            largest_first = sorted(wanted, key=lambda package: -package.size)
            return dict(sorted(threads.map(read, largest_first), key=lambda item: item[0]))
