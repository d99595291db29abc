"""`--push`: the build's image to its registry, with what the team knows."""

from __future__ import annotations

import os
from collections.abc import Sequence
from contextlib import ExitStack
from datetime import datetime, timezone

from packer.cli.options import SharedUse
from packer.cli.output import Output
from packer.cli.transfers import transfers
from packer.cli.wiring import registries
from packer.errors import UsageError
from packer.oci.reference import Reference
from packer.plan.settings import Settings
from packer.store.cache import BlobCache
from packer.workflows.shipment import SharedPlace, Shipment

__all__ = ["begin_shipment"]

_NO_CACHE = "none"
_SECRET = "PACK_CACHE_SECRET"  # noqa: S105 - the variable's name


def begin_shipment(
    ending: ExitStack,
    target: Reference,
    settings: Settings,
    cache: BlobCache,
    out: Output,
    *,
    insecure: Sequence[str],
    immutable: bool,
    lazy: bool,
    use: SharedUse,
) -> Shipment:
    """A shipment that ends with `ending`. Raises `UsageError` when a cache is to be verified and there is none."""
    place = None
    if use is not SharedUse.OFF and settings.cache != _NO_CACHE:
        place = Reference.parse(settings.cache) if settings.cache else target
    if use is SharedUse.VERIFY and place is None:
        raise UsageError("there is no shared cache to verify", hint="take `none` out of the setting `cache`")
    secret = os.environ.get(_SECRET, "").encode()
    return ending.enter_context(
        Shipment(
            target,
            cache,
            SharedPlace(
                reference=place, secret=secret, now=datetime.now(timezone.utc), verified=use is SharedUse.VERIFY
            ),
            registries=registries(os.environ, settings, insecure=insecure, note=out.note),
            watch=ending.enter_context(transfers(out)),
            note=out.note,
            immutable=immutable,
            lazy=lazy,
        )
    )
