"""The build behind a command: remembered where nothing has changed, else made."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from packer.oci.platform_images import PlatformImages
from packer.workflows.unchanged import Look, Recalled, look, recall, remember

if TYPE_CHECKING:
    from packer.build.progress import Progress
    from packer.build.workshop import Workshop
    from packer.oci.reference import Reference
    from packer.store.cache import BlobCache
    from packer.workflows.build_request import BuildRequest
    from packer.workflows.built import Built
    from packer.workflows.groundworks import Kept
    from packer.workflows.reading import Reading
    from packer.workflows.rebuild import Rebuilding
    from packer.workflows.shipment import Shipment

__all__ = ["Making"]


class Making:
    """One build.

    Args:
        request: what to build.
        cache: this machine's.
        shipment: the push that begins with the build; None where nothing is pushed.
        named: the names that what was built will have.
    """

    def __init__(
        self,
        request: BuildRequest,
        cache: BlobCache,
        shipment: Shipment | None,
        *,
        named: Callable[[Built], tuple[Reference, ...]],
    ) -> None:
        self._request = request
        self._cache = cache
        self._shipment = shipment
        self._named = named
        self._unsaid: tuple[Look, Built] | None = None
        self._keep: Callable[[], None] = _nothing

    def built(self, *, offline: bool, afresh: bool, progress: Progress) -> Built:
        """What comes of the request. Raises as `packer.workflows.build.build`."""
        with progress.step("looking for changes"):
            seen = look(self._request, os.environ, now_ns=time.time_ns())
            known = None if afresh else recall(self._cache, seen, now=time.time())
            if known is not None and self._holds(known):
                return known.built
        if self._request.role == "web":
            built = self._web(offline=offline, progress=progress)
            remember(self._cache, seen, built, now=time.time())
            return built
        rebuilding = self._read(seen, progress)
        kept = None if afresh else rebuilding.kept(self._cache, now=time.time())
        if kept is not None:
            return self._rebuilt(rebuilding, kept, seen, progress)
        built = self._made(rebuilding.reading, offline=offline, progress=progress)
        if self._shipment is None or self._shipment.is_own:
            remember(self._cache, seen, built, now=time.time())
            self._keep = partial(rebuilding.keep, self._cache, built, now=time.time())
            if self._shipment is None:
                self._keep()
        else:
            self._unsaid = seen, built
        return built

    def pushed(self) -> None:
        """Keep what stands now that the team was told of it, and what was built by the team's word."""
        self._keep()
        stamp = self._shipment.stamp if self._shipment is not None else None
        if self._unsaid is not None and stamp is not None:
            remember(self._cache, *self._unsaid, now=time.time(), stamp=stamp)

    def _holds(self, known: Recalled) -> bool:
        """Whether what was remembered serves: all of it is here, or nothing of it is needed here."""
        if known.is_own:
            return True
        images = PlatformImages(known.built.images)
        return self._shipment is not None and self._shipment.is_done(images, self._named(known.built), known.stamp)

    def _read(self, seen: Look, progress: Progress) -> Rebuilding:
        from packer.workflows.reading import CachedNotes, read_project  # noqa: PLC0415 - not if nothing has changed
        from packer.workflows.rebuild import Rebuilding  # noqa: PLC0415

        request = self._request
        notes = CachedNotes(self._cache, seen.surroundings) if seen.surroundings else None
        reading = read_project(request.folder, request.settings, request.provenance, progress=progress, notes=notes)
        purpose = self._shipment.purpose if self._shipment else ""
        return Rebuilding.of(request, reading, seen.surroundings, purpose=purpose)

    def _rebuilt(self, rebuilding: Rebuilding, kept: Kept, seen: Look, progress: Progress) -> Built:
        """The project on what is kept; it is remembered as being as old as that."""
        from packer.cli.wiring import layer_cache  # noqa: PLC0415

        path, shipment = os.environ.get("PATH", ""), self._shipment
        cache = shipment.cache if shipment else self._cache
        layers = shipment.layers if shipment else layer_cache(cache)
        built = rebuilding.built(kept, cache=cache, layers=layers, search_path=path, progress=progress)
        remember(self._cache, seen, built, now=kept.time)
        return built

    def _made(self, reading: Reading, *, offline: bool, progress: Progress) -> Built:
        from packer.workflows.build import build  # noqa: PLC0415 - a changed line needs none of this
        from packer.workflows.own_repository import remember_name  # noqa: PLC0415

        request, shipment = self._request, self._shipment
        tools = self._workshop(offline=offline, progress=progress)
        if shipment is not None:
            tools = shipment.equipped(tools)
        built = build(request, reading, tools, progress=progress, learn=shipment.learn if shipment else None)
        remember_name(self._cache, request.folder, built.name)
        return built

    def _web(self, *, offline: bool, progress: Progress) -> Built:
        from packer.workflows.web import build_web_image  # noqa: PLC0415 - most builds make the app alone

        return build_web_image(self._request, self._workshop(offline=offline, progress=progress), progress=progress)

    def _workshop(self, *, offline: bool, progress: Progress) -> Workshop:
        from packer.cli.wiring import workshop  # noqa: PLC0415 - slow to import

        return workshop(os.environ, self._cache, settings=self._request.settings, offline=offline, note=progress.note)


def _nothing() -> None:
    """What there is to keep of a build that laid nothing."""
