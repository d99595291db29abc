"""Push: blobs first, in parallel, and only those that are not there; manifests after them, tags last."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import FIRST_EXCEPTION, Future, ThreadPoolExecutor, wait
from functools import partial
from io import BytesIO
from typing import TYPE_CHECKING

from msgspec import Struct
from msgspec.structs import replace

from packer.errors import RegistryError, TransientError
from packer.oci.descriptor import MEDIA_TYPE_INDEX, MEDIA_TYPE_MANIFEST, Descriptor
from packer.oci.digest import Digest
from packer.oci.document import Document
from packer.oci.layer import Layer
from packer.oci.platform_images import PlatformImages
from packer.oci.reference import DEFAULT_TAG
from packer.registry.neighbour import Neighbour
from packer.registry.problem import RefusedError
from packer.registry.repository import Repository, Tagged
from packer.registry.uploads import BlobSource
from packer.registry.watch import Watch
from packer.system.http import ByteStream

if TYPE_CHECKING:
    from typing_extensions import Self

__all__ = ["Blobs", "Push", "Pushed"]

_WORKERS = 4
_ASKED_FIRST_BYTES = 1 << 20
"""Whether a blob is there is asked from this size on: sending a smaller one costs no more than asking."""

_BLOB_UNKNOWN = frozenset({"MANIFEST_BLOB_UNKNOWN", "BLOB_UNKNOWN"})

Blobs = Callable[[Descriptor], ByteStream]
"""Opens a blob that we have. Raises `BuildError` when it is gone."""


class Pushed(Struct, frozen=True, kw_only=True):
    """What a push did.

    Attributes:
        digest: what the tags lead to now.
        sent: the blobs that were sent, with their sizes.
        mounted: the blobs that were mounted from another repository.
        moved: the tags that did not lead there before.
    """

    digest: Digest
    sent: tuple[Descriptor, ...] = ()
    mounted: tuple[Descriptor, ...] = ()
    moved: tuple[str, ...] = ()


class Push:
    """A push under way, which may begin before the image is whole. A context, which ends its threads.

    Nothing to do costs one request for each tag. Otherwise the manifest behind a likely tag is fetched: what it names
    need not be asked for.

    Args:
        repository: where to.
        blobs: opens layers.
        watch: is told of every blob.
        likely: the tag that most likely leads to an image with the same layers.
        mountable: another repository of the registry that holds a blob; None when none is known.
        immutable: refuse to move a tag that is there.
    """

    def __init__(
        self,
        repository: Repository,
        blobs: Blobs,
        *,
        watch: Watch,
        likely: str = DEFAULT_TAG,
        mountable: Callable[[Digest], str | None] = lambda digest: None,  # noqa: ARG005
        immutable: bool = False,
    ) -> None:
        self._repository = repository
        self._blobs = blobs
        self._watch = watch
        self._neighbour = Neighbour(repository, likely)
        self._mountable = mountable
        self._immutable = immutable
        self._threads = ThreadPoolExecutor(_WORKERS, thread_name_prefix="push")
        self._offering = threading.Lock()
        self._repairing = threading.Lock()
        self._given_up = threading.Event()
        self._under_way: dict[Digest, Future[None]] = {}
        self._known: set[Digest] = set()
        self._sent: list[Descriptor] = []
        self._mounted: list[Descriptor] = []

    def __enter__(self) -> Self:
        """Begin."""
        return self

    def __exit__(self, kind: object, *error: object) -> None:
        """Wait for what is under way; after an error it ends where it stands."""
        if kind is not None:
            self._given_up.set()
        self._threads.shutdown(wait=True, cancel_futures=True)

    def offer(self, layer: Layer) -> None:
        """Begin to send a layer, unless it is there. Returns at once, but for the first call."""
        with self._offering:
            self._submit(_source_of(layer, self._blobs))

    def has(self, descriptor: Descriptor) -> bool:
        """Whether the repository has a blob of that size, or has it now because another repository had it."""
        digest = descriptor.digest
        if (size := self._neighbour.blobs.get(digest)) is not None:
            return size == descriptor.size
        if digest in self._known:
            return True
        source = self._mountable(digest)
        mounted = source is not None and self._repository.mount(descriptor, source)
        if not self._repository.has_blob(digest, size=descriptor.size):
            return False
        if mounted:
            self._mounted.append(descriptor)
        self._known.add(digest)
        return True

    def contradicts(self, layer: Layer) -> bool:
        """Whether the image behind the likely tag has that layer with another diff ID. Its config is fetched once."""
        digest = layer.descriptor.digest
        return digest in self._neighbour.blobs and self._neighbour.diff_ids.get(digest, layer.diff_id) != layer.diff_id

    def leads_to(self, digest: Digest, tags: tuple[str, ...]) -> bool:
        """Whether every tag leads to an image already. What the answers say is not asked for again."""
        return not self._moving(digest, self._heads(tags))

    def finish(self, images: PlatformImages, tags: tuple[str, ...]) -> Pushed:
        """Send what is missing, and make the tags lead to the images.

        Raises:
            RegistryError: the registry refuses something, or a tag that must not move is there.
            TransientError: it does not answer in spite of all attempts.
            TrustError: a blob of ours is damaged.
            BuildError: a blob of ours is gone.
        """
        heads = self._heads(tags)
        moving = self._moving(images.digest, heads)
        if self._immutable and (lost := [tag for tag in moving if heads[tag] is not None]):
            name = f"{self._repository.session.endpoint.registry}/{self._repository.name}:{lost[0]}"
            what = f"{name} is there already, and leads to something else"
            raise RegistryError(what, hint="choose another tag, or push without --immutable")
        if moving == tags:
            for blob in sorted(_sources(images, self._blobs), key=lambda blob: -blob.descriptor.size):
                self._submit(blob)
            _settle(self._under_way.values())
            self._mend(images, lambda: self._put_children(images))
        _settle([self._threads.submit(self._tag, tag, images) for tag in moving])
        return Pushed(digest=images.digest, sent=tuple(self._sent), mounted=tuple(self._mounted), moved=moving)

    def _heads(self, tags: tuple[str, ...]) -> Mapping[str, Tagged | None]:
        return dict(zip(tags, self._threads.map(self._neighbour.head, tags), strict=True))

    @staticmethod
    def _moving(digest: Digest, heads: Mapping[str, Tagged | None]) -> tuple[str, ...]:
        """The tags that lead elsewhere, or nowhere."""
        return tuple(tag for tag, head in heads.items() if head is None or head.digest != digest)

    def _submit(self, blob: BlobSource) -> None:
        digest = blob.descriptor.digest
        if digest not in self._neighbour.blobs and digest not in self._known and digest not in self._under_way:
            self._under_way[digest] = self._threads.submit(self._send_sometime, blob)

    def _send_sometime(self, blob: BlobSource) -> None:
        """Send a blob; the registry's trouble does not count while others get through."""
        while True:
            through = len(self._sent)
            try:
                return self._send(blob)
            except TransientError:
                if len(self._sent) == through or self._given_up.is_set():
                    raise

    def _send(self, blob: BlobSource, *, certain: bool = False) -> None:
        """Send a blob that is not there; `certain` asks even for a small one."""
        descriptor = blob.descriptor
        source = self._mountable(descriptor.digest)
        asked = certain or (source is None and descriptor.size >= _ASKED_FIRST_BYTES)
        if asked and self._repository.has_blob(descriptor.digest):
            self._watch.passed(blob.name, descriptor.size, "there already")
            return
        with self._watch.sending(blob.name, descriptor.size) as sent:
            mounted = self._repository.push_blob(_counted(blob, sent, self._given_up), source=source)
        (self._mounted if mounted else self._sent).append(descriptor)

    def _tag(self, tag: str, images: PlatformImages) -> None:
        content, media_type = _top(images)
        self._mend(images, lambda: self._repository.put_manifest(tag, media_type, content))

    def _mend(self, images: PlatformImages, put: Callable[[], object]) -> None:
        """Store manifests. A registry that has lost a blob of theirs meanwhile gets it once more."""
        try:
            put()
        except RefusedError as error:
            if not error.codes & _BLOB_UNKNOWN:
                raise
            with self._repairing:
                for blob in _sources(images, self._blobs):
                    self._send(blob, certain=True)
            put()

    def _put_children(self, images: PlatformImages) -> None:
        """The images' own manifests, where an index is above them."""
        if images.index is None:
            return
        for image in images.images:
            self._repository.put_manifest(str(image.digest), _media_type(image.manifest), image.manifest)


