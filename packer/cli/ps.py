"""`pack ps`: what runs of this project."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

from packer.cli.options import JsonOption

__all__ = ["command"]


def command(
    *,
    every: Annotated[bool, typer.Option("--all", "-a", help="Show also what has stopped.")] = False,
    json: JsonOption = False,
) -> None:
    """Show this project's containers: services of `pack up`, and what `pack run` started.

    Examples:
      pack ps
      pack ps -a                          also what has stopped, with its exit code
    """
    import time  # noqa: PLC0415 - keeps `pack --help` fast

    from packer.cli.output import Output  # noqa: PLC0415
    from packer.cli.tables import table  # noqa: PLC0415
    from packer.cli.wiring import blob_cache  # noqa: PLC0415
    from packer.cli.words import age_in_words  # noqa: PLC0415
    from packer.stack.members import find_members  # noqa: PLC0415
    from packer.stack.status import rows, status_document  # noqa: PLC0415
    from packer.workflows.own_stack import own_stack  # noqa: PLC0415

    out = Output(os.environ)
    identity = own_stack(Path(), os.environ, blob_cache(os.environ))
    members = find_members(identity, os.environ, Path.home())
    shown = rows(members, every=every)
    if json:
        out.document(status_document(members, shown))
        return
    if members.caution:
        out.note(members.caution)
    if not shown:
        stopped = f"; {len(members.own)} stopped, see pack ps -a" if members.own else ""
        out.note(f"nothing of {identity.name} runs{stopped}; start it: pack up")
        return
    now = time.time()
    lines = [
        (
            row.member.name,
            row.state,
            row.member.container.health or "-",
            " ".join(row.urls) or "-",
            row.image,
            age_in_words(now - row.member.container.created),
        )
        for row in shown
    ]
    out.page(table(("NAME", "STATE", "HEALTH", "REACHED AT", "IMAGE", "AGE"), lines))
