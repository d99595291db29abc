"""`pack build`: from a project to its image."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

from packer.cli.options import (
    AppOption,
    BaseOption,
    FrozenOption,
    InsecureOption,
    JsonOption,
    OfflineOption,
    PathArgument,
    PythonOption,
    SharedUse,
)

__all__ = ["command"]


def command(
    path: PathArgument = Path(),
    *,
    tag: Annotated[
        list[str] | None, typer.Option("--tag", "-t", metavar="REF", help="Name of the image; may be repeated.")
    ] = None,
    output: Annotated[
        str | None,
        typer.Option(
            "--output", "-o", metavar="oci:DIR|archive:FILE", help="Where to write the image.  [default: pack's store]"
        ),
    ] = None,
    load: Annotated[bool, typer.Option("--load", help="Hand the image to the Docker Engine.")] = False,
    check: Annotated[
        bool, typer.Option("--check", help="Start the image in the Docker Engine and wait for a good answer.")
    ] = False,
    push: Annotated[
        bool, typer.Option("--push", help="Push the image to its registry, and begin while it is being built.")
    ] = False,
    immutable: Annotated[
        bool, typer.Option("--immutable", help="Refuse to move a tag that leads to something else already.")
    ] = False,
    shared_cache: Annotated[
        SharedUse,
        typer.Option(
            "--shared-cache",
            metavar="use|off|verify",
            help="Use what the team shares in the registry; leave it alone; or make everything here and push only if "
            "the team's cache says the same.",
        ),
    ] = SharedUse.USE,
    insecure: InsecureOption = None,
    layout: Annotated[
        str | None,
        typer.Option(
            "--layout", metavar="app|single", help="The app alone, or with nginx and its database in one image."
        ),
    ] = None,
    web: Annotated[
        bool, typer.Option("--web", help="Build the web image, too: nginx with the app's static files, NAME-web.")
    ] = False,
    platform: Annotated[
        list[str] | None,
        typer.Option("--platform", metavar="OS/ARCH", help="linux/amd64 or linux/arm64; may be repeated."),
    ] = None,
    python: PythonOption = None,
    base: BaseOption = None,
    app: AppOption = None,
    frozen: FrozenOption = False,
    offline: OfflineOption = False,
    refresh: Annotated[
        bool, typer.Option("--refresh", help="Look for newer packages although the last resolution is still fresh.")
    ] = False,
    sbom: Annotated[
        bool, typer.Option("--sbom", help="Keep the bill of materials beside the image (pack sbom shows it any time).")
    ] = False,
    provenance: Annotated[
        bool, typer.Option("--provenance", help="Keep beside the image what it was made of (pack provenance shows it).")
    ] = False,
    json: JsonOption = False,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Show errors and cautions only.")] = False,
) -> None:
    """Build the image. Needs no Dockerfile, no Docker daemon, no root.

    Examples:
      pack build                                    into pack's store
      pack build -t registry.example.com/team/shop:1 --load
      pack build --push                             to the registry that the setting `image` names
      pack build --output archive:shop.tar          for docker load
      pack build --platform linux/amd64 --platform linux/arm64
    """
    from packer.cli.building import Order, Upload, build_and_deliver  # noqa: PLC0415 - keeps `pack --help` fast
    from packer.cli.output import Output  # noqa: PLC0415
    from packer.cli.wiring import host_platform  # noqa: PLC0415
    from packer.system.configuration import load_settings  # noqa: PLC0415
    from packer.workflows.build_request import BuildRequest  # noqa: PLC0415
    from packer.workflows.delivery import delivery_document  # noqa: PLC0415
    from packer.workflows.destinations import parse_destination  # noqa: PLC0415
    from packer.workflows.names import platforms_of  # noqa: PLC0415
    from packer.workflows.provenance import provenance_of  # noqa: PLC0415
    from packer.workflows.timings import Timings  # noqa: PLC0415

    if shared_cache is SharedUse.VERIFY and not push:
        raise typer.BadParameter("--shared-cache verify goes with --push")
    out = Output(os.environ, quiet=quiet)
    timings = Timings(out)
    flags: dict[str, object] = {"app": app, "python": python, "base": base, "layout": layout}
    flags["platforms"] = tuple(platform) if platform else None
    settings = load_settings(path, os.environ, flags=flags)
    request = BuildRequest(
        folder=path,
        settings=settings,
        platforms=platforms_of(settings.platforms, host=host_platform()),
        provenance=provenance_of(path, os.environ),
        frozen=frozen,
        refresh=refresh,
    )
    order = Order(
        request=request,
        names=tuple(tag or ()),
        destination=parse_destination(output),
        load=load,
        check=check,
        upload=Upload(insecure=tuple(insecure or ()), immutable=immutable, use=shared_cache) if push else None,
        bill=sbom,
        provenance=provenance,
        web=web or settings.web.build,
        offline=offline,
    )
    delivered = build_and_deliver(order, out, timings)
    if json:
        out.document(delivery_document(delivered, timings.seconds))
        return
    for one in delivered:
        for line in one.summary():
            out.note(line)
        out.result(one.name)
