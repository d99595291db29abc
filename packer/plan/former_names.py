"""Rule: whether the environment gets back the names that Python 3.10 and 3.11 took from the standard library."""

from __future__ import annotations

from packaging.version import Version

from packer.plan.rules import Rules

__all__ = ["wants_former_names"]

_FIRST_WITHOUT = 10
"""The first minor version without the container classes in `collections`; 3.11 lost `inspect.getargspec` too."""
_YOUNGER_THAN = Version("2")
"""Flask 2.0 came five months before Python 3.10: what goes with an older Flask never met it."""


def wants_former_names(rules: Rules, python: str) -> bool:
    """Whether the distributions are of the time before Python 3.10, going by Flask; then it is decided.

    Many of them have no release that a later Python runs (flask-restplus), or are pinned, and all that they lack is a
    handful of names.
    """
    newest = rules.bounds.newest("flask")
    if newest is None or not newest.is_below(_YOUNGER_THAN) or int(python.split(".")[1]) < _FIRST_WITHOUT:
        return False
    rules.decide(
        "the names that Python 3.10 and 3.11 removed, such as collections.Mapping",
        "distributions of the time of Flask 1 still use them",
        rules.evidence.get("flask", ()),
        override="move to Flask 2 or later",
    )
    return True
