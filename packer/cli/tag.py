"""`pack tag`: further names for a stored image."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

from packer.cli.completion import stored_references
from packer.cli.options import JsonOption

__all__ = ["command"]


def command(
    names: Annotated[
        list[str],
        typer.Argument(
            metavar="[SOURCE] TARGET...",
            help="The image (a name, name@digest, or the first digits of a digest), and its new names. "
            ":TAG alone is one of this project.",
            show_default=False,
            autocompletion=stored_references,
        ),
    ],
    *,
    json: JsonOption = False,
) -> None:
    """Give an image in the store further names. Without a source, it is this project's own image.

    A name that another image had is taken from it.

    Examples:
      pack tag :1.4                            this project's latest image, in its own repository
      pack tag shop:latest registry.example.com/team/shop:1.4
      pack tag 3f2a9c41d07e shop:stable shop:1
    """
    from packer.cli.output import Output  # noqa: PLC0415 - keeps `pack --help` fast
    from packer.cli.wiring import blob_cache, image_store  # noqa: PLC0415
    from packer.store.finding import find_names  # noqa: PLC0415
    from packer.workflows.names import names_of  # noqa: PLC0415
    from packer.workflows.own_repository import complete_name, own_image, own_repository  # noqa: PLC0415

    cache = blob_cache(os.environ)
    store = image_store(os.environ, cache)
    entries = store.list()
    given = [complete_name(name, Path(), os.environ, cache) for name in names]
    if len(given) > 1:
        image, targets = find_names(entries, given[0])[0], given[1:]
    else:
        image, targets = own_image(entries, own_repository(Path(), os.environ, cache)), given
    references = names_of(tuple(targets), None, project="")
    store.tag(image, references)
    out = Output(os.environ)
    if json:
        names_given = [str(reference) for reference in references]
        out.document({"schema": 1, "digest": str(image.descriptor.digest), "references": names_given})
        return
    for reference in references:
        out.result(f"{reference}@{image.descriptor.digest}")
