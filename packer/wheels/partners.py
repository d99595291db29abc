"""Releases in a lock that are known not to work with the partner that they got there.

The rules about companions are laid on what a project names. What its requirements bring along is known only once it is
resolved: Dash 1 alone brings Flask 1, that brings Jinja2 2, and that any MarkupSafe, of which it needs one below 2.1.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from packer.plan.data.companions import COMPANIONS, Companion

__all__ = ["partner_limits", "quarrels"]


def quarrels(versions: Mapping[str, str]) -> Iterator[Companion]:
    """The rules that a set of releases, by normalised name, does not keep."""
    from packaging.version import Version  # noqa: PLC0415 (slow to import)

    for row in COMPANIONS:
        own, partner = versions.get(row.name), versions.get(row.partner)
        if (
            own
            and partner
            and (row.lower is None or Version(own) >= row.lower)
            and (row.upper is None or Version(own) < row.upper)
            and Version(partner) >= Version(row.limit)
        ):
            yield row


def partner_limits(versions: Mapping[str, str], *, named: frozenset[str]) -> tuple[str, ...]:
    """The limits that would keep a lock's releases together, sorted; none for what the project itself names."""
    return tuple(sorted({f"{row.partner}<{row.limit}" for row in quarrels(versions) if row.partner not in named}))
