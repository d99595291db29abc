"""`pack sbom`: everything that an image holds, as a CycloneDX document."""

from __future__ import annotations

import os
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from packer.cli.options import ImageArgument, OnePlatformOption, QuietOption

if TYPE_CHECKING:
    from packer.store.cache import BlobCache
    from packer.workflows.image_choice import ChosenImage

__all__ = ["command"]


class _Format(str, Enum):
    JSON = "cyclonedx-json"
    XML = "cyclonedx-xml"


def command(
    image: ImageArgument = None,
    *,
    form: Annotated[_Format, typer.Option("--format", help="The form of the document.")] = _Format.JSON,
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", metavar="FILE", help="Where to write it.  [default: standard output]"),
    ] = None,
    platform: OnePlatformOption = None,
    quiet: QuietOption = False,
) -> None:
    """List everything in an image: Python distributions, Debian packages, how they relate, and their licences.

    It is read from the image itself, whoever built it. The same image gives the same bytes.

    Examples:
      pack sbom                                     this project's image
      pack sbom registry.example.com/team/shop:1 --output shop.cdx.json
      pack sbom oci:build/image                     an OCI layout, or archive:FILE
    """
    from packer.cli.output import Output  # noqa: PLC0415 - keeps `pack --help` fast
    from packer.cli.wiring import blob_cache  # noqa: PLC0415
    from packer.workflows.sbom import bill_of  # noqa: PLC0415

    out = Output(os.environ, quiet=quiet)
    cache = blob_cache(os.environ)
    chosen = _chosen(image, platform, cache)
    with out.step("reading the image"):
        bill = bill_of(chosen, cache, form=form.value)
    for caution in bill.cautions:
        out.caution(caution)
    out.note(f"{bill.packages} Debian packages, {bill.distributions} Python distributions")
    out.file(bill.document, output)


def _chosen(image: str | None, platform: str | None, cache: BlobCache) -> ChosenImage:
    from packer.cli.wiring import host_platform, image_store  # noqa: PLC0415
    from packer.oci.platform import LINUX_AMD64, Platform  # noqa: PLC0415
    from packer.workflows.image_choice import ChosenImage, image_at, image_in_store, is_place, stored_name  # noqa: PLC0415

    wanted = Platform.parse(platform) if platform else None
    host = host_platform()
    if image is not None and is_place(image):
        return image_at(image, wanted or host or LINUX_AMD64, cache)
    store = image_store(os.environ, cache)
    reference = stored_name(image, Path(), os.environ, store=store, cache=cache)
    return ChosenImage.built(image_in_store(reference, wanted, host=host, store=store), reference.familiar)
