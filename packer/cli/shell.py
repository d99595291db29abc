"""`pack shell`: where one types into a container."""

from __future__ import annotations

import os
from typing import Annotated

import typer

from packer.cli.completion import services

__all__ = ["command"]


def command(
    service: Annotated[
        str | None,
        typer.Argument(
            metavar="[SERVICE]", help="A service, or a container's name.", show_default="app", autocompletion=services
        ),
    ] = None,
) -> None:
    """Open a shell in a service's container: bash or sh; in the app's image, which has none, `flask shell` or Python.

    What is piped into it is run, too.

    Examples:
      pack shell
      pack shell database
      echo 'print(app.url_map)' | pack shell
    """
    from packer.cli.output import Output  # noqa: PLC0415 - keeps `pack --help` fast
    from packer.cli.project_stack import project_stack  # noqa: PLC0415
    from packer.cli.sessions import enter  # noqa: PLC0415
    from packer.stack.shells import shell_of  # noqa: PLC0415

    with project_stack(Output(os.environ)) as (engine, members):
        container = (members.one_running(service) if service else members.main).container.id
        code = enter(engine, container, shell_of(engine, container))
    raise typer.Exit(code)
