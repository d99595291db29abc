"""The local image store: names on this machine, and the images they lead to.

One file, `images.json` in the data folder, maps references to descriptors; manifests, configs and layers are blobs of
the cache, which knows of every store that was filled from it. The file is written whole, under a lock, so two builds
at once both end up in it.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec import Struct
from msgspec.structs import replace

from packer.errors import ArchiveError, BuildError, UsageError
from packer.oci.config import ImageConfig
from packer.oci.descriptor import MEDIA_TYPE_INDEX, Descriptor
from packer.oci.digest import Digest
from packer.oci.document import MAX_DOCUMENT_BYTES, Document, canonical_json
from packer.oci.image import Image, base_layers
from packer.oci.index import Index
from packer.oci.manifest import Manifest
from packer.oci.platform import Platform
from packer.oci.platform_images import PlatformImages
from packer.oci.reference import Reference
from packer.store.cache import BlobCache
from packer.store.image_blobs import ImageBlobs
from packer.store.known_stores import known_stores, note_store
from packer.system.files import file_lock, read_regular, write_atomically

if TYPE_CHECKING:
    from packer.oci.artifact import Artifact
    from packer.store.referrers import Referrers

__all__ = ["ImageStore", "StoredImage", "default_store_root"]


class StoredImage(Struct, frozen=True, kw_only=True):
    """A name in the store.

    Attributes:
        reference: with a tag, without a digest.
        descriptor: the manifest or index.
        platforms: what it runs on.
        size: bytes of all its blobs.
        created: seconds since the epoch, as its builder said.
        stored: seconds since the epoch when the image came into the store, after whatever came before it; 0 if that
            was not noted.
    """

    reference: Reference
    descriptor: Descriptor
    platforms: tuple[Platform, ...]
    size: int
    created: int
    stored: int = 0

    @property
    def since(self) -> int:
        """When the image came to be here, seconds since the epoch: what orders images by age."""
        return self.stored or self.created

    @classmethod
    def from_json(cls, document: Document) -> StoredImage:
        """Read an entry of the file."""
        return cls(
            reference=Reference.parse(document.text("reference")),
            descriptor=Descriptor.from_json(document.section("descriptor")),
            platforms=tuple(Platform.from_json(platform) for platform in document.sections("platforms")),
            size=document.number("size"),
            created=document.number("created"),
            stored=document.number("stored"),
        )

    def to_json(self) -> dict[str, object]:
        """The entry's object."""
        return {
            "reference": str(self.reference),
            "descriptor": self.descriptor.to_json(),
            "platforms": [platform.to_json() for platform in self.platforms],
            "size": self.size,
            "created": self.created,
            "stored": self.stored,
        }


