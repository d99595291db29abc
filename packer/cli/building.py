"""What `pack build` does with what it was told: build, deliver, push."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from contextlib import ExitStack
from typing import TYPE_CHECKING

from msgspec import Struct

from packer.cli.making import Making
from packer.cli.options import SharedUse
from packer.cli.wiring import blob_cache, host_platform, image_store
from packer.oci.reference import DEFAULT_TAG, Reference
from packer.workflows.build_request import BuildRequest
from packer.workflows.delivery import Delivered, Delivery, deliver
from packer.workflows.destinations import Destination
from packer.workflows.names import names_of, source_tags, target_of

if TYPE_CHECKING:
    from packer.build.progress import Progress
    from packer.cli.output import Output
    from packer.store.cache import BlobCache
    from packer.workflows.attestations import Attestation
    from packer.workflows.built import Built
    from packer.workflows.shipment import Shipment
    from packer.workflows.timings import Timings

__all__ = ["Order", "Upload", "build_and_deliver"]


class Upload(Struct, frozen=True, kw_only=True):
    """A wish to push.

    Attributes:
        insecure: registries that may speak without TLS.
        immutable: refuse to move a tag that leads to something else.
        use: how the team's shared cache is used.
    """

    insecure: tuple[str, ...]
    immutable: bool
    use: SharedUse


class Order(Struct, frozen=True, kw_only=True):
    """What to build, and where it goes.

    Attributes:
        request: what to build.
        names: the references that the user gave.
        destination: the sink.
        load: hand it to the engine.
        check: start it there, and wait for a good answer.
        upload: push it; None for not.
        bill: keep the bill of materials beside it.
        provenance: keep beside it what it was made of.
        web: build the web image, too.
        offline: touch no network.
    """

    request: BuildRequest
    names: tuple[str, ...]
    destination: Destination
    load: bool
    check: bool
    upload: Upload | None
    bill: bool
    provenance: bool
    web: bool
    offline: bool

    @property
    def is_needed_here(self) -> bool:
        """Whether the bytes of all layers are wanted on this machine."""
        return self.destination.kind != "store" or self.load or self.check or self.bill

    @property
    def is_made_afresh(self) -> bool:
        """Whether what is remembered of an earlier build does not serve."""
        verified = self.upload is not None and self.upload.use is SharedUse.VERIFY
        return self.request.refresh or self.check or self.provenance or verified


def build_and_deliver(order: Order, out: Output, timings: Timings) -> list[Delivered]:
    """The app's image, and the web image where it is wanted. Raises as `packer.workflows.build.build` and `deliver`."""
    cache = blob_cache(os.environ)
    store = image_store(os.environ, cache)
    with ExitStack() as ending:
        shipment = _shipment(order, cache, out, ending) if order.upload else None
        named = _namer(order)
        making = Making(order.request, cache, shipment, named=named)
        built = making.built(offline=order.offline, afresh=order.is_made_afresh, progress=timings)
        for caution in built.cautions:
            out.caution(caution)
        if not built.pinned:
            out.note("nothing is pinned but in this machine's cache; `pack lock` pins it for everybody")
        delivery = Delivery(
            names=named(built),
            destination=order.destination,
            load=order.load or order.check,
            check=order.check,
            environment=os.environ,
            host=host_platform(),
        )
        attestations = _attestations(order, built, cache, out, progress=timings)
        delivered = deliver(built, delivery, store=store, cache=cache, progress=timings, attestations=attestations)
        if shipment is not None:
            with timings.step("pushing"):
                artifacts = [one.artifact for one in attestations]
                pushed = shipment.finish(delivered.images, delivered.references, beside=artifacts)
            making.pushed()
            for one in pushed:
                out.note(one.summary())
    results = [delivered]
    if order.web:
        results.append(_web(order, delivery, out, timings))
    if built.boot is not None:  # made anew, not remembered
        from packer.workflows.cache import prune_when_due  # noqa: PLC0415 - a build that changes nothing saves it

        prune_when_due(cache, store, now=time.time(), clock=time.monotonic)
    return results


def _shipment(order: Order, cache: BlobCache, out: Output, ending: ExitStack) -> Shipment:
    from packer.cli.shipping import begin_shipment  # noqa: PLC0415 - most builds push nothing

    assert order.upload is not None
    return begin_shipment(
        ending,
        target_of(order.names, order.request.settings.image),
        order.request.settings,
        cache,
        out,
        insecure=order.upload.insecure,
        immutable=order.upload.immutable,
        lazy=not order.is_needed_here,
        use=order.upload.use,
    )


def _namer(order: Order) -> Callable[[Built], tuple[Reference, ...]]:
    """What names what was built: tools that read a layout or an archive want one name in it, or the name said."""
    from packer.system.git import head_branch  # noqa: PLC0415

    request = order.request
    one_name = order.destination.kind != "store" and not (order.load or order.check or order.upload)

    def named(built: Built) -> tuple[Reference, ...]:
        branch = head_branch(request.folder)
        tags = source_tags(request.provenance, changed=built.changed, branch=branch)
        tags = (DEFAULT_TAG,) if one_name else tags
        return names_of(order.names, request.settings.image, project=built.name, tags=tags)

    return named


def _attestations(
    order: Order, built: Built, cache: BlobCache, out: Output, *, progress: Progress
) -> tuple[Attestation, ...]:
    """What is said of the images beside them."""
    if not (order.bill or order.provenance):
        return ()
    from packer.workflows.attestations import attest  # noqa: PLC0415 - most builds say nothing

    made = attest(built, bill=order.bill, provenance=order.provenance, cache=cache, progress=progress)
    for caution in dict.fromkeys(caution for one in made for caution in one.cautions):
        out.caution(caution)
    return made


def _web(order: Order, beside: Delivery, out: Output, timings: Timings) -> Delivered:
    from packer.cli.web_image import deliver_web, push_web  # noqa: PLC0415 - most builds make the app alone

    made = deliver_web(order.request, beside, offline=order.offline, out=out, timings=timings)
    if order.upload is not None:
        with timings.step("pushing the web image"):
            push_web(
                made,
                order.request.settings,
                insecure=order.upload.insecure,
                immutable=order.upload.immutable,
                out=out,
            )
    return made
