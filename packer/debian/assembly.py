"""A lock's root, made once, when something first asks for more than the cache remembers of it."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Iterable
from typing import TYPE_CHECKING

from msgspec import DecodeError, Struct, json

from packer.debian.lock import BaseLock
from packer.debian.mirrors import Mirrors
from packer.debian.releases import architecture_of, release_named
from packer.store.cache import BlobCache
from packer.system.http import Http

if TYPE_CHECKING:
    from packer.debian.rootfs import RootTree

__all__ = ["LAYOUT", "Assembly", "Facts"]

LAYOUT = "3"
"""Changes whenever the same packages are laid out to other bytes; part of every key."""

_RECORD = "debian-facts"
_KNOWN_SCRIPTS = "2"
"""Changes whenever more maintainer scripts are known; part of the key of what is said of them."""


class Facts(Struct, frozen=True, kw_only=True):
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

    def tree(self) -> RootTree:
        """The configured root."""
        return self._make()[0]

    def facts(self) -> Facts:
        """From the cache where it knows them."""
        record = self._cache.record(_RECORD, self._record_key)
        if record is not None:
            try:
                return json.decode(record, type=Facts)
            except DecodeError:
                pass  # a damaged record is made again
        return self._make()[1]

    def tree_with(self, names: Iterable[str]) -> RootTree:
        """The root if it is made already, else one of these packages only, not configured."""
        if self._made is not None:
            return self._made[0]
        from packer.debian import construction  # noqa: PLC0415 - a warm build reads no package

        wanted = [self.lock.package(name) for name in names]
        packages = construction.read_packages(
            self.lock, wanted, http=self._http, cache=self._cache, mirrors=self._mirrors
        )
        return construction.merged(packages, release=self.release)

    @property
    def _record_key(self) -> str:
        return hashlib.sha256(f"{LAYOUT}\n{_KNOWN_SCRIPTS}\n{self.lock.key}".encode()).hexdigest()

    def _make(self) -> tuple[RootTree, Facts]:
        with self._busy:
            if self._made is None:
                self._made = self._constructed()
            return self._made

    def _constructed(self) -> tuple[RootTree, Facts]:
        from packer.debian import construction  # noqa: PLC0415 - a warm build reads no package

        packages = construction.read_packages(
            self.lock, self.lock.packages, http=self._http, cache=self._cache, mirrors=self._mirrors
        )
        tree = construction.merged(packages, release=self.release)
        libraries = construction.configure(tree, packages, release=self.release, architecture=self.architecture)
        facts = Facts(
            sonames=frozenset(library.name for library in libraries),
            unrun_scripts=construction.unrun_scripts(packages),
        )
        self._cache.put_record(_RECORD, self._record_key, json.encode(facts, order="deterministic"))
        return tree, facts
