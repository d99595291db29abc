"""What was looked at, how it is, and what to do about it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

from msgspec import Struct

__all__ = ["Area", "Finding", "State", "broken_code"]

State = Literal["ok", "note", "warning", "broken"]
"""`note` is worth knowing and needs nothing; a `warning` may hurt later; what is `broken` keeps the stack away."""

Area = Literal["engine", "machine", "network", "registry", "project", "numbers"]

_CODES: dict[Area, int] = {"engine": 7, "machine": 7, "network": 75, "registry": 6, "project": 7, "numbers": 7}
"""What an area's failure ends pack with; see `packer.errors`."""
_STACK = 7


class Finding(Struct, frozen=True, kw_only=True):
    """One thing that was looked at.

    Attributes:
        area: what it is a part of.
        subject: what was looked at, a few words.
        state: how it is.
        what: one sentence, lower case, without a full stop.
        fix: what to do, as an instruction; None where there is nothing to do.
    """

    area: Area
    subject: str
    state: State
    what: str
    fix: str | None = None


def broken_code(findings: Iterable[Finding]) -> int:
    """The exit code: 0 where nothing is broken, an area's own where nothing else is, else that of a stack."""
    areas = {one.area for one in findings if one.state == "broken"}
    if not areas:
        return 0
    return _CODES[areas.pop()] if len(areas) == 1 else _STACK
