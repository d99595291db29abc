"""`pack build`: an OCI image of the project, with neither Docker nor a Dockerfile."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from contextlib import ExitStack
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
    from packer.build.progress import Progress
    from packer.cli.output import Output
    from packer.oci.reference import Reference
    from packer.store.cache import BlobCache
    from packer.workflows.attestations import Attestation
    from packer.workflows.build_request import BuildRequest
    from packer.workflows.built import Built

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
    from packer.cli.making import Making  # noqa: PLC0415 - keeps `pack --help` fast
    from packer.cli.output import Output  # noqa: PLC0415
    from packer.cli.wiring import blob_cache, host_platform, image_store  # noqa: PLC0415
    from packer.system.configuration import load_settings  # noqa: PLC0415
    from packer.workflows.build_request import BuildRequest  # noqa: PLC0415
    from packer.workflows.delivery import Delivery, deliver  # noqa: PLC0415
    from packer.workflows.destinations import parse_destination  # noqa: PLC0415
    from packer.workflows.names import platforms_of, target_of  # noqa: PLC0415
    from packer.workflows.provenance import provenance_of  # noqa: PLC0415
    from packer.workflows.timings import Timings  # noqa: PLC0415

    _check_use(shared_cache, push=push)
    out = Output(os.environ, quiet=quiet)
    timings = Timings(out)
    flags = {"app": app, "python": python, "base": base, "platforms": tuple(platform) if platform else None}
    settings = load_settings(path, os.environ, flags=flags)
    destination = parse_destination(output)
    request = BuildRequest(
        folder=path,
        settings=settings,
        platforms=platforms_of(settings.platforms, host=host_platform()),
        provenance=provenance_of(path, os.environ),
        frozen=frozen,
        refresh=refresh,
    )
    cache = blob_cache(os.environ)
    store = image_store(os.environ, cache)
    here = destination.kind != "store" or load or check or sbom
    with ExitStack() as ending:
        shipment = None
        if push:
            from packer.cli.shipping import begin_shipment  # noqa: PLC0415 - most builds push nothing

            shipment = begin_shipment(
                ending,
                target_of(tuple(tag or ()), settings.image),
                settings,
                cache,
                out,
                insecure=insecure or (),
                immutable=immutable,
                lazy=not here,
                use=shared_cache,
            )

        one_name = destination.kind != "store" and not (load or check or push)
        named = _namer(request, tuple(tag or ()), one_name=one_name)
        afresh = refresh or check or provenance or shared_cache is SharedUse.VERIFY
        making = Making(request, cache, shipment, named=named)
        built = making.built(offline=offline, afresh=afresh, progress=timings)
        for caution in built.cautions:
            out.caution(caution)
        if not built.pinned:
            out.note("nothing is pinned but in this machine's cache; `pack lock` pins it for everybody")
        delivery = Delivery(
            names=named(built),
            destination=destination,
            load=load or check,
            check=check,
            environment=os.environ,
            host=host_platform(),
        )
        attestations = _attestations(built, cache, out, bill=sbom, provenance=provenance, progress=timings)
        delivered = deliver(built, delivery, store=store, cache=cache, progress=timings, attestations=attestations)
        if shipment is not None:
            with timings.step("pushing"):
                artifacts = [one.artifact for one in attestations]
                results = shipment.finish(delivered.images, delivered.references, beside=artifacts)
            making.pushed()
            for one in results:
                out.note(one.summary())
    if built.boot is not None:  # made anew, not remembered
        from packer.workflows.cache import prune_when_due  # noqa: PLC0415 - a build that changes nothing saves it

        prune_when_due(cache, store, now=time.time(), clock=time.monotonic)
    if json:
        out.document(delivered.to_json(timings.seconds))
        return
    for line in delivered.summary():
        out.note(line)
    out.result(delivered.name)


def _namer(
    request: BuildRequest, wishes: tuple[str, ...], *, one_name: bool
) -> Callable[[Built], tuple[Reference, ...]]:
    """What names what was built: tools that read a layout or an archive want one name in it, or the name said."""
    from packer.oci.reference import DEFAULT_TAG  # noqa: PLC0415
    from packer.system.git import head_branch  # noqa: PLC0415
    from packer.workflows.names import names_of, source_tags  # noqa: PLC0415

    def named(built: Built) -> tuple[Reference, ...]:
        branch = head_branch(request.folder)
        tags = source_tags(request.provenance, changed=built.changed, branch=branch)
        tags = (DEFAULT_TAG,) if one_name else tags
        return names_of(wishes, request.settings.image, project=built.name, tags=tags)

    return named


def _attestations(
    built: Built, cache: BlobCache, out: Output, *, bill: bool, provenance: bool, progress: Progress
) -> tuple[Attestation, ...]:
    """What is said of the images beside them."""
    if not (bill or provenance):
        return ()
    from packer.workflows.attestations import attest  # noqa: PLC0415 - most builds say nothing

    made = attest(built, bill=bill, provenance=provenance, cache=cache, progress=progress)
    for caution in dict.fromkeys(caution for one in made for caution in one.cautions):
        out.caution(caution)
    return made


def _check_use(use: SharedUse, *, push: bool) -> None:
    if use is SharedUse.VERIFY and not push:
        raise typer.BadParameter("--shared-cache verify goes with --push")
