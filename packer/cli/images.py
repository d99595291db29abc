"""`pack images`: what is in pack's store."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from packer.cli.options import JsonOption

if TYPE_CHECKING:
    from collections.abc import Sequence

    from packer.engine.images import ProjectImage
    from packer.store.cache import BlobCache

__all__ = ["command"]


def command(
    path: Annotated[
        Path | None,
        typer.Argument(help="List the images of the project in this folder only.", exists=True, file_okay=False),
    ] = None,
    *,
    every: Annotated[
        bool, typer.Option("--all", "-a", help="All of the store, and this project's in the engine.")
    ] = False,
    json: JsonOption = False,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Print the names only, one a line.")] = False,
) -> None:
    """List the images in the store, the newest first. Those of this folder's project have a star.

    SIZE is what the image's blobs take, SHARED the part of it that other images have too.

    Examples:
      pack images
      pack images .                       of this project only
      pack images -a                      also what the engine has of it
      pack rmi $(pack images . --quiet)
    """
    from packer.cli.images_page import engine_page, images_page  # noqa: PLC0415 - keeps `pack --help` fast
    from packer.cli.output import Output  # noqa: PLC0415
    from packer.cli.wiring import blob_cache, image_store  # noqa: PLC0415
    from packer.errors import UsageError  # noqa: PLC0415
    from packer.workflows.images import list_images  # noqa: PLC0415
    from packer.workflows.own_repository import own_repository  # noqa: PLC0415

    out = Output(os.environ)
    cache = blob_cache(os.environ)
    try:
        own = own_repository(path or Path(), os.environ, cache)
    except UsageError:  # broken settings here say nothing about the images of others
        if path is not None:
            raise
        own = None
    used = None
    if not quiet:
        from packer.engine.containers import used_images  # noqa: PLC0415

        used = used_images(os.environ, Path.home())
    only_own = path is not None and not every
    listed = list_images(image_store(os.environ, cache), own=own, only_own=only_own, used=used)
    in_engine = _in_engine(path or Path(), cache) if every else None
    if json:
        engine = {} if in_engine is None else {"engine": [image.to_json() for image in in_engine]}
        out.document({**listed.to_json(), **engine})
        return
    if quiet:
        out.page(str(image.entry.reference) for image in listed.images)
        return
    if listed.images:
        out.page(images_page(listed, now=time.time()))
    else:
        out.note("the store has no images of this project" if only_own else "the store has no images")
    if in_engine:
        out.page(engine_page(in_engine))


def _in_engine(folder: Path, cache: BlobCache) -> Sequence[ProjectImage]:
    from packer.engine.connection import connect  # noqa: PLC0415 - as above
    from packer.workflows.own_images import engine_images, own_images  # noqa: PLC0415
    from packer.workflows.own_stack import own_stack  # noqa: PLC0415

    own = own_images(folder, os.environ, cache, own_stack(folder, os.environ, cache))
    with connect(os.environ, Path.home()) as engine:
        return engine_images(engine, own)
