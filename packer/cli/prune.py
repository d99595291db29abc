"""`pack prune`: what this project has left behind."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from packer.cli.options import JsonOption
from packer.cli.project_stack import YesOption

if TYPE_CHECKING:
    from packer.cli.output import Output
    from packer.engine.connection import Engine
    from packer.stack.members import Members

__all__ = ["command"]

_DEFAULT_KEEP = 3


def command(
    *,
    keep: Annotated[
        int, typer.Option("--keep", metavar="N", min=0, help="How many images of each kind stay.")
    ] = _DEFAULT_KEEP,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would be removed.")] = False,
    yes: YesOption = False,
    json: JsonOption = False,
) -> None:
    """Remove what this project left behind: stopped containers, old images, the last build's context.

    Images stay that run, that are `latest`, and the newest. Volumes stay, and whatever is not this project's.

    Examples:
      pack prune --dry-run
      pack prune --keep 5 --yes
    """
    from packer.cli.output import Output  # noqa: PLC0415 - keeps `pack --help` fast
    from packer.cli.project_stack import agreed, identity_here  # noqa: PLC0415
    from packer.cli.wiring import blob_cache, image_store  # noqa: PLC0415
    from packer.cli.words import size_in_words  # noqa: PLC0415
    from packer.workflows.own_images import own_images  # noqa: PLC0415
    from packer.workflows.prune import PruneReport, find_leftovers, prune  # noqa: PLC0415
    from packer.workflows.removal import remove_images  # noqa: PLC0415

    out = Output(os.environ)
    cache = blob_cache(os.environ)
    store = image_store(os.environ, cache)
    own = own_images(Path(), os.environ, cache, identity_here())
    with _engine(out) as (engine, members):
        found = find_leftovers(engine, members, own, folder=Path(), store=store, cache=cache, keep=keep)
        if found.lines and not json:
            for line in found.lines:
                out.note(line)
        if dry_run or not found.lines:
            would = remove_images(found.stored, store, cache, recorded_too=True, dry_run=True)
            report = PruneReport(leftovers=found, store=would)
        else:
            count = len(found.lines)
            agreed(f"Remove these {count}?", yes=yes, what=f"this removes {count} things")
            told = (lambda _: None) if json else out.result
            report = prune(engine, found, store=store, cache=cache, told=told)
    if json:
        out.document(report.to_json(dry_run=dry_run))
        return
    for reason in report.kept:
        out.note(reason)
    if not found.lines:
        out.note("there is nothing to remove")
    elif report.store.blobs is not None:
        out.note(f"{size_in_words(report.store.blobs.freed)} of the store {'would be ' if dry_run else ''}freed")


@contextmanager
def _engine(out: Output) -> Iterator[tuple[Engine | None, Members | None]]:
    """The engine and the project's containers, where there is one: the store can be pruned without."""
    from contextlib import ExitStack  # noqa: PLC0415 - as above

    from packer.cli.project_stack import project_stack  # noqa: PLC0415
    from packer.errors import EngineError  # noqa: PLC0415

    with ExitStack() as stack:
        try:
            connected = stack.enter_context(project_stack(out))
        except EngineError as error:
            out.note(f"only the store is looked at: {error.what}")
            yield None, None
        else:
            yield connected