class ImageStore:
    """Images by name. Safe for several threads and processes.

    Args:
        root: the data folder, made at its first use.
        cache: has the blobs.
        clock: seconds since the epoch.
    """

    def __init__(self, root: Path, cache: BlobCache, *, clock: Callable[[], float] = time.time) -> None:
        self._root = root
        self._clock = clock
        self._file = root / "images.json"
        self._lock = root / "images.lock"
        self._cache = cache

    def add(self, images: PlatformImages, references: Iterable[Reference], *, created: int) -> Digest:
        """Give images their names, taking these from what had them before; the digest they lead to.

        The layers must be in the cache; the other blobs are put there.
        """
        for digest, document in images.documents.items():
            if not self._cache.verify(digest):
                self._cache.add(BytesIO(document))
        layers = sum(descriptor.size for descriptor in images.layers.values())
        names = [reference.tagged for reference in references]
        with self._changing() as entries:
            newest = max((entry.stored for entry in entries.values()), default=0)
            known = [entry.stored for entry in entries.values() if entry.descriptor.digest == images.digest]
            for name in names:
                entries[str(name)] = StoredImage(
                    reference=name,
                    descriptor=images.descriptor,
                    platforms=tuple(image.platform for image in images.images),
                    size=layers + sum(map(len, images.documents.values())),
                    created=created,
                    stored=known[0] if known else max(int(self._clock()), newest + 1),
                )
        return images.digest

    def tag(self, source: StoredImage, references: Iterable[Reference]) -> None:
        """Give an image further names, taking these from what had them before.

        Raises `BuildError` when somebody has removed the image's last name meanwhile.
        """
        with self._changing() as entries:
            if all(entry.descriptor.digest != source.descriptor.digest for entry in entries.values()):
                raise BuildError(f"{source.reference.familiar} was removed meanwhile", hint="build or pull it again")
            for reference in references:
                entries[str(reference.tagged)] = replace(source, reference=reference.tagged)

    def get(self, reference: Reference) -> PlatformImages | None:
        """The images of a name, or those of a digest whatever their name; None when there are none.

        Raises `BuildError` when blobs of it are gone from the cache, `TrustError` never: blobs are the cache's matter.
        """
        entry = self._find(self._read(), reference)
        if entry is None:
            return None
        if entry.descriptor.media_type != MEDIA_TYPE_INDEX:
            return PlatformImages((self._image(entry.descriptor, reference),))
        index = Index.from_json(self._document(entry.descriptor, reference))
        return PlatformImages(tuple(self._image(descriptor, reference) for descriptor in index.manifests))

    def list(self) -> tuple[StoredImage, ...]:
        """Every name, sorted."""
        return tuple(entry for _, entry in sorted(self._read().items()))

    def forget(self, names: Iterable[StoredImage]) -> tuple[StoredImage, ...]:
        """Forget names that lead where they are said to lead; those that did.

        Their blobs stay in the cache, which has its own rules.
        """
        with self._changing() as entries:
            gone = [name for name in names if _same_image(entries.get(str(name.reference)), name)]
            for name in gone:
                del entries[str(name.reference)]
        return tuple(gone)

    def attach(self, artifacts: Iterable[Artifact]) -> None:
        """Keep artifacts beside the images that they name; one of the same kind is replaced."""
        self._beside(self._root).attach(artifacts, stored=self.needed())

    def attached(self, image: Digest) -> tuple[Artifact, ...]:
        """What stands beside an image, by the digest of its manifest. Raises `BuildError` when parts of it are gone."""
        return self._beside(self._root).of(image)

    def beside(self, images: Collection[Digest]) -> frozenset[Digest]:
        """Every blob of what stands beside images, by the digests of their manifests."""
        return self._beside(self._root).blobs(images)

    def needed(self, *, without: Collection[StoredImage] = ()) -> frozenset[Digest]:
        """Every blob that an image needs, in this store or another that was filled from the cache.

        With what stands beside it. Of an image that has lost a part, those that are still known.
        `without`: names of this store that do not count.
        """
        leaving = {str(name.reference) for name in without}
        entries = [entry for name, entry in self._read().items() if name not in leaving]
        beside = [self._beside(self._root)]
        for root in known_stores(self._cache.root):
            if root != self._root.resolve():
                entries += ImageStore(root, self._cache).list()
                beside.append(self._beside(root))
        distinct = {entry.descriptor.digest: entry for entry in entries}
        found = frozenset(digest for entry in distinct.values() for digest in self.blobs(entry).sizes)
        return found.union(*(referrers.blobs(found) for referrers in beside))

    def _beside(self, root: Path) -> Referrers:
        from packer.store.referrers import Referrers  # noqa: PLC0415 - a build that says nothing saves its import

        return Referrers(root, self._cache)

    def blobs(self, entry: StoredImage) -> ImageBlobs:
        """What an image consists of, as far as its documents are there."""
        return self._blobs(entry.descriptor, entry.reference)

    def _blobs(self, descriptor: Descriptor, reference: Reference) -> ImageBlobs:
        own = ImageBlobs(manifests=(descriptor,))
        try:
            content = self._document(descriptor, reference)
            if descriptor.media_type != MEDIA_TYPE_INDEX:
                manifest = Manifest.from_json(content)
                return replace(own, configs=(manifest.config,), layers=manifest.layers)
            inner = Index.from_json(content).manifests
        except BuildError:
            return replace(own, whole=False)
        return sum((self._blobs(one, reference) for one in inner if one.media_type != MEDIA_TYPE_INDEX), own)

    @staticmethod
    def _find(entries: dict[str, StoredImage], reference: Reference) -> StoredImage | None:
        if reference.digest is None:
            return entries.get(str(reference.tagged))
        matching = (entry for entry in entries.values() if entry.descriptor.digest == reference.digest)
        return next((entry for entry in matching if entry.reference.name == reference.name), None)

    def _image(self, descriptor: Descriptor, reference: Reference) -> Image:
        content = self._document(descriptor, reference)
        manifest = Manifest.from_json(content)
        config = self._document(manifest.config, reference)
        parsed = ImageConfig.from_json(config)
        return Image(manifest=content, config=config, layers=base_layers(manifest, parsed), platform=parsed.platform)

    def _document(self, descriptor: Descriptor, reference: Reference) -> bytes:
        path = self._cache.path(descriptor.digest)
        content = None if path is None else read_regular(path, limit=MAX_DOCUMENT_BYTES)
        if content is None or Digest.of(content) != descriptor.digest:
            raise BuildError(
                f"parts of {reference.familiar} are no longer in the cache",
                where=str(self._cache.root),
                hint="build or pull the image again",
            )
        return content

    @contextmanager
    def _changing(self) -> Iterator[dict[str, StoredImage]]:
        """The entries, to be changed; written at the end of the block if they were."""
        with file_lock(self._lock, what="the image store"):
            before = self._read()
            entries = dict(before)
            yield entries
            if entries != before:
                images = [entry.to_json() for _, entry in sorted(entries.items())]
                note_store(self._cache.root, self._root.resolve())
                write_atomically(self._file, canonical_json({"schema": 1, "images": images}), durable=True)
        if _images(before) - _images(entries):
            self._beside(self._root).retain(self.needed())

    def _read(self) -> dict[str, StoredImage]:
        content = read_regular(self._file, limit=MAX_DOCUMENT_BYTES + 1)
        if content is None:
            if self._file.exists():
                raise BuildError("the image store cannot be read", where=str(self._file), hint="make it readable")
            return {}
        try:
            document = Document.parse(content, "image store")
            entries = [StoredImage.from_json(entry) for entry in document.sections("images")]
        except (ArchiveError, UsageError) as error:
            hint = "move the file away; images can be built again"
            raise ArchiveError(f"the image store is broken: {error.what}", where=str(self._file), hint=hint) from error
        return {str(entry.reference): entry for entry in entries}


def _same_image(entry: StoredImage | None, other: StoredImage) -> bool:
    return entry is not None and entry.descriptor.digest == other.descriptor.digest


def _images(entries: Mapping[str, StoredImage]) -> frozenset[Digest]:
    return frozenset(entry.descriptor.digest for entry in entries.values())


def default_store_root(override: str | None = None) -> Path:
    """The data folder: `override` (the setting `PACK_DATA_DIR`) when there is one, else the platform's own place."""
    if override:
        return Path(override).expanduser().absolute()
    from platformdirs import user_data_path  # noqa: PLC0415 - an override saves its import

    return user_data_path("packer", appauthor=False)
