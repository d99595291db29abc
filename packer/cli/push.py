"""`pack push`: images to their registry."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

from packer.cli.completion import stored_references
from packer.cli.options import InsecureOption, JsonOption, QuietOption

__all__ = ["command"]


def command(
    references: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[REF]...",
            help="Stored images; :TAG alone is one of this project.",
            show_default="the project's",
            autocompletion=stored_references,
        ),
    ] = None,
    *,
    immutable: Annotated[
        bool, typer.Option("--immutable", help="Refuse to move a tag that leads to something else already.")
    ] = False,
    insecure: InsecureOption = None,
    json: JsonOption = False,
    quiet: QuietOption = False,
) -> None:
    """Push images to their registry. Sends only what the registry lacks; prints reference@digest.

    Examples:
      pack push                                     this project's image, under all its tags
      pack push :1.4
      pack push registry.example.com/team/shop:1.4

      docker run "$(pack push registry.example.com/team/shop:1.4)"
    """
    from packer.cli.output import Output  # noqa: PLC0415 - keeps `pack --help` fast
    from packer.cli.transfers import transfers  # noqa: PLC0415
    from packer.cli.wiring import blob_cache, image_store, own_settings, project_references, registries  # noqa: PLC0415
    from packer.oci.reference import Reference  # noqa: PLC0415
    from packer.workflows.own_repository import complete_name  # noqa: PLC0415
    from packer.workflows.push import push_stored  # noqa: PLC0415

    out = Output(os.environ, quiet=quiet)
    cache = blob_cache(os.environ)
    store = image_store(os.environ, cache)
    given = [complete_name(text, Path(), os.environ, cache) for text in references or ()]
    wanted = [Reference.parse(text) for text in given] or project_references(store, os.environ)
    with transfers(out) as watch:
        results = push_stored(
            wanted,
            store=store,
            cache=cache,
            registries=registries(os.environ, own_settings(os.environ), insecure=insecure, note=out.note),
            watch=watch,
            immutable=immutable,
        )
    if json:
        pushed = [
            {
                "references": [str(reference) for reference in one.references],
                "digest": str(one.pushed.digest),
                "moved": list(one.pushed.moved),
                "sent": {"blobs": len(one.pushed.sent), "bytes": one.sent_bytes},
                "mounted": {"blobs": len(one.pushed.mounted), "bytes": one.mounted_bytes},
            }
            for one in results
        ]
        out.document({"schema": 1, "pushed": pushed})
        return
    for one in results:
        out.note(one.summary())
        for reference in one.references:
            out.result(f"{reference}@{one.pushed.digest}")
