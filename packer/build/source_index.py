"""Content digests of source files, without reading a file that has not changed.

The index is what git's is: a file whose size, times and inode are those of the last look has the digest of the last
look. A file that changed within the clock's resolution of that look is never trusted ("racy" entries).
"""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Iterable, Mapping
from pathlib import Path
from types import MappingProxyType

from packer.errors import BuildError
from packer.oci.digest import Digest
from packer.store.cache import BlobCache
from packer.system.source_files import SourceFile

__all__ = ["file_digests"]

_KIND = "source-index"
_RACY_NANOSECONDS = 2_000_000_000
"""Some file systems keep times in steps of two seconds."""

Stat = tuple[int, int, int, int]


def file_digests(root: Path, files: Iterable[SourceFile], cache: BlobCache, *, part: str = "") -> Mapping[str, str]:
    """The SHA-256 (hexadecimal) of each regular file, by path. Raises `BuildError` for one that cannot be read.

    Each `part` of a project that is looked at by itself has an index of its own.
    """
    name = f"{root.resolve()}\0{part}" if part else str(root.resolve())
    key = Digest.of(name.encode("utf-8", "surrogateescape")).hex
    known = _load(cache.record(_KIND, key))
    looked_at = time.time_ns()
    digests: dict[str, str] = {}
    index: dict[str, list[int | str]] = {}
    for file in files:
        if file.target is not None:
            continue
        stat: Stat = (file.size, file.mtime_ns, file.ctime_ns, file.inode)
        entry = known.get(file.path)
        digest = entry[1] if entry and entry[0] == stat else _digest(root / file.path, file.path)
        digests[file.path] = digest
        if max(file.mtime_ns, file.ctime_ns) + _RACY_NANOSECONDS < looked_at:
            index[file.path] = [*stat, digest]
    if index != {path: [*stat, digest] for path, (stat, digest) in known.items()}:
        cache.put_record(_KIND, key, json.dumps(index, separators=(",", ":")).encode())
    return MappingProxyType(digests)


def _load(content: bytes | None) -> dict[str, tuple[Stat, str]]:
    """The index of the last look; an unreadable one is no index."""
    try:
        rows = json.loads(content) if content else {}
        return {path: ((row[0], row[1], row[2], row[3]), row[4]) for path, row in rows.items()}
    except (ValueError, TypeError, AttributeError, IndexError, KeyError):
        return {}


def _digest(path: Path, name: str) -> str:
    try:
        with path.open("rb") as stream:
            hashed = hashlib.sha256()
            while chunk := stream.read(1 << 20):
                hashed.update(chunk)
    except OSError as error:
        raise BuildError(f"cannot read {name}: {error.strerror}", hint="make it readable, or exclude it") from error
    return hashed.hexdigest()