def _top(images: PlatformImages) -> tuple[bytes, str]:
    """What a tag leads to."""
    if images.index is not None:
        return images.index, MEDIA_TYPE_INDEX
    manifest = images.images[0].manifest
    return manifest, _media_type(manifest)


def _sources(images: PlatformImages, blobs: Blobs) -> Iterator[BlobSource]:
    """Every layer and config."""
    for image in images.images:
        yield from (_source_of(layer, blobs) for layer in image.layers)
        yield BlobSource(descriptor=image.config_descriptor, open=partial(BytesIO, image.config), name="config")


def _source_of(layer: Layer, blobs: Blobs) -> BlobSource:
    return BlobSource(descriptor=layer.descriptor, open=partial(blobs, layer.descriptor), name=f"layer {layer.name}")


def _media_type(manifest: bytes) -> str:
    """A manifest's own media type: what was pulled from a registry may be Docker's."""
    return Document.parse(manifest, "image manifest").text("mediaType") or MEDIA_TYPE_MANIFEST


def _settle(futures: Iterable[Future[None]]) -> None:
    """Wait for all; after the first failure those that have not begun are given up, and it is raised."""
    running = list(futures)
    done, rest = wait(running, return_when=FIRST_EXCEPTION)
    for future in rest:
        future.cancel()
    for future in running:
        if future in done:
            future.result()


def _counted(blob: BlobSource, sent: Callable[[int], None], given_up: threading.Event) -> BlobSource:
    """The blob, telling how much of it was read; what has to be read again is taken back."""
    count = 0

    def add(size: int) -> None:
        nonlocal count
        if given_up.is_set():
            raise RegistryError("the push was given up")
        count += size
        sent(size)

    def opened() -> ByteStream:
        add(-count)
        return _Counted(blob.open(), add)

    return replace(blob, open=opened)


class _Counted:
    """A stream that tells how much of it was read."""

    def __init__(self, stream: ByteStream, add: Callable[[int], None]) -> None:
        self._stream = stream
        self._add = add

    def read(self, size: int = -1, /) -> bytes:
        chunk = self._stream.read(size)
        self._add(len(chunk))
        return chunk

    def close(self) -> None:
        self._stream.close()
