"""`pack login`: a registry's credential, tried and kept."""

from __future__ import annotations

import os
import sys
from typing import Annotated

import typer

from packer.cli.options import InsecureOption

__all__ = ["command"]


def command(
    registry: Annotated[
        str, typer.Argument(metavar="[REGISTRY]", help="Its name, as references have it.")
    ] = "docker.io",
    *,
    username: Annotated[str | None, typer.Option("--username", "-u", help="Who you are.")] = None,
    password_stdin: Annotated[
        bool, typer.Option("--password-stdin", help="Read the password or token from standard input.")
    ] = False,
    insecure: InsecureOption = None,
) -> None:
    """Log in to a registry. The credential is tried first, then kept where Docker keeps it.

    Examples:
      pack login registry.example.com

      echo "$TOKEN" | pack login ghcr.io -u octocat --password-stdin
    """
    from packer.cli.output import Output  # noqa: PLC0415 - keeps `pack --help` fast
    from packer.cli.wiring import own_settings, registries, registry_named  # noqa: PLC0415
    from packer.errors import UsageError  # noqa: PLC0415
    from packer.registry.credentials import Credential  # noqa: PLC0415
    from packer.workflows.login import log_in  # noqa: PLC0415

    out = Output(os.environ)
    name = registry_named(registry)
    if password_stdin:
        if not username:
            raise UsageError("--password-stdin needs --username", hint="say who you are: -u NAME")
        secret = sys.stdin.read().rstrip("\r\n")
    elif sys.stdin.isatty():
        username = username or typer.prompt("Username", err=True)
        secret = typer.prompt("Password or token", hide_input=True, err=True)
    else:
        raise UsageError("there is no terminal to ask for the password", hint="pipe it in: --password-stdin")
    if not secret:
        raise UsageError("the password is empty")
    client = registries(os.environ, own_settings(os.environ), insecure=insecure, note=out.note)
    kept = log_in(name, Credential.of(username or "", secret), registries=client, environment=os.environ)
    if kept.is_plain:
        out.note(f"the credential lies in {kept.place}, readable by you only; a credential helper would keep it safer")
    out.result(f"logged in to {name}")
