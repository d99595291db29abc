"""What goes and what stays, without a disk."""

from __future__ import annotations

import math
from pathlib import Path

from packer.oci.digest import Digest
from packer.store.contents import CachePart
from packer.store.pruning import dispensable


def part(name: str, *, used: float, size: int = 10) -> CachePart:
    return CachePart(kind="blobs", path=Path(name), size=size, used=used, digest=Digest.of(name.encode()))


OLD, MIDDLE, NEW = part("old", used=1), part("middle", used=2), part("new", used=3)
PARTS = (NEW, OLD, MIDDLE)


def test_what_was_not_used_for_long_goes():
    assert dispensable(PARTS, needed=(), unused_since=3) == (OLD, MIDDLE)


def test_the_least_recently_used_goes_until_the_rest_fits():
    assert dispensable(PARTS, needed=(), largest=20) == (OLD,)
    assert dispensable(PARTS, needed=(), largest=9) == (OLD, MIDDLE, NEW)


def test_both_wishes_hold():
    assert dispensable(PARTS, needed=(), unused_since=2, largest=10) == (OLD, MIDDLE)
    assert dispensable(PARTS, needed=(), unused_since=3, largest=100) == (OLD, MIDDLE)


def test_what_an_image_needs_stays_and_counts():
    needed = {OLD.digest}

    assert dispensable(PARTS, needed=needed, unused_since=math.inf) == (MIDDLE, NEW)
    assert dispensable(PARTS, needed=needed, largest=20) == (MIDDLE,)


def test_without_a_wish_nothing_goes():
    assert dispensable(PARTS, needed=()) == ()
