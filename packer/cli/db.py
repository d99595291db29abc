"""`pack db`: the project's database."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from packer.cli.completion import services
from packer.cli.pages import CONTEXT_SETTINGS, PlainCommand, PlainGroup

if TYPE_CHECKING:
    from packer.cli.output import Output
    from packer.engine.connection import Engine
    from packer.stack.database import Database

__all__ = ["app"]

app = typer.Typer(
    name="db",
    cls=PlainGroup,
    help="Open, dump or restore this project's database: MySQL, MariaDB, PostgreSQL or SQLite.",
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings=CONTEXT_SETTINGS,
    no_args_is_help=True,
)
ServiceOption = Annotated[
    str | None,
    typer.Option("--service", metavar="NAME", help="Where it is.", show_default="found", autocompletion=services),
]
PathOption = Annotated[
    str | None, typer.Option("--path", metavar="PATH", help="SQLite's file in the container.", show_default="found")
]


@app.command("shell", cls=PlainCommand)
def shell(*, service: ServiceOption = None, path: PathOption = None) -> None:
    """Open the database's own client, as the app's user. What is piped into it is run.

    Examples:
      pack db shell
      echo 'SELECT count(*) FROM entry' | pack db shell
    """
    from packer.cli.output import Output  # noqa: PLC0415 - keeps `pack --help` fast
    from packer.cli.sessions import enter  # noqa: PLC0415

    with _database(Output(os.environ), service, path) as (engine, database):
        code = enter(engine, database.member.container.id, database.command("shell"))
    raise typer.Exit(code)


@app.command("dump", cls=PlainCommand)
def dump(
    file: Annotated[
        Path | None,
        typer.Argument(
            metavar="[FILE]", help="Packed if it ends with .gz; - is standard output.", show_default="NAME-TIME.sql.gz"
        ),
    ] = None,
    *,
    service: ServiceOption = None,
    path: PathOption = None,
) -> None:
    """Write the database's content as SQL, without stopping anything. Prints the file's name.

    The file is there when it is whole, and only its owner may read it.

    Examples:
      pack db dump
      pack db dump backup/shop.sql.gz
      pack db dump - | less
    """
    from packer.cli.dumping import dated, dump_to  # noqa: PLC0415 - as above
    from packer.cli.output import Output  # noqa: PLC0415
    from packer.cli.project_stack import identity_here  # noqa: PLC0415

    out = Output(os.environ)
    with _database(out, service, path) as (engine, database):
        dump_to(file or dated(identity_here().name), engine, database, out)


@app.command("restore", cls=PlainCommand)
def restore(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A dump, packed or not.", exists=True, dir_okay=False)],
    *,
    service: ServiceOption = None,
    path: PathOption = None,
    keep: Annotated[
        bool | None,
        typer.Option("--dump/--no-dump", help="Dump what is there before.", show_default="asks"),
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Ask nothing.")] = False,
) -> None:
    """Put a dump into the database, in the place of what is there. Asks, and offers to dump that before.

    A file that is damaged or was cut off is refused before anything is changed.

    Examples:
      pack db restore shop.sql.gz
      pack db restore shop.sql --yes --no-dump
    """
    from packer.cli.dumping import dated, dump_to  # noqa: PLC0415 - as above
    from packer.cli.output import Output  # noqa: PLC0415
    from packer.cli.project_stack import agreed, identity_here  # noqa: PLC0415
    from packer.stack.dumps import require_whole  # noqa: PLC0415
    from packer.stack.dumps import restore as restore_from  # noqa: PLC0415

    out = Output(os.environ)
    require_whole(file)
    with _database(out, service, path) as (engine, database):
        what = f"this replaces what is in {database.place}"
        agreed(f"Replace what is in {database.place} by {file}?", yes=yes, what=what)
        if keep or (keep is None and (yes or typer.confirm("Dump what is there before?", default=True, err=True))):
            dump_to(dated(identity_here().name, prefix="before-"), engine, database, out)
        with out.step("restoring"):
            restore_from(engine, database, file)
        out.note(f"{database.place} is as in {file}")


@contextmanager
def _database(out: Output, service: str | None, path: str | None) -> Iterator[tuple[Engine, Database]]:
    from packer.cli.project_stack import project_stack  # noqa: PLC0415 - as above
    from packer.stack.database import find_database  # noqa: PLC0415

    with project_stack(out) as (engine, members):
        yield engine, find_database(engine, members, service=service, path=path)
