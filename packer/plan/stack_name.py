"""Rule: what a project's stack is called, by Compose and by whoever looks for its containers."""

from __future__ import annotations

from packer.regex import regex

__all__ = ["stack_name"]

_UNSAFE = regex(r"[^a-z0-9_]+")


def stack_name(project: str) -> str:
    """A name that Compose takes: lower case letters, digits, hyphens and underscores.

    >>> stack_name("My Shop.2"), stack_name("...")
    ('my-shop-2', 'app')
    """
    return _UNSAFE.sub("-", project.lower()).strip("-_") or "app"
