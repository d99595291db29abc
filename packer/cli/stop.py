"""`pack stop`: end containers in good order."""

from __future__ import annotations

import os
from typing import Annotated

import typer

from packer.cli.project_stack import ServicesArgument

__all__ = ["command"]


def command(
    names: ServicesArgument = None,
    *,
    seconds: Annotated[
        int | None,
        typer.Option(
            "--timeout", "-t", metavar="SECONDS", min=0, help="Kill what has not ended then.", show_default="its own"
        ),
    ] = None,
) -> None:
    """Stop this project's containers, each after those that need it. They stay, to be started again.

    Prints the names of those that it stopped.

    Examples:
      pack stop
      pack stop web -t 5
    """
    from packer.cli.output import Output  # noqa: PLC0415 - keeps `pack --help` fast
    from packer.cli.project_stack import project_stack  # noqa: PLC0415
    from packer.stack.lifecycle import stop  # noqa: PLC0415

    out = Output(os.environ)
    with project_stack(out) as (engine, members):
        chosen = members.chosen(names or (), among=members.running)
        for member in stop(engine, chosen, seconds=seconds):
            out.result(member.name)
        if not chosen:
            out.note("there is nothing to stop")
