"""What becomes of each generated file: what pack wrote last, what is there now, and what pack would write today."""

from __future__ import annotations

from typing import Literal

from msgspec import Struct

__all__ = ["Action", "Reconciled", "Verdict", "reconcile"]

Action = Literal["unchanged", "created", "updated", "merged", "kept", "removed", "absent", "foreign", "collision"]
"""What is done with a file.

| action | what was found | what is done |
|---|---|---|
| unchanged | it is as pack would write it | nothing |
| created | there is none | written |
| updated | as pack wrote it last | written anew |
| kept | changed by its user, and pack has nothing new | nothing |
| merged | changed by its user, and pack has something new | both are merged |
| collision | so, and both changed the same lines | nothing; it is told |
| foreign | pack never wrote it | nothing; it is told |
| absent | its user removed it | nothing |
| removed | pack no longer needs it, and it is as pack wrote it | removed |
"""


class Verdict(Struct, frozen=True, kw_only=True):
    """A decision that needs no merge yet; `merge` says that one decides."""

    action: Action
    merge: bool = False


class Reconciled(Struct, frozen=True, kw_only=True):
    """What becomes of a file.

    Attributes:
        path: relative to the project.
        action: what is done.
        before: what is there; None for nothing.
        after: what is there afterwards; None for nothing.
        wanted: what pack would write; None for nothing.
    """

    path: str
    action: Action
    before: str | None
    after: str | None
    wanted: str | None

    @property
    def is_drift(self) -> bool:
        """Whether the project differs from what `pack generate` makes of it, by its own doing and not the user's."""
        return self.action in ("created", "updated", "merged", "removed", "collision")


def reconcile(*, written: str | None, found: str | None, wanted: str | None) -> Verdict:
    """The verdict on one file.

    Args:
        written: what pack wrote last, None for a file that it never wrote.
        found: what is there.
        wanted: what pack would write today, None when it no longer needs the file.
    """
    if found == wanted:
        return Verdict(action="unchanged")
    if wanted is None:
        return Verdict(action="removed" if found == written else "kept")
    if found is None:
        return Verdict(action="created" if written is None else "absent")
    if written is None:
        return Verdict(action="foreign")
    if found == written:
        return Verdict(action="updated")
    return Verdict(action="kept") if written == wanted else Verdict(action="merged", merge=True)
