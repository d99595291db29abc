"""Regular expressions that are compiled at their first use: one command needs few of all that pack knows.

Compiling all of them took a tenth of the time in which a changed line is built.
"""

from __future__ import annotations

import re
from typing import Any, cast

__all__ = ["regex"]


def regex(text: str, flags: int = 0) -> re.Pattern[str]:
    r"""The expression, as `re.compile` gives it, but compiled when it is first used.

    >>> bool(regex(r"[a-z]+\d").fullmatch("shop1"))
    True
    """
    return cast("re.Pattern[str]", _Regex(text, flags))


class _Regex:
    """Finds what it is asked for in the compiled expression, and keeps it: the next time is a plain look-up."""

    def __init__(self, text: str, flags: int) -> None:
        self.pattern = text
        self._flags = flags

    def __getattr__(self, name: str) -> Any:
        found = getattr(re.compile(self.pattern, self._flags), name)
        setattr(self, name, found)
        return found
