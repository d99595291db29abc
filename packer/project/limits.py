"""Limits that the application sets for requests."""

from __future__ import annotations

from packer.project.code.configuration import Configuration
from packer.project.code.constants import Constants

__all__ = ["max_content_length"]

_MAX_BYTES = 1 << 40


def max_content_length(configuration: Configuration, constants: Constants) -> int | None:
    """The largest request body that any of the application's configurations accepts, in bytes."""
    values = [constants.value(setting.value, setting.scope) for setting in configuration.settings("MAX_CONTENT_LENGTH")]
    sizes = [int(value) for value in values if isinstance(value, int | float) and not isinstance(value, bool)]
    return max((size for size in sizes if 0 < size <= _MAX_BYTES), default=None)
