"""`pack provenance`: what a stored image was made of, as its build noted it."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

from packer.cli.options import OnePlatformOption, QuietOption

__all__ = ["command"]


def command(
    image: Annotated[
        str | None, typer.Argument(metavar="[IMAGE]", help="A stored image.", show_default="the project's")
    ] = None,
    *,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", metavar="FILE", help="Where to write it, if not to the terminal.")
    ] = None,
    platform: OnePlatformOption = None,
    quiet: QuietOption = False,
) -> None:
    """Show where an image comes from: settings, commit, and the hash of every package and wheel.

    Only the build knows it, so it is there for images that `pack build --provenance` built.

    Examples:
      pack build --provenance && pack provenance
      pack provenance shop:1 --output shop.intoto.json
    """
    from packer.cli.output import Output  # noqa: PLC0415 - keeps `pack --help` fast
    from packer.cli.wiring import blob_cache, host_platform, image_store  # noqa: PLC0415
    from packer.oci.platform import Platform  # noqa: PLC0415
    from packer.workflows.image_choice import image_in_store, stored_name  # noqa: PLC0415
    from packer.workflows.stored_provenance import stored_provenance  # noqa: PLC0415

    cache = blob_cache(os.environ)
    store = image_store(os.environ, cache)
    reference = stored_name(image, Path(), os.environ, store=store, cache=cache)
    wanted = Platform.parse(platform) if platform else None
    chosen = image_in_store(reference, wanted, host=host_platform(), store=store)
    Output(os.environ, quiet=quiet).file(stored_provenance(chosen, reference, store), output)
