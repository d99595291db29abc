"""`pack kill`: send a signal to containers."""

from __future__ import annotations

import os
from typing import Annotated

import typer

from packer.cli.project_stack import ServicesArgument

__all__ = ["command"]


def command(
    names: ServicesArgument = None,
    *,
    signal: Annotated[str, typer.Option("--signal", "-s", metavar="SIGNAL", help="Its name or number.")] = "KILL",
) -> None:
    """End this project's containers at once, or send them another signal.

    Prints the names of those that got it.

    Examples:
      pack kill app
      pack kill app -s HUP                reload gunicorn's workers
    """
    from packer.cli.output import Output  # noqa: PLC0415 - keeps `pack --help` fast
    from packer.cli.project_stack import project_stack  # noqa: PLC0415
    from packer.stack.lifecycle import kill  # noqa: PLC0415

    out = Output(os.environ)
    with project_stack(out) as (engine, members):
        chosen = members.chosen(names or (), among=members.running)
        for member in kill(engine, chosen, signal=signal):
            out.result(member.name)
        if not chosen:
            out.note("there is nothing that runs")
