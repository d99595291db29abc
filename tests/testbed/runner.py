"""Runners that build small images by pack's own code and push them: what a team shares, without Debian and indexes.

with running_registry() as registry:
    Runner(folder / "one", registry.address).build(("flask",), code="1")
    Runner(folder / "two", registry.address).build(("flask",), code="2").made   # ["app"]
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timezone
from pathlib import Path

from packer.oci.config import Execution
from packer.oci.digest import Digest
from packer.oci.entry import Entry
from packer.oci.image import assemble
from packer.oci.layer import LayerRecipe
from packer.oci.platform import LINUX_AMD64, Platform
from packer.oci.platform_images import PlatformImages
from packer.oci.reference import Reference
from packer.registry.credentials import Keychain
from packer.registry.stamp import Stamp
from packer.registry.watch import Unwatched
from packer.store.cache import DiskCache
from packer.store.reused_layers import ReusedLayers
from packer.workflows.push import PushedImage
from packer.workflows.shipment import SharedPlace, Shipment
from tests.testbed.registry_client import client

__all__ = ["NOW", "Outcome", "Runner"]

NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=timezone.utc)
_LAYER_BYTES = 20_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What came of a build: the push, the layers that had to be made here, and what was said."""

    images: PlatformImages
    pushed: PushedImage
    made: tuple[str, ...]
    notes: tuple[str, ...]
    is_own: bool
    stamp: Stamp | None

    @property
    def digest(self) -> Digest:
        """What the tag leads to."""
        return self.pushed.pushed.digest


@dataclass(frozen=True, slots=True, kw_only=True)
class Runner:
    """A machine.

    Attributes:
        folder: its cache.
        registry: `127.0.0.1:port`.
        target: the repository of its images.
        shared: the repository of the team's cache, with its registry; None for that of the images, empty for none.
        secret, verified, keychain, now: as in pack.
    """

    folder: Path
    registry: str
    target: str = "team/shop"
    shared: str | None = None
    secret: bytes = b""
    verified: bool = False
    keychain: Keychain | None = None
    now: datetime = NOW
    before_push: Callable[[], object] = field(default=lambda: None)

    def with_nothing(self, name: str, **changes: object) -> Runner:
        """Another machine, with an empty cache."""
        return replace(self, folder=self.folder.parent / name, **changes)

    def build(
        self,
        dependencies: Iterable[str],
        *,
        code: str,
        tag: str = "latest",
        platforms: Iterable[Platform] = (LINUX_AMD64,),
    ) -> Outcome:
        """A layer for each dependency and one of code, pushed."""
        names, made, notes = tuple(dependencies), list[str](), list[str]()
        target = Reference.parse(f"{self.registry}/{self.target}:{tag}")
        with self._shipment(notes, tag) as shipment:
            shipment.learn(Digest.of("\n".join(names).encode()))
            images = PlatformImages(
                tuple(
                    assemble(
                        [_layer(shipment.layers, name, platform, made) for name in (*names, f"app {code}")],
                        platform=platform,
                        execution=Execution(entrypoint=("/app",)),
                        created=1_700_000_000,
                    )
                    for platform in platforms
                )
            )
            self.before_push()
            (pushed,) = shipment.finish(images, (target,))
        return Outcome(
            images=images,
            pushed=pushed,
            made=tuple(made),
            notes=tuple(notes),
            is_own=shipment.is_own,
            stamp=shipment.stamp,
        )

    def is_done(self, outcome: Outcome, *names: str) -> bool:
        """Whether nothing is left to do of an outcome, under names like `shop:1`; asked anew."""
        references = tuple(Reference.parse(f"{self.registry}/team/{name}") for name in names)
        with self._shipment([]) as shipment:
            return shipment.is_done(outcome.images, references, outcome.stamp)

    def _shipment(self, notes: list[str], tag: str = "latest") -> Shipment:
        target = Reference.parse(f"{self.registry}/{self.target}:{tag}")
        shared = target if self.shared is None else Reference.parse(self.shared) if self.shared else None
        return Shipment(
            target,
            DiskCache(self.folder),
            SharedPlace(reference=shared, secret=self.secret, now=self.now, verified=self.verified),
            registries=client(keychain=self.keychain, note=notes.append),
            watch=Unwatched(),
            note=notes.append,
        )


def _layer(layers: ReusedLayers, name: str, platform: Platform, made: list[str]):
    def entries() -> Iterator[Entry]:
        made.append(name)
        yield Entry.file(f"{name.replace(' ', '-')}.txt", _bytes(f"{name} {platform}"))

    return layers.layer(
        LayerRecipe(name=name, inputs=(name, str(platform)), created_by=f"pack: {name}", entries=entries)
    )


def _bytes(seed: str) -> bytes:
    """Bytes that do not compress, always the same for a seed."""
    return hashlib.shake_128(seed.encode()).digest(_LAYER_BYTES)
