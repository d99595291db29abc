"""Help pages: plain text, in which a docstring stands as it is written, so that its examples keep their columns.

Pages drawn in boxes take twice as long to appear, for what draws them is larger than all that a page says.
"""

from __future__ import annotations

from collections.abc import Iterator
from inspect import cleandoc
from itertools import groupby
from typing import Any

from typer.core import TyperCommand, TyperGroup

__all__ = ["CONTEXT_SETTINGS", "PlainCommand", "PlainGroup"]

CONTEXT_SETTINGS = {"help_option_names": ["-h", "--help"], "max_content_width": 100}
_COMMANDS = "Commands"


class PlainCommand(TyperCommand):
    """A command with a plain page."""

    def __init__(self, *arguments: Any, **settings: Any) -> None:
        super().__init__(*arguments, **{**settings, "rich_markup_mode": None})

    def format_help_text(self, ctx: Any, formatter: Any) -> None:  # noqa: ARG002 - click's signature
        """Write the docstring."""
        _write_text(formatter, self.help)


class PlainGroup(TyperGroup):
    """A group with a plain page: its commands stand under their panels, with all that their summaries say."""

    command_class = PlainCommand

    def __init__(self, **settings: Any) -> None:
        super().__init__(**{**settings, "rich_markup_mode": None})

    def format_help_text(self, ctx: Any, formatter: Any) -> None:  # noqa: ARG002 - click's signature
        """Write the docstring."""
        _write_text(formatter, self.help)

    def format_commands(self, ctx: Any, formatter: Any) -> None:  # noqa: ARG002 - click's signature
        """Write the summaries, in columns of one width."""
        width = max(map(len, self.commands))
        for panel, rows in self._panels():
            with formatter.section(panel):
                formatter.write_dl([(name.ljust(width), summary) for name, summary in rows])

    def _panels(self) -> Iterator[tuple[str, list[tuple[str, str]]]]:
        for panel, commands in groupby(self.commands.values(), _panel):
            yield panel, [(one.name or "", _summary(one)) for one in commands]


def _panel(command: Any) -> str:
    return command.rich_help_panel if isinstance(command.rich_help_panel, str) else _COMMANDS


def _summary(command: Any) -> str:
    return cleandoc(command.help or "").partition("\n\n")[0].replace("\n", " ")


def _write_text(formatter: Any, text: str | None) -> None:
    lines = cleandoc(text or "").split("\n")
    if any(lines):
        formatter.write_paragraph()
        formatter.write("".join(f"  {line}".rstrip() + "\n" for line in lines))
