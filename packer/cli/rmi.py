"""`pack rmi`: images out of pack's store."""

from __future__ import annotations

import os
import sys
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from packer.cli.completion import stored_references
from packer.cli.options import JsonOption

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from packer.cli.output import Output
    from packer.engine.connection import Engine
    from packer.engine.images import ProjectImage
    from packer.store.cache import BlobCache
    from packer.store.images import StoredImage
    from packer.workflows.removal import Removed

__all__ = ["command"]

_DEFAULT_KEEP = 3


def command(
    names: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[REF]...",
            help="Names, name@digest, or the first digits of a digest.",
            show_default=False,
            autocompletion=stored_references,
        ),
    ] = None,
    *,
    every: Annotated[bool, typer.Option("--all", help="Remove this project's images, from the engine too.")] = False,
    prune: Annotated[
        bool, typer.Option("--prune", help="Of each repository remove all but the newest images and `latest`.")
    ] = False,
    keep: Annotated[
        int | None,
        typer.Option(
            "--keep", metavar="N", min=0, help=f"How many images --prune leaves of each.  [default: {_DEFAULT_KEEP}]"
        ),
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Ask nothing.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would be removed.")] = False,
    json: JsonOption = False,
) -> None:
    """Remove images from the store, and the blobs that nothing needs any more.

    What makes the next build fast stays; --prune removes that of the old images, too.

    Examples:
      pack rmi shop:1.3 3f2a9c41d07e
      pack rmi --all                      of this project
      pack rmi --prune --keep 5
    """
    from packer.cli.output import Output  # noqa: PLC0415 - keeps `pack --help` fast
    from packer.cli.wiring import blob_cache, image_store  # noqa: PLC0415
    from packer.workflows.removal import names_to_prune, remove_images  # noqa: PLC0415

    _check(names or [], every=every, prune=prune, keep=keep)
    out = Output(os.environ)
    cache = blob_cache(os.environ)
    store = image_store(os.environ, cache)
    entries = store.list()
    if prune:
        chosen = names_to_prune(entries, keep=_DEFAULT_KEEP if keep is None else keep)
    elif every:
        chosen = _own(entries, cache)
    else:
        chosen = _named(entries, names or [], cache)
    with _engine_images(cache, wanted=every) as (engine, images):
        if (chosen or images) and (every or prune) and not (yes or dry_run):
            _ask(chosen, images, out)
        gone = _from_engine(engine, images, out, dry_run=dry_run)
    removed = remove_images(chosen, store, cache, recorded_too=prune, dry_run=dry_run)
    if json:
        out.document({**removed.to_json(dry_run=dry_run), **({"engine": gone} if every else {})})
        return
    for name in gone:
        out.note(f"{name} {'would be ' if dry_run else ''}removed from the engine")
    if chosen:
        _tell(removed, out, dry_run=dry_run)
    elif not gone:
        out.note("there is nothing to remove")


def _check(names: list[str], *, every: bool, prune: bool, keep: int | None) -> None:
    from packer.errors import UsageError  # noqa: PLC0415 - keeps `pack --help` fast

    if bool(names) + every + prune != 1:
        raise UsageError(
            "say what to remove, in one way", hint="pack rmi NAME, or pack rmi --all, or pack rmi --prune [--keep N]"
        )
    if keep is not None and not prune:
        raise UsageError("--keep says how many --prune leaves", hint="pack rmi --prune --keep N")


def _own(entries: tuple[StoredImage, ...], cache: BlobCache) -> tuple[StoredImage, ...]:
    from packer.workflows.own_repository import own_repository, web_name  # noqa: PLC0415 - as above

    repository = own_repository(Path(), os.environ, cache)
    return tuple(entry for entry in entries if entry.reference.name in (repository, web_name(repository)))


@contextmanager
def _engine_images(cache: BlobCache, *, wanted: bool) -> Iterator[tuple[Engine | None, tuple[ProjectImage, ...]]]:
    """The project's images in the engine; none where there is no engine, which the store does not need."""
    from packer.engine.connection import connect  # noqa: PLC0415 - as above
    from packer.errors import EngineError  # noqa: PLC0415
    from packer.workflows.own_images import engine_images, own_images  # noqa: PLC0415
    from packer.workflows.own_stack import own_stack  # noqa: PLC0415

    with ExitStack() as stack:
        engine = None
        if wanted:
            with suppress(EngineError):
                engine = stack.enter_context(connect(os.environ, Path.home()))
        if engine is None:
            yield None, ()
            return
        own = own_images(Path(), os.environ, cache, own_stack(Path(), os.environ, cache))
        yield engine, engine_images(engine, own)


def _from_engine(engine: Engine | None, images: Sequence[ProjectImage], out: Output, *, dry_run: bool) -> list[str]:
    """The names that are gone from the engine; what a container needs stays, and is said."""
    from packer.engine.images import remove_images  # noqa: PLC0415 - as above

    if engine is None or dry_run:
        return [name for image in images for name in image.shown]
    gone = []
    for name, reason in remove_images(engine, images):
        if reason is None:
            gone.append(name)
        else:
            out.note(reason.what)
    return gone


def _named(entries: tuple[StoredImage, ...], names: list[str], cache: BlobCache) -> tuple[StoredImage, ...]:
    """All of them are there, or nothing is removed."""
    from packer.store.finding import find_names  # noqa: PLC0415 - as above
    from packer.workflows.own_repository import complete_name  # noqa: PLC0415

    complete = [complete_name(name, Path(), os.environ, cache) for name in names]
    found = {str(entry.reference): entry for name in complete for entry in find_names(entries, name)}
    return tuple(found.values())


def _ask(chosen: Sequence[StoredImage], images: Sequence[ProjectImage], out: Output) -> None:
    from packer.errors import UsageError  # noqa: PLC0415 - as above

    if not sys.stdin.isatty():
        raise UsageError(
            f"this removes {len(chosen)} names, and there is no terminal to ask on",
            hint="add --yes, or see what would go with --dry-run",
        )
    for entry in chosen:
        out.note(f"{entry.reference.familiar}  {entry.descriptor.digest.short}")
    for name in (name for image in images for name in image.shown):
        out.note(f"{name}  in the engine")
    more = f" and {len(images)} images from the engine" if images else ""
    typer.confirm(f"Remove {len(chosen)} names from the store{more}?", abort=True, err=True)


def _tell(removed: Removed, out: Output, *, dry_run: bool) -> None:
    from packer.cli.words import size_in_words  # noqa: PLC0415 - as above

    for entry in removed.names:
        out.result(f"{entry.reference}@{entry.descriptor.digest}")
    if removed.blobs is None:
        out.note("another pack is at work, so nothing was freed yet; `pack cache prune` does it in time")
        return
    out.note(f"{size_in_words(removed.blobs.freed)} {'would be' if dry_run else ''} freed".replace("  ", " "))
    if removed.blobs.kept:
        kept = size_in_words(removed.blobs.kept)
        out.note(f"{kept} that only later builds can use {'would stay' if dry_run else 'stay'}, see `pack cache`")
