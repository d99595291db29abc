"""Which wheel goes into which layer.

Every layer costs a request and a place under the engines' limit of 127, so there is a budget; and a layer that changes
is sent again whole, so large wheels stand alone and small ones share. What was decided once is kept as long as it is
not far off: adding a small wheel must not reshuffle the others.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from msgspec import Struct

from packer.wheels.model import Wheel

__all__ = ["DEFAULT_BUDGET", "Placement", "group"]

DEFAULT_BUDGET = 10
"""Layers for dependencies; nine wheels alone and the rest together."""
_WORTH_A_LAYER = 1_000_000
"""Bytes below which a wheel never stands alone: a layer's own cost is larger than what it saves."""
_TOO_FAR_OFF = 2
"""By how much a size may have grown before its placement is thought over."""


class Placement(Struct, frozen=True, kw_only=True):
    """Where a wheel was put, and how large it was when that was decided."""

    name: str
    alone: bool
    size: int


def group(
    wheels: Sequence[Wheel], *, previous: Sequence[Placement] = (), budget: int = DEFAULT_BUDGET
) -> tuple[Placement, ...]:
    """A placement for every wheel: first those alone, in the order of their layers, then the rest by name.

    Args:
        wheels: each distribution once. A wheel of unknown size counts as a small one.
        previous: an earlier result. It holds unless the wheel, or all of the rest together, has doubled.
        budget: how many layers there may be, at least 1.
    """
    sizes = {wheel.name: wheel.size or 0 for wheel in wheels}
    kept = _still_right(previous, sizes)
    alone = _alone(kept, sizes, budget)
    if previous and _has_doubled(previous, sizes.keys() - set(alone), sizes):
        kept = {}
        alone = _alone(kept, sizes, budget)
    rest = sorted(sizes.keys() - set(alone))
    return (*_placements(alone, kept, sizes, alone=True), *_placements(rest, kept, sizes, alone=False))


def _alone(kept: Mapping[str, Placement], sizes: Mapping[str, int], budget: int) -> list[str]:
    """Who stands alone: the known ones in their order, then the largest of the new ones while there is room."""
    known = [name for name, placement in kept.items() if placement.alone][: budget - 1]
    new = [name for name, size in sizes.items() if name not in kept and size >= _WORTH_A_LAYER]
    return known + sorted(new, key=lambda name: (-sizes[name], name))[: budget - 1 - len(known)]


def _still_right(previous: Iterable[Placement], sizes: Mapping[str, int]) -> dict[str, Placement]:
    return {
        placement.name: placement
        for placement in previous
        if placement.name in sizes and sizes[placement.name] <= max(placement.size, 1) * _TOO_FAR_OFF
    }


def _has_doubled(previous: Iterable[Placement], rest: Iterable[str], sizes: Mapping[str, int]) -> bool:
    """Whether the shared layer is far larger than when it was decided what is in it."""
    before = sum(placement.size for placement in previous if not placement.alone)
    return sum(sizes[name] for name in rest) > max(before, _WORTH_A_LAYER) * _TOO_FAR_OFF


def _placements(
    names: Iterable[str], kept: Mapping[str, Placement], sizes: Mapping[str, int], *, alone: bool
) -> list[Placement]:
    """The size that counts later is the one at the time of the decision, so that small steps add up."""
    return [
        kept[name]
        if name in kept and kept[name].alone == alone
        else Placement(name=name, alone=alone, size=sizes[name])
        for name in names
    ]
