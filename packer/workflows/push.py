"""Push: stored images to their registries."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import partial

from msgspec import Struct

from packer.errors import TrustError, UsageError
from packer.oci.artifact import Artifact
from packer.oci.descriptor import Descriptor
from packer.oci.digest import Digest
from packer.oci.platform_images import PlatformImages
from packer.oci.reference import Reference
from packer.registry.push import Push, Pushed
from packer.registry.referrers import attach
from packer.registry.registries import Registries
from packer.registry.repository import Repository
from packer.registry.watch import Watch
from packer.store.blobs import stored_blob, verified_blobs
from packer.store.cache import BlobCache
from packer.store.images import ImageStore
from packer.system.http import ByteStream

__all__ = ["PushedImage", "attach_all", "push_images", "push_stored"]


class PushedImage(Struct, frozen=True, kw_only=True):
    """What became of the references of one repository."""

    references: tuple[Reference, ...]
    pushed: Pushed

    @property
    def name(self) -> str:
        """`reference@digest` of the first."""
        return f"{self.references[0]}@{self.pushed.digest}"

    @property
    def sent_bytes(self) -> int:
        """How much was sent, manifests aside."""
        return sum(descriptor.size for descriptor in self.pushed.sent)

    @property
    def mounted_bytes(self) -> int:
        """How much was mounted from other repositories."""
        return sum(descriptor.size for descriptor in self.pushed.mounted)

    def summary(self) -> str:
        """A line for people."""
        if not self.pushed.moved:
            return f"{self.references[0].name} has it already"
        parts = [f"{self.sent_bytes / 1e6:.1f} MB sent"]
        if self.pushed.mounted:
            parts.append(f"{self.mounted_bytes / 1e6:.1f} MB mounted")
        return f"{self.references[0].name}: {', '.join(parts)}, tags {', '.join(self.pushed.moved)}"


def push_stored(
    references: Sequence[Reference],
    *,
    store: ImageStore,
    cache: BlobCache,
    registries: Registries,
    watch: Watch,
    immutable: bool,
) -> tuple[PushedImage, ...]:
    """Push stored images under their names.

    Raises:
        UsageError: there is no such image in the store.
        RegistryError, TransientError, TrustError, BuildError: as `push_images`.
    """
    found: dict[Reference, PlatformImages] = {}
    for reference in references:
        images = store.get(reference)
        if images is None:
            hint = "build it first: pack build, or see what is there: pack images"
            raise UsageError(f"there is no image {reference.familiar} in the store", hint=hint)
        found[reference.tagged] = images
    results = push_images(found.items(), cache=cache, registries=registries, watch=watch, immutable=immutable)
    for result in results:
        images = found[result.references[0].tagged]
        beside = [artifact for image in images.images for artifact in store.attached(image.digest)]
        attach_all(registries.repository(result.references[0], push=True), beside)
    return results


def attach_all(repository: Repository, artifacts: Iterable[Artifact]) -> None:
    """Put artifacts beside their image, unless they are there. Raises as `packer.registry.referrers.attach`."""
    for artifact in artifacts:
        if repository.head_manifest(str(artifact.digest)) is None:
            attach(repository, artifact)


def push_images(
    named: Iterable[tuple[Reference, PlatformImages]],
    *,
    cache: BlobCache,
    registries: Registries,
    watch: Watch,
    immutable: bool = False,
) -> tuple[PushedImage, ...]:
    """Push images; names of one repository that lead to one image share an upload.

    Raises:
        BuildError: a layer is gone from the cache.
        RegistryError: a registry refuses.
        TransientError: it does not answer.
        TrustError: a layer of ours is damaged; it is removed, so that the next build makes it.
    """
    groups: dict[tuple[str, Digest], list[tuple[Reference, PlatformImages]]] = {}
    for reference, images in named:
        groups.setdefault((reference.name, images.digest), []).append((reference, images))
    results = []
    for group in groups.values():
        references = tuple(reference for reference, _ in group)
        tags = tuple(reference.tag or "" for reference in references)
        repository = registries.repository(references[0], push=True)
        blobs = partial(_opened, cache)
        try:
            with Push(repository, blobs, watch=watch, likely=tags[-1], immutable=immutable) as pushing:
                results.append(PushedImage(references=references, pushed=pushing.finish(group[0][1], tags)))
        except TrustError:
            verified_blobs(cache, group[0][1].layers.values())  # removes the damaged ones, and says which
            raise
    return tuple(results)


def _opened(cache: BlobCache, descriptor: Descriptor) -> ByteStream:
    return stored_blob(cache, descriptor).open("rb")
