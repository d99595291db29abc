"""`pack logout`: forget a registry's credential."""

from __future__ import annotations

import os
from typing import Annotated

import typer

__all__ = ["command"]


def command(
    registry: Annotated[
        str, typer.Argument(metavar="[REGISTRY]", help="Its name, as references have it.")
    ] = "docker.io",
) -> None:
    """Forget the credential that `pack login` or `docker login` kept.

    Examples:
      pack logout registry.example.com
    """
    from packer.cli.output import Output  # noqa: PLC0415 - keeps `pack --help` fast
    from packer.cli.wiring import registry_named  # noqa: PLC0415
    from packer.workflows.login import log_out  # noqa: PLC0415

    out = Output(os.environ)
    name = registry_named(registry)
    was = log_out(name, os.environ)
    out.result(f"logged out of {name}, whose credential was in {was.place}" if was else f"not logged in to {name}")
