"""The page that `pack doctor` shows to people."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Protocol

from packer.cli.output import printable
from packer.plan.finding import Finding, State

__all__ = ["page"]

_WIDTH = 24
_SIGNS: dict[State, str] = {"ok": "✓", "note": "·", "warning": "!", "broken": "✗"}
_PLAIN_SIGNS: dict[State, str] = {"ok": "+", "note": "-", "warning": "!", "broken": "x"}
_STYLES: dict[State, str] = {"ok": "green", "note": "dim", "warning": "yellow", "broken": "red"}


class Style(Protocol):
    """Puts a text into a named style where the terminal shows styles."""

    def __call__(self, text: str, name: str) -> str:
        """The styled text."""
        ...


def page(findings: Sequence[Finding], *, style: Style, signs: bool) -> Iterator[str]:
    """The lines of the page, by area. `signs` says that the terminal can show more than ASCII."""
    for area, found in groupby(findings, key=lambda one: one.area):
        yield style(area, "cyan")
        for one in found:
            sign = (_SIGNS if signs else _PLAIN_SIGNS)[one.state]
            yield f"  {style(sign, _STYLES[one.state])} {printable(f'{one.subject:<{_WIDTH}}{one.what}')}"
            if one.fix:
                word = "fix:" if one.state in ("warning", "broken") else "hint:"
                yield f"    {'':<{_WIDTH}}{style(word, 'bold')} {printable(one.fix)}"
        yield ""
    yield _summary(findings)


def _summary(findings: Sequence[Finding]) -> str:
    """`nothing is broken; 2 warnings`."""
    broken = sum(one.state == "broken" for one in findings)
    warnings = sum(one.state == "warning" for one in findings)
    first = f"{broken} {'is' if broken == 1 else 'are'} broken" if broken else "nothing is broken"
    return f"{first}; {warnings} {'warning' if warnings == 1 else 'warnings'}" if warnings else first
