"""A project's stack is taken down, and with it its data only where its owner insists."""

from __future__ import annotations

import os
from pathlib import Path

import typer

from packer.cli.dumping import dated, dump_to
from packer.cli.output import Output
from packer.cli.wiring import blob_cache
from packer.engine.connection import Engine, connect, engine_errors
from packer.errors import EngineError, UsageError
from packer.stack.compose import ComposeProject, find_compose
from packer.stack.database import find_database
from packer.stack.identity import StackIdentity
from packer.stack.members import members_of
from packer.stack.origins import refuse_strangers, stack_origins
from packer.workflows.own_stack import own_stack

__all__ = ["take_down"]


def take_down(folder: Path, out: Output, *, volumes: bool, yes: bool) -> None:
    """Stop the stack of the project in `folder` and remove its containers and networks, with `volumes` its data, too.

    Raises:
        UsageError: its data is to go, and nobody can be asked.
        EngineError: there is no engine or no Compose, or the stack is another folder's.
    """
    identity = own_stack(folder, os.environ, blob_cache(os.environ))
    with connect(os.environ, Path.home()) as engine:
        compose = find_compose(engine.endpoint.known_in(os.environ))
        refuse_strangers(stack_origins(engine, identity), identity, foreign=None)
        if volumes and not yes:
            _ask(engine, identity, out)
        project = ComposeProject(name=identity.name, folder=Path(identity.folder), files=())
        words = ["down", "--remove-orphans", *(["--volumes"] if volumes else [])]
        compose.follow(project, words, variables={}, line=out.note)
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
    out.note(f"this removes {', '.join(names)} with everything in them")
    _offer_dump(engine, identity, out)
    typer.confirm("Remove them?", abort=True, err=True)


def _offer_dump(engine: Engine, identity: StackIdentity, out: Output) -> None:
    """Dump the stack's database where it runs and its owner wants that. Raises `EngineError` when that fails."""
    try:
        database = find_database(engine, members_of(identity, engine), service=None, path=None)
    except (EngineError, UsageError):
        out.note("no database runs that could be dumped before; pack up starts it")
        return
    if typer.confirm(f"Dump {database.place} before?", default=True, err=True):
        dump_to(dated(identity.name), engine, database, out)
