"""Which image stores were filled from a cache: what their images need must not be removed from it.

One file of the cache, `stores`, names their folders, one a line.
"""

from __future__ import annotations

import os
from pathlib import Path

from packer.errors import BuildError
from packer.system.files import file_lock, read_regular, write_atomically

__all__ = ["known_stores", "note_store"]

_FILE = "stores"
_LOCK = "stores.lock"
_MAX_BYTES = 1 << 20


def known_stores(cache: Path) -> tuple[Path, ...]:
    """The stores' folders. Raises `BuildError` when the file that names them is there and cannot be read."""
    file = cache / _FILE
    content = read_regular(file, limit=_MAX_BYTES)
    if content is None:
        if file.exists():
            raise BuildError("the list of image stores cannot be read", where=str(file), hint="make it readable")
        return ()
    return tuple(Path(os.fsdecode(line)) for line in content.split(b"\n") if line.startswith(b"/"))


def note_store(cache: Path, store: Path) -> None:
    """Know a store's folder from now on; stores that are gone are forgotten. Raises `BuildError`."""
    if store in known_stores(cache):
        return
    with file_lock(cache / _LOCK, what="the list of image stores"):
        living = {one for one in known_stores(cache) if (one / "images.json").exists()}
        lines = [os.fsencode(one) for one in sorted({*living, store})]
        write_atomically(cache / _FILE, b"".join(line + b"\n" for line in lines if b"\n" not in line))
