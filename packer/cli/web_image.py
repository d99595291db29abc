"""`pack build --web`: the web server's image beside the app's."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import TYPE_CHECKING

from msgspec.structs import replace

from packer.cli.making import Making
from packer.cli.transfers import transfers
from packer.cli.wiring import blob_cache, image_store, registries
from packer.workflows.delivery import Delivered, Delivery, deliver
from packer.workflows.own_repository import web_archive, web_name, web_reference
from packer.workflows.push import push_images

if TYPE_CHECKING:
    from packer.cli.output import Output
    from packer.plan.settings import Settings
    from packer.workflows.build_request import BuildRequest
    from packer.workflows.timings import Timings

__all__ = ["deliver_web", "push_web"]


def deliver_web(
    request: BuildRequest,
    beside: Delivery,
    *,
    offline: bool,
    out: Output,
    timings: Timings,
) -> Delivered:
    """Build the web image and deliver it to where the app's image went, under the app's names with `-web`."""
    cache = blob_cache(os.environ)
    names = tuple(map(web_reference, beside.names))
    making = Making(replace(request, role="web"), cache, None, named=lambda _: names)
    built = making.built(offline=offline, afresh=request.refresh, progress=timings)
    for caution in built.cautions:
        out.caution(caution)
    destination = beside.destination
    if destination.kind == "archive":
        destination = replace(destination, path=web_archive(destination.path))
    elif destination.kind == "oci":
        destination = replace(destination, path=destination.path.with_name(web_name(destination.path.name)))
    delivery = replace(beside, names=names, destination=destination, check=False, role="web")
    return deliver(built, delivery, store=image_store(os.environ, cache), cache=cache, progress=timings)


def push_web(
    delivered: Delivered, settings: Settings, *, insecure: Sequence[str], immutable: bool, out: Output
) -> None:
    """Push it to the registry that its names say. Raises as `packer.workflows.push.push_images`."""
    with transfers(out) as watch:
        pushed = push_images(
            ((name, delivered.images) for name in delivered.references),
            cache=blob_cache(os.environ),
            registries=registries(os.environ, settings, insecure=insecure, note=out.note),
            watch=watch,
            immutable=immutable,
        )
    for one in pushed:
        out.note(one.summary())
