"""`pack down`: stop the stack; its data stays."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

from packer.cli.options import PathArgument, QuietOption

__all__ = ["command"]


def command(
    path: PathArgument = Path(),
    *,
    volumes: Annotated[
        bool, typer.Option("--volumes", "-v", help="Remove its data, too: databases and uploads. Asks first.")
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
    quiet: QuietOption = False,
) -> None:
    """Stop the stack and remove its containers and networks. Volumes stay, unless you say otherwise.

    Examples:
      pack down
      pack down --volumes        data, too; asks, and offers a dump first
    """
    from packer.cli.output import Output  # noqa: PLC0415 - keeps `pack --help` fast
    from packer.cli.stack_ending import take_down  # noqa: PLC0415

    take_down(path, Output(os.environ, quiet=quiet), volumes=volumes, yes=yes)
