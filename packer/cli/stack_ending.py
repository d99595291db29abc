"""A project's stack is taken down, and with it its data only where its owner insists."""

from __future__ import annotations

import os
from pathlib import Path

import typer

from packer.cli.output import Output
from packer.cli.wiring import blob_cache
from packer.engine.connection import Engine, connect, engine_errors
from packer.errors import UsageError
from packer.stack.compose import ComposeProject, find_compose
from packer.stack.identity import StackIdentity
from packer.workflows.own_stack import own_stack

__all__ = ["take_down"]


def take_down(folder: Path, out: Output, *, volumes: bool, yes: bool) -> None:
    """Stop the stack of the project in `folder` and remove its containers and networks, with `volumes` its data, too.

    Raises:
        UsageError: its data is to go, and nobody can be asked.
        EngineError: there is no engine or no Compose.
    """
    identity = own_stack(folder, os.environ, blob_cache(os.environ))
    with connect(os.environ, Path.home()) as engine:
        compose = find_compose(os.environ)
        if volumes and not yes:
            _ask(engine, identity, out)
        project = ComposeProject(name=identity.name, folder=Path(identity.folder), files=())
        words = ["down", "--remove-orphans", *(["--volumes"] if volumes else [])]
        compose.follow(project, words, variables={}, line=None if out.live is not None else out.note)
    if not volumes:
        out.note("its data stays: pack up finds it again, pack down --volumes removes it")


def _ask(engine: Engine, identity: StackIdentity, out: Output) -> None:
    """Name what would be lost. Raises `UsageError` when nobody answers, `typer.Abort` for no."""
    with engine_errors("the volumes cannot be looked at", engine.endpoint):
        rows = engine.client.volumes(filters=identity.filters)["Volumes"] or []
    names = sorted(row["Name"] for row in rows)
    if not names:
        return
    if out.live is None:
        raise UsageError(
            f"the volumes {', '.join(names)} would be lost, and nobody is here to be asked",
            hint="dump first (pack db dump FILE), then say so: pack down --volumes --yes",
        )
    out.note(f"this removes {', '.join(names)} with everything in them; `pack db dump FILE` keeps a copy")
    typer.confirm("Remove them?", abort=True, err=True)
