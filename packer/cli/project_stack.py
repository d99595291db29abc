"""What the commands about a project's containers have in common: the project, its engine, its containers."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from packer.cli.completion import services

if TYPE_CHECKING:
    from packer.cli.output import Output
    from packer.engine.connection import Engine
    from packer.stack.identity import StackIdentity
    from packer.stack.members import Members

__all__ = ["ServiceArgument", "ServicesArgument", "YesOption", "agreed", "identity_here", "project_stack"]

ServicesArgument = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="[SERVICE]...",
        help="Services, or names of containers.",
        show_default="all of this project",
        autocompletion=services,
    ),
]
ServiceArgument = Annotated[
    str,
    typer.Argument(
        metavar="SERVICE", help="A service, or a container's name.", autocompletion=services, show_default=False
    ),
]
YesOption = Annotated[bool, typer.Option("--yes", "-y", help="Ask nothing.")]


def identity_here() -> StackIdentity:
    """This folder's project, as an engine knows it."""
    from packer.cli.wiring import blob_cache  # noqa: PLC0415 - keeps `pack --help` fast
    from packer.workflows.own_stack import own_stack  # noqa: PLC0415

    return own_stack(Path(), os.environ, blob_cache(os.environ))


@contextmanager
def project_stack(out: Output) -> Iterator[tuple[Engine, Members]]:
    """The engine and this project's containers in it. Raises `EngineError` when there is no engine."""
    from packer.engine.connection import connect  # noqa: PLC0415 - as above
    from packer.stack.members import members_of  # noqa: PLC0415

    identity = identity_here()
    with connect(os.environ, Path.home()) as engine:
        members = members_of(identity, engine)
        if members.caution and members.own:
            out.note(members.caution)
        yield engine, members


def agreed(question: str, *, yes: bool, what: str) -> None:
    """Ask, unless that is answered already; a no ends the command. Raises `UsageError` where nobody can be asked."""
    from packer.errors import UsageError  # noqa: PLC0415 - as above

    if yes:
        return
    if not sys.stdin.isatty():
        raise UsageError(f"{what}, and there is no terminal to ask on", hint="add --yes")
    typer.confirm(question, abort=True, err=True)
