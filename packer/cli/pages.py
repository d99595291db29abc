"""Help pages: plain text, in which a docstring stands as it is written, so that its examples keep their columns.

Pages drawn in boxes take twice as long to appear, for what draws them is larger than all that a page says.
"""

from __future__ import annotations

from collections.abc import Iterator
from inspect import cleandoc
from itertools import groupby
from typing import Any

from typer.core import TyperCommand, TyperGroup

__all__ = ["CONTEXT_SETTINGS", "PlainCommand", "PlainGroup", "ProgramCommand", "WholeProgramCommand", "program_of"]

CONTEXT_SETTINGS = {"help_option_names": ["-h", "--help"], "max_content_width": 100}
_COMMANDS = "Commands"
_PROGRAM = "packer.program"


class PlainCommand(TyperCommand):
    """A command with a plain page."""

    def __init__(self, *arguments: Any, **settings: Any) -> None:
        super().__init__(*arguments, **{**settings, "rich_markup_mode": None})

    def format_help_text(self, ctx: Any, formatter: Any) -> None:  # noqa: ARG002 - click's signature
        """Write the docstring."""
        _write_text(formatter, self.help)


class ProgramCommand(PlainCommand):
    """A command that may be given another one to run, behind `--`: `program_of` has it, word by word."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Take the program away before the options are read."""
        own, program = _parted(args)
        ctx.meta[_PROGRAM] = program
        return super().parse_args(ctx, own)


class WholeProgramCommand(ProgramCommand):
    """The same, where everything behind the first word that is no option is the program, with or without `--`."""

    def __init__(self, *arguments: Any, **settings: Any) -> None:
        more = {**(settings.get("context_settings") or {}), "allow_interspersed_args": False}
        super().__init__(*arguments, **{**settings, "context_settings": more})


def program_of(ctx: Any) -> tuple[str, ...]:
    """What stood behind `--` for a `ProgramCommand`."""
    return tuple(ctx.meta.get(_PROGRAM, ()))


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


def _parted(args: list[str]) -> tuple[list[str], list[str]]:
    """What stands before the first `--`, and what behind it."""
    place = args.index("--") if "--" in args else len(args)
    return args[:place], args[place + 1 :]


def _panel(command: Any) -> str:
    return command.rich_help_panel if isinstance(command.rich_help_panel, str) else _COMMANDS


def _summary(command: Any) -> str:
    return cleandoc(command.help or "").partition("\n\n")[0].replace("\n", " ")


def _write_text(formatter: Any, text: str | None) -> None:
    lines = cleandoc(text or "").split("\n")
    if any(lines):
        formatter.write_paragraph()
        formatter.write("".join(f"  {line}".rstrip() + "\n" for line in lines))
