"""`pack exec`: a command in a container that runs."""

from __future__ import annotations

import os
from typing import Annotated

import typer

from packer.cli.pages import WholeProgramCommand, program_of
from packer.cli.project_stack import ServiceArgument

__all__ = ["COMMAND_CLASS", "command"]

COMMAND_CLASS = WholeProgramCommand


def command(
    ctx: typer.Context,
    service: ServiceArgument,
    words: Annotated[
        list[str] | None, typer.Argument(metavar="[--] COMMAND...", help="The command.", show_default=False)
    ] = None,
    *,
    variables: Annotated[
        list[str] | None, typer.Option("--env", "-e", metavar="NAME=VALUE", help="A variable; may be repeated.")
    ] = None,
    user: Annotated[
        str, typer.Option("--user", "-u", metavar="USER", help="Who runs it.", show_default="its own")
    ] = "",
    folder: Annotated[str | None, typer.Option("--workdir", "-w", metavar="DIR", help="Where.")] = None,
    no_tty: Annotated[bool, typer.Option("--no-tty", "-T", help="Use no terminal, although there is one.")] = False,
) -> None:
    """Run a command in a service's container. Its exit code is pack's; input can be piped.

    Examples:
      pack exec database -- mysql --version
      pack exec app -- /app/.venv/bin/python -m flask routes
      pack exec database -- sh -c 'cat > /tmp/file' < file
    """
    from packer.cli.output import Output  # noqa: PLC0415 - keeps `pack --help` fast
    from packer.cli.project_stack import project_stack  # noqa: PLC0415
    from packer.cli.sessions import enter  # noqa: PLC0415
    from packer.errors import UsageError  # noqa: PLC0415
    from packer.stack.variables import variables as parsed  # noqa: PLC0415

    program = (*(words or ()), *program_of(ctx))
    if not program:
        raise UsageError("there is no command to run", hint=f"pack exec {service} -- COMMAND, or pack shell {service}")
    given = parsed(variables or (), os.environ)
    with project_stack(Output(os.environ)) as (engine, members):
        container = members.one_running(service).container.id
        tty = False if no_tty else None
        code = enter(engine, container, program, environment=given, user=user, folder=folder, tty=tty)
    raise typer.Exit(code)
