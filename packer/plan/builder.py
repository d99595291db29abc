"""Rule: which builder makes the image."""

from __future__ import annotations

from typing import Literal

from packer.plan.settings import Settings

__all__ = ["Builder", "choose_builder"]

Builder = Literal["native", "engine"]


def choose_builder(settings: Settings) -> tuple[Builder, str | None]:
    """The builder, and why it is an engine where nobody asked for one.

    Only packages that are to be added to a base which is a finished image need an engine: pack runs no program of an
    image, and its package manager is one.

    >>> choose_builder(Settings(base="python:3.12-slim", packages=("libmagic1",)))[0]
    'engine'
    """
    if settings.builder == "engine":
        return "engine", None
    if settings.builder == "native" or not settings.packages or not _is_reference(settings.base):
        return "native", None
    return "engine", f"{', '.join(settings.packages)} cannot be added to the finished image {settings.base} without one"


def _is_reference(base: str | None) -> bool:
    return base is not None and base != "debian" and not base.startswith(("oci:", "archive:"))
