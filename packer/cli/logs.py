"""`pack logs`: what containers write."""

from __future__ import annotations

import os
from contextlib import suppress
from typing import Annotated

import typer

from packer.cli.project_stack import ServicesArgument

__all__ = ["command"]

_STYLES = ("cyan", "yellow", "green", "magenta", "blue")


def command(
    names: ServicesArgument = None,
    *,
    follow: Annotated[bool, typer.Option("--follow", "-f", help="Go on until Ctrl-C, or all have ended.")] = False,
    last: Annotated[
        int | None, typer.Option("--tail", "-n", metavar="N", min=0, help="Only the last lines of each.")
    ] = None,
    since: Annotated[
        str | None, typer.Option("--since", metavar="MOMENT", help="10m, 2h, 2026-07-01, 2026-07-01T12:00:00Z.")
    ] = None,
    timestamps: Annotated[bool, typer.Option("--timestamps", "-t", help="Begin each line with its time.")] = False,
) -> None:
    """Show what this project's containers wrote, in order of time.

    Lines of several containers begin with the name of whose they are.

    Examples:
      pack logs
      pack logs app web -f -n 20
      pack logs app --since 10m -t
    """
    import time  # noqa: PLC0415 - keeps `pack --help` fast

    from packer.cli.output import Output  # noqa: PLC0415
    from packer.cli.project_stack import project_stack  # noqa: PLC0415
    from packer.stack.logs import LogWish, moment_of, read_logs  # noqa: PLC0415

    out = Output(os.environ)
    moment = None if since is None else moment_of(since, now=time.time())
    with project_stack(out) as (engine, members), suppress(KeyboardInterrupt):
        chosen = members.chosen(names or ())
        width = max(len(member.name) for member in chosen)
        styles = {member.name: _STYLES[place % len(_STYLES)] for place, member in enumerate(chosen)}
        for line in read_logs(engine, chosen, LogWish(follow=follow, last=last, since=moment)):
            prefix = f"{line.member.name.ljust(width)}  " if len(chosen) > 1 else ""
            text = f"{line.moment}  {line.text}" if timestamps else line.text
            out.log_line(prefix, styles[line.member.name], text)
