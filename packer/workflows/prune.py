"""Prune: what a project has left behind in the engine, in pack's store, and for BuildKit."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Collection, Sequence
from pathlib import Path
from typing import Any

from msgspec import Struct

from packer.build.staging import context_place
from packer.engine.connection import Engine
from packer.engine.images import ProjectImage, remove_images
from packer.oci.reference import DEFAULT_TAG
from packer.stack.lifecycle import Removal, remove
from packer.stack.members import Member, Members
from packer.store.cache import DiskCache
from packer.store.images import ImageStore, StoredImage
from packer.system.files import file_lock
from packer.workflows.own_images import OwnImages, engine_images
from packer.workflows.removal import Removed, names_to_prune
from packer.workflows.removal import remove_images as remove_stored

__all__ = ["Leftovers", "PruneReport", "find_leftovers", "images_to_prune", "prune"]

_SCHEMA = 1


class Leftovers(Struct, frozen=True, kw_only=True):
    """What may go.

    Attributes:
        containers: that have stopped.
        images: old ones in the engine.
        stored: names of old ones in pack's store.
        context: the folder that BuildKit was given last; None when there is none.
    """

    containers: tuple[Member, ...] = ()
    images: tuple[ProjectImage, ...] = ()
    stored: tuple[StoredImage, ...] = ()
    context: Path | None = None

    @property
    def lines(self) -> tuple[str, ...]:
        """One for each thing."""
        return (
            *(f"container {one.name}" for one in self.containers),
            *(f"image {name} in the engine" for image in self.images for name in image.shown),
            *(f"image {one.reference.familiar} in the store" for one in self.stored),
            *(["the last build's context"] if self.context else []),
        )


class PruneReport(Struct, frozen=True, kw_only=True):
    """What went, or would go.

    Attributes:
        leftovers: what was found.
        store: what that freed in pack's store.
        kept: what the engine did not let go, with its reason.
    """

    leftovers: Leftovers
    store: Removed
    kept: tuple[str, ...] = ()

    def to_json(self, *, dry_run: bool) -> dict[str, Any]:
        """The document of `pack prune --json`."""
        found = self.leftovers
        return {
            "schema": _SCHEMA,
            "dry_run": dry_run,
            "containers": [one.name for one in found.containers],
            "engine_images": [image.to_json() for image in found.images],
            "store": self.store.to_json(dry_run=dry_run),
            "context": found.context is not None,
            "kept": list(self.kept),
        }


def find_leftovers(
    engine: Engine | None,
    members: Members | None,
    own: OwnImages,
    *,
    folder: Path,
    store: ImageStore,
    cache: DiskCache,
    keep: int,
) -> Leftovers:
    """What may go of a project; of the engine nothing where there is none."""
    entries = [entry for entry in store.list() if entry.reference.name in own.repositories]
    stored = names_to_prune(entries, keep=keep)
    context = context_place(cache.root, folder)
    found = Leftovers(stored=stored, context=context if context.is_dir() else None)
    if engine is None or members is None:
        return found
    stopped = tuple(one for one in members.own if not one.container.is_running)
    remaining = {entry.descriptor.digest: entry for entry in entries if entry not in stored}
    known = frozenset[str]().union(*(store.blobs(entry).ids for entry in remaining.values()))
    in_use = {one.container.image_id for one in members.own if one not in stopped}
    images = images_to_prune(engine_images(engine, own), kept=known, in_use=in_use, keep=keep)
    return Leftovers(containers=stopped, images=images, stored=found.stored, context=found.context)


def images_to_prune(
    images: Sequence[ProjectImage], *, kept: Collection[str], in_use: Collection[str], keep: int
) -> tuple[ProjectImage, ...]:
    """All but those that the store keeps, that containers use, that are `latest`, and the newest of each repository.

    Args:
        images: the newest first.
        kept: IDs of images that stay in the store.
        in_use: IDs of images that containers need.
        keep: how many of each repository stay at least.
    """
    counts: dict[str, int] = {}
    gone: list[ProjectImage] = []
    ordered = sorted(images, key=lambda image: image.id not in kept)  # those that stay anyway count first
    for image in ordered:
        repositories = {name.name for name in image.names}
        wanted = any(counts.get(repository, 0) < keep for repository in repositories)
        latest = any(name.tag == DEFAULT_TAG for name in image.names)
        if image.id in kept or image.id in in_use or latest or wanted:
            counts |= {repository: counts.get(repository, 0) + 1 for repository in repositories}
        else:
            gone.append(image)
    return tuple(gone)


def prune(
    engine: Engine | None, leftovers: Leftovers, *, store: ImageStore, cache: DiskCache, told: Callable[[str], None]
) -> PruneReport:
    """Remove what was found; each thing is told when it is gone. Raises `EngineError`, `BuildError`."""
    kept: list[str] = []
    if engine is not None:
        for member in remove(engine, Removal(members=leftovers.containers), force=False):
            told(f"container {member.name}")
        for name, reason in remove_images(engine, leftovers.images):
            if reason is None:
                told(f"image {name}")
            else:
                kept.append(reason.what)
    removed = remove_stored(leftovers.stored, store, cache, recorded_too=True, dry_run=False)
    for entry in removed.names:
        told(f"stored image {entry.reference.familiar}")
    if leftovers.context is not None:
        _discard(leftovers.context)
        told("context")
    return PruneReport(leftovers=leftovers, store=removed, kept=tuple(kept))


def _discard(context: Path) -> None:
    with file_lock(context.with_suffix(".lock"), what="the build's context"):
        shutil.rmtree(context, ignore_errors=True)
        context.with_suffix(".Dockerfile").unlink(missing_ok=True)
