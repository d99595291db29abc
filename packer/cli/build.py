"""`pack build`: from a project to its image."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

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

if TYPE_CHECKING:
    from packer.cli.engine_building import EngineDelivered
    from packer.workflows.delivery import Delivered

__all__ = ["command"]


def command(
    path: PathArgument = Path(),
    *,
    tag: Annotated[
        list[str] | None,
        typer.Option(
            "--tag", "-t", metavar="REF", help="Name of the image, or :TAG in its own repository; may be repeated."
        ),
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
    builder: Annotated[
        str | None,
        typer.Option("--builder", metavar="native|engine|auto", help="pack itself, or BuildKit.  [default: auto]"),
    ] = None,
    buildx: Annotated[
        str | None, typer.Option("--buildx", metavar="NAME", help="The buildx builder, for --builder engine.")
    ] = None,
    cache_from: Annotated[
        list[str] | None, typer.Option("--cache-from", metavar="CACHE", help="Where BuildKit may find layers.")
    ] = None,
    cache_to: Annotated[
        list[str] | None, typer.Option("--cache-to", metavar="CACHE", help="Where BuildKit puts layers for others.")
    ] = None,
    secret: Annotated[
        list[str] | None,
        typer.Option("--secret", metavar="id=NAME,src=FILE", help="A file for a step of BuildKit's; in no layer."),
    ] = None,
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
    from packer.plan.builder import choose_builder  # noqa: PLC0415
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
    flags: dict[str, object] = {"app": app, "python": python, "base": base, "layout": layout, "builder": builder}
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
    chosen, why = choose_builder(settings)
    if why:
        out.note(f"the engine builds this image: {why}")
    delivered: Sequence[Delivered | EngineDelivered]
    if chosen == "engine":
        from packer.cli.engine_building import EngineWishes, build_in_engine  # noqa: PLC0415 - the docker SDK is slow

        wishes = EngineWishes(
            builder=buildx,
            cache_from=tuple(cache_from or ()),
            cache_to=tuple(cache_to or ()),
            secrets=tuple(secret or ()),
        )
        delivered = build_in_engine(order, wishes, out, timings)
    else:
        if buildx or cache_from or cache_to or secret:
            raise typer.BadParameter("--buildx, --cache-from, --cache-to and --secret go with --builder engine")
        delivered = build_and_deliver(order, out, timings)
    if json:
        out.document(delivery_document(delivered, timings.seconds))
        return
    for one in delivered:
        for line in one.summary():
            out.note(line)
        out.result(one.name)
