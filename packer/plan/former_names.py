"""Rule: whether the environment gets back the names that Python 3.10 and 3.11 took from the standard library."""

from __future__ import annotations

from packaging.version import Version

from packer.plan.rules import Rules
from packer.project.model import DependencyFacts

__all__ = ["FORMER_NAMES", "wants_former_names"]

FORMER_NAMES = "former-names"
"""What stands in the place of a distribution where the code uses names that Python itself has lost."""

_FIRST_WITHOUT = 10
"""The first minor version without the container classes in `collections`; 3.11 lost `inspect.getargspec` too."""
_YOUNGER_THAN = Version("2")
"""Flask 2.0 came five months before Python 3.10: what goes with an older Flask never met it."""


def wants_former_names(facts: DependencyFacts, rules: Rules, python: str) -> bool:
    """Whether the code uses such names, or the distributions are of the time before Python 3.10, going by Flask.

    Many of these have no release that a later Python runs (flask-restplus), or are pinned, and all that they lack is a
    handful of names. It is decided here.
    """
    if int(python.split(".")[1]) < _FIRST_WITHOUT:
        return False
    for use in facts.dated:
        if use.name == FORMER_NAMES:
            rules.decide(f"{use.what}, which Python {python} no longer has", "the code uses it", use.evidence)
    if any(use.name == FORMER_NAMES for use in facts.dated):
        return True
    newest = rules.bounds.newest("flask")
    if newest is None or not newest.is_below(_YOUNGER_THAN):
        return False
    rules.decide(
        "the names that Python 3.10 and 3.11 removed, such as collections.Mapping",
        "distributions of the time of Flask 1 still use them",
        rules.evidence.get("flask", ()),
        override="move to Flask 2 or later",
    )
    return True
