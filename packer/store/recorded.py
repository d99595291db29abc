"""Blobs that the cache's records name: what makes a later build fast."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

from packer.oci.digest import Digest
from packer.store.contents import cache_parts
from packer.system.files import read_regular

__all__ = ["recorded_blobs"]

_HEX = re.compile(rb"[0-9a-f]{64}")
_MAX_RECORD_BYTES = 16 << 20


def recorded_blobs(root: Path, digests: Iterable[Digest]) -> frozenset[Digest]:
    """Those of the blobs that a record of the cache names: by which a later build finds them made already."""
    wanted = {digest.hex.encode(): digest for digest in digests}
    found: set[Digest] = set()
    if not wanted:
        return frozenset()
    for part in cache_parts(root, measured=False):
        if part.kind == "records":
            content = read_regular(part.path, limit=_MAX_RECORD_BYTES) or b""
            found.update(wanted[one] for one in _HEX.findall(content) if one in wanted)
    return frozenset(found)
