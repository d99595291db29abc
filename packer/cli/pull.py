"""`pack pull`: an image from its registry into pack's store."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

from packer.cli.options import InsecureOption, JsonOption, QuietOption

__all__ = ["command"]


def command(
    reference: Annotated[
        str,
        typer.Argument(
            metavar="REF", help="The image: registry/repository:tag, or @digest; :TAG is one of this project."
        ),
    ],
    *,
    platform: Annotated[
        list[str] | None,
        typer.Option(
            "--platform", metavar="OS/ARCH", help="Whose image; may be repeated.", show_default="this machine's"
        ),
    ] = None,
    load: Annotated[bool, typer.Option("--load", help="Hand the image to the Docker Engine, too.")] = False,
    insecure: InsecureOption = None,
    json: JsonOption = False,
    quiet: QuietOption = False,
) -> None:
    """Pull an image into pack's store. Every byte is compared with its digest; prints reference@digest.

    Examples:
      pack pull registry.example.com/team/shop:1.4
      pack pull python:3.14-slim --platform linux/arm64
      pack pull registry.example.com/team/shop:1.4 --load
    """
    from packer.cli.output import Output  # noqa: PLC0415 - keeps `pack --help` fast
    from packer.cli.transfers import transfers  # noqa: PLC0415
    from packer.cli.wiring import blob_cache, host_platform, image_store, own_settings, registries  # noqa: PLC0415
    from packer.oci.reference import Reference  # noqa: PLC0415
    from packer.workflows.names import platforms_of  # noqa: PLC0415
    from packer.workflows.own_repository import complete_name  # noqa: PLC0415
    from packer.workflows.pull import load_pulled, pull_image  # noqa: PLC0415

    out = Output(os.environ, quiet=quiet)
    cache = blob_cache(os.environ)
    wanted = Reference.parse(complete_name(reference, Path(), os.environ, cache))
    with transfers(out) as watch:
        images = pull_image(
            wanted,
            platforms_of(tuple(platform or ()), host=host_platform()),
            store=image_store(os.environ, cache),
            cache=cache,
            registries=registries(os.environ, own_settings(os.environ), insecure=insecure, note=out.note),
            watch=watch,
        )
    if load:
        with out.step("loading into the engine"):
            load_pulled(images, wanted, cache=cache, environment=os.environ, host=host_platform())
    if json:
        out.document({"schema": 1, "reference": str(wanted.tagged), "digest": str(images.digest)})
    else:
        out.result(f"{wanted.tagged}@{images.digest}")
