"""`pack rm`: remove containers."""

from __future__ import annotations

import os
from typing import Annotated

import typer

from packer.cli.project_stack import ServicesArgument, YesOption

__all__ = ["command"]


def command(
    names: ServicesArgument = None,
    *,
    every: Annotated[bool, typer.Option("--all", help="Remove all containers of this project.")] = False,
    force: Annotated[bool, typer.Option("--force", "-f", help="Also those that run.")] = False,
    volumes: Annotated[
        bool, typer.Option("--volumes", help="Their volumes too, with all that is in them; asks before.")
    ] = False,
    yes: YesOption = False,
) -> None:
    """Remove this project's containers, and never those of another. Images stay; so do volumes without --volumes.

    Prints the names of those that it removed.

    Examples:
      pack rm web
      pack rm --all --force               everything of this project, running or not
    """
    from packer.cli.output import Output  # noqa: PLC0415 - keeps `pack --help` fast
    from packer.cli.project_stack import agreed, project_stack  # noqa: PLC0415
    from packer.errors import UsageError  # noqa: PLC0415
    from packer.stack.lifecycle import plan_removal, remove  # noqa: PLC0415

    if bool(names) == every:
        raise UsageError("say what to remove, in one way", hint="pack rm SERVICE, or pack rm --all")
    out = Output(os.environ)
    with project_stack(out) as (engine, members):
        removal = plan_removal(engine, members.chosen(names or ()), members, volumes=volumes)
        if removal.volumes:
            for volume in removal.volumes:
                out.note(f"volume {volume}")
            count = f"{len(removal.volumes)} volume{'s' if len(removal.volumes) > 1 else ''}"
            agreed(f"Remove {count} with all data in them?", yes=yes, what=f"this removes {count} with their data")
        for member in remove(engine, removal, force=force):
            out.result(member.name)
