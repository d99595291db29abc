"""A build whose image goes to a registry: layers leave as they are made, and what the team knows comes in first."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from msgspec import Struct
from msgspec.structs import replace

from packer.build.workshop import Workshop
from packer.errors import ArchiveError, PackError, TrustError
from packer.oci.artifact import Artifact
from packer.oci.descriptor import Descriptor
from packer.oci.digest import Digest
from packer.oci.layer import Layer
from packer.oci.platform_images import PlatformImages
from packer.oci.reference import Reference
from packer.registry.bases import RegistryBases
from packer.registry.push import Push
from packer.registry.registries import Registries
from packer.registry.shared_cache import Lesson, SharedCache
from packer.registry.stamp import Stamp
from packer.registry.watch import Watch
from packer.store.blobs import whole_blob
from packer.store.cache import BlobCache
from packer.store.reused_layers import ReusedLayers
from packer.store.shared_layers import consistent_records, kept_layers
from packer.store.shared_records import RecordKey, SharingCache, contradictions, to_bytes
from packer.system.http import ByteStream
from packer.workflows.push import PushedImage, attach_all, push_images

if TYPE_CHECKING:
    from typing_extensions import Self

__all__ = ["SharedPlace", "Shipment"]

_RENEWED_AFTER = timedelta(days=7)
"""An entry in use is written anew so often, so that those that are old are not in use."""


class SharedPlace(Struct, frozen=True, kw_only=True):
    """Where a team shares what builds know.

    Attributes:
        reference: the repository; None to do without.
        secret: proves that an entry was written by somebody who knows it; empty to believe whoever may push.
        now: when what is written is written.
        verified: nothing of it is used; what it says is compared with what this build finds out by itself.
    """

    reference: Reference | None
    secret: bytes
    now: datetime
    verified: bool = False


class Shipment:
    """A push that begins with the build. A context, which ends it.

    Args:
        target: the repository, with the tag that most likely leads to an image like this one.
        cache: this machine's.
        shared: the team's.
        registries: how to reach both.
        watch: is told of every blob.
        note: tells of a shared cache that cannot be used, which never fails a build.
        immutable: refuse to move a tag.
        lazy: a layer that the registry has need not be here.
    """

    def __init__(
        self,
        target: Reference,
        cache: BlobCache,
        shared: SharedPlace,
        *,
        registries: Registries,
        watch: Watch,
        note: Callable[[str], None],
        immutable: bool = False,
        lazy: bool = True,
    ) -> None:
        self.cache = SharingCache(cache)
        self._target = target
        self._registries = registries
        self._watch = watch
        self._immutable = immutable
        self._lazy = lazy and not shared.verified
        self._bases: Callable[[], RegistryBases] | None = None
        self._note = note
        self._place = shared
        self._lesson: Lesson | None = None
        self._state: Digest | None = None
        self._stamp: Stamp | None = None
        self._shared: SharedCache | None = None
        self._is_beside = shared.reference is not None and shared.reference.name == target.name
        if shared.reference is not None:
            self._shared = SharedCache(registries.repository(shared.reference, push=True), secret=shared.secret)
        self._push = Push(
            registries.repository(target, push=True),
            self._open,
            watch=watch,
            likely=target.tagged.tag or "",
            mountable=self._neighbour,
            immutable=immutable,
        )
        self.layers = ReusedLayers(self.cache, is_there=self._is_there, offer=self._push.offer)

    def __enter__(self) -> Self:
        """Begin."""
        self._push.__enter__()
        return self

    def __exit__(self, *error: object) -> None:
        """End what is under way."""
        self._push.__exit__(*error)

    @property
    def is_own(self) -> bool:
        """Whether the build went by nothing but what this machine found out by itself."""
        return not self.cache.believed

    @property
    def purpose(self) -> str:
        """What stands for where the image goes and where a team shares what builds know."""
        return f"{self._target.name} {self._place.reference}"

    @property
    def stamp(self) -> Stamp | None:
        """The team's entry that says what this build went by, when it is finished; None where there is none."""
        return self._stamp

    def is_done(self, images: PlatformImages, references: tuple[Reference, ...], stamp: Stamp | None) -> bool:
        """Whether images are where they belong: every name leads to them, and the team's word on them still stands.

        Nothing of them need be here then. Costs a request for each name, and one for the word.
        """
        if not self._lazy or any(reference.name != self._target.name for reference in references):
            return False
        try:
            if stamp is not None and (self._shared is None or not self._shared.stands(stamp)):
                return False
            return self._push.leads_to(images.digest, _tags(references))
        except PackError:  # the build that follows meets the same trouble, and tells of it
            return False

    def learn(self, state: Digest) -> None:
        """Take in what the team knows for a state of the dependencies."""
        self._state = state
        if self._shared is None:
            return
        try:
            lesson = self._shared.recall(state)
        except (ArchiveError, TrustError) as error:  # a broken entry: this build writes another in its place
            self._note(f"the shared cache is not used: {error.what}")
            return
        except PackError as error:
            self._note(f"the shared cache is not used: {error.what}")
            self._shared = None
            return
        if lesson is None:
            return
        records = consistent_records(lesson.records, lesson.layers, complete=self._is_beside)
        self._lesson = replace(lesson, records=records)
        self._stamp = lesson.stamp
        if not self._place.verified:
            self.cache.learn(records)

    def equipped(self, workshop: Workshop) -> Workshop:
        """The workshop whose layers leave as they are made."""
        self._bases = workshop.bases
        return replace(workshop, cache=self.cache, layers=self.layers, lazy=self._lazy)

    def finish(
        self, images: PlatformImages, references: tuple[Reference, ...], *, beside: Sequence[Artifact] = ()
    ) -> tuple[PushedImage, ...]:
        """Push the images under their names, those of the target first, with what stands beside them.

        Then share what this build knows.

        Raises as `Push.finish`, and `TrustError` when the cache is to be verified and is wrong.
        """
        if self._place.verified:
            self._verify()
        own = tuple(reference for reference in references if reference.name == self._target.name)
        others = tuple((reference, images) for reference in references if reference.name != self._target.name)
        pushed = self._push.finish(images, _tags(own))
        if pushed.moved and self._shared is not None and self._state is not None:
            try:
                self._share(self._shared, self._state, images)
            except PackError as error:
                self._note(f"nothing is written to the shared cache: {error.what}")
        more = push_images(
            others, cache=self.cache, registries=self._registries, watch=self._watch, immutable=self._immutable
        )
        results = (PushedImage(references=own, pushed=pushed), *more)
        for result in results:
            attach_all(self._registries.repository(result.references[0], push=True), beside)
        return results

    def _share(self, shared: SharedCache, state: Digest, images: PlatformImages) -> None:
        records = _lasting(self.cache.used, images)
        known = self._lesson
        if not records or (known and self._is_current(known, records)):
            return
        layers = kept_layers(records, images.layers.values())
        if not self._is_beside:
            layers = self._mounted(shared, layers)
        self._stamp = shared.write(state, records, layers, now=self._place.now)

    def _is_current(self, known: Lesson, records: Mapping[RecordKey, bytes]) -> bool:
        """Whether the entry says this already, and will not count as old soon."""
        fresh = known.written is not None and self._place.now - known.written < _RENEWED_AFTER
        return known.exact and fresh and known.digest == Digest.of(to_bytes(records))

    def _verify(self) -> None:
        """Compare what the team says with what this build found out. Raises `TrustError` where they differ."""
        said = self._lesson.records if self._lesson else {}
        wrong, right = contradictions(said, self.cache.used)
        if wrong:
            kinds = ", ".join(sorted({kind for kind, _ in wrong}))
            raise TrustError(
                f"the shared cache is wrong about {len(wrong)} of {len(wrong) + right} things ({kinds})",
                hint="remove what is in it (pack cache prune --registry REF --keep-days 0), and look who may write it",
            )
        self._note(f"the shared cache is right about {right} things that this build found out by itself")

    def _mounted(self, shared: SharedCache, layers: tuple[Descriptor, ...]) -> tuple[Descriptor, ...]:
        """The layers that the cache's own repository has: in another registry, none but those it had."""
        own = shared.repository
        near = own.session.endpoint.registry == self._target.registry
        kept = {layer.digest for layer in self._lesson.layers} if self._lesson else set()
        source = self._target.repository
        return tuple(layer for layer in layers if layer.digest in kept or (near and own.mount(layer, source)))

    def _open(self, descriptor: Descriptor) -> ByteStream:
        if self._bases is not None and whole_blob(self.cache, descriptor) is None:
            self._bases().bring([descriptor])
        return self.layers.open(descriptor)

    def _neighbour(self, digest: Digest) -> str | None:
        """Another repository of the target's registry that has a blob: the cache's, or the base's."""
        if self._shared is not None and not self._is_beside and self._has(digest):
            cache = self._shared.repository
            if cache.session.endpoint.registry == self._target.registry:
                return cache.name
        home = self._bases().home(digest) if self._bases is not None else None
        near = home is not None and home.registry == self._target.registry and home.name != self._target.name
        return home.repository if home is not None and near else None

    def _is_there(self, layer: Layer) -> bool:
        return self._lazy and self._push.has(layer.descriptor) and not self._push.contradicts(layer)

    def _has(self, digest: Digest) -> bool:
        return self._lesson is not None and any(layer.digest == digest for layer in self._lesson.layers)


def _tags(references: tuple[Reference, ...]) -> tuple[str, ...]:
    return tuple(reference.tagged.tag or "" for reference in references)


def _lasting(records: Mapping[RecordKey, bytes], images: PlatformImages) -> dict[RecordKey, bytes]:
    """The records without those of the source's own layer: it is another one with every change."""
    sources = [str(image.layers[-1].descriptor.digest).encode() for image in images.images]
    return {key: content for key, content in records.items() if not any(source in content for source in sources)}
