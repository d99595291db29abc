"""`--push`: the build's image to its registry, with what the team knows."""

from __future__ import annotations

import os
from collections.abc import Sequence
from contextlib import ExitStack
from datetime import datetime, timezone

from packer.cli.output import Output
from packer.cli.transfers import transfers
from packer.cli.wiring import registries
from packer.oci.reference import Reference
from packer.store.cache import BlobCache
from packer.workflows.shipment import SharedPlace, Shipment

__all__ = ["begin_shipment"]

_NO_CACHE = "none"
_SECRET = "PACK_CACHE_SECRET"  # noqa: S105 - the variable's name


def begin_shipment(
    ending: ExitStack,
    target: Reference,
    shared: str | None,
    cache: BlobCache,
    out: Output,
    *,
    insecure: Sequence[str],
    immutable: bool,
    lazy: bool,
) -> Shipment:
    """A shipment that ends with `ending`. `shared` is the setting `cache`."""
    place = None if shared == _NO_CACHE else Reference.parse(shared) if shared else target
    secret = os.environ.get(_SECRET, "").encode()
    return ending.enter_context(
        Shipment(
            target,
            cache,
            SharedPlace(reference=place, secret=secret, now=datetime.now(timezone.utc)),
            registries=registries(os.environ, insecure=insecure, note=out.note),
            watch=ending.enter_context(transfers(out)),
            note=out.note,
            immutable=immutable,
            lazy=lazy,
        )
    )
