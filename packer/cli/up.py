"""`pack up`: the whole stack, from the project's folder to a page in the browser."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

from packer.cli.options import JsonOption, OfflineOption, PathArgument, QuietOption

__all__ = ["command"]

_PATIENCE = 300


def command(
    path: PathArgument = Path(),
    *,
    detach: Annotated[bool, typer.Option("--detach", "-d", help="Leave it running, and come back.")] = False,
    build: Annotated[bool, typer.Option("--build/--no-build", help="Build what has changed first.")] = True,
    wait: Annotated[bool, typer.Option("--wait/--no-wait", help="Wait until every service is really well.")] = True,
    wait_timeout: Annotated[
        int, typer.Option("--wait-timeout", metavar="SECONDS", min=1, help="How long to wait at most.")
    ] = _PATIENCE,
    dev: Annotated[
        bool, typer.Option("--dev", help="Run from this folder: changes show at once, and the debugger works.")
    ] = False,
    port: Annotated[
        int | None, typer.Option("--port", "-p", min=1, max=65535, help="The port on this machine.  [default: 8080…]")
    ] = None,
    offline: OfflineOption = False,
    json: JsonOption = False,
    quiet: QuietOption = False,
) -> None:
    """Build and start the whole stack: the app, nginx in front of it, its database; wait until it is well.

    Examples:
      pack up                    in the foreground, with its logs; Ctrl-C stops it
      pack up -d                 in the background
      pack up --dev              while you work on the code
      pack down                  stop it; its data stays
    """
    from packer.cli.output import Output  # noqa: PLC0415 - keeps `pack --help` fast
    from packer.cli.stack_running import follow_logs, started  # noqa: PLC0415
    from packer.workflows.timings import Timings  # noqa: PLC0415

    out = Output(os.environ, quiet=quiet)
    timings = Timings(out)
    running = started(
        path,
        out,
        timings,
        build=build,
        development=dev,
        port=port,
        patience=wait_timeout if wait else 0,
        offline=offline,
    )
    if json:
        out.document({"schema": 1, "name": running.project.name, "url": running.url, "timings": timings.seconds})
    else:
        out.result(running.url)
    if not detach and not json:
        follow_logs(running, out)
