"""The layer cache: a recipe's key leads to the layer it became, so that nothing is made twice."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator
from typing import BinaryIO

from packer.errors import ArchiveError, TrustError
from packer.oci.archive import tar_chunks
from packer.oci.descriptor import Descriptor
from packer.oci.digest import Digest
from packer.oci.document import Document, canonical_json
from packer.oci.layer import Layer, LayerRecipe
from packer.store.blobs import whole_blob
from packer.store.cache import BlobCache
from packer.store.codec import Codec, codec_named
from packer.system.chunks import chunks_of, equal_chunks, read_ahead, stream_of

__all__ = ["LAYER_RECORD", "DiskLayerCache", "read_layer_record"]

LAYER_RECORD = "layer"
"""The kind of the records that say what recipes became."""
_ARCHIVE_FORMAT = "tar-1"
"""Changes whenever `packer.oci.archive` writes other bytes for the same entries."""


class DiskLayerCache:
    """The `LayerCache` over a blob cache: layers are its blobs, what is known about them its records.

    Args:
        cache: where the blobs and records are.
        codec: the name of the compression, or the codec itself.
    """

    def __init__(self, cache: BlobCache, codec: str | Codec = "gzip") -> None:
        self._cache = cache
        self._codec = codec if isinstance(codec, Codec) else codec_named(codec)

    def layer(self, recipe: LayerRecipe) -> Layer:
        """See `LayerCache.layer`. A layer whose blob is gone or has the wrong size is made again."""
        key = self._key(recipe)
        known = self._known(key)
        if known is not None:
            descriptor, diff_id = known
            return Layer(
                descriptor=descriptor, diff_id=diff_id, name=recipe.name, created_by=recipe.created_by, cached=True
            )
        descriptor, diff_id = self._store(tar_chunks(recipe.entries()))
        self._cache.put_record(LAYER_RECORD, key, _to_json(descriptor, diff_id))
        return Layer(descriptor=descriptor, diff_id=diff_id, name=recipe.name, created_by=recipe.created_by)

    def recorded(self, recipe: LayerRecipe) -> Layer | None:
        """What a recipe is recorded to become, whether its blob is here or not."""
        record = self._cache.record(LAYER_RECORD, self._key(recipe))
        known = None if record is None else read_layer_record(record)
        if known is None:
            return None
        descriptor, diff_id = known
        return Layer(
            descriptor=descriptor, diff_id=diff_id, name=recipe.name, created_by=recipe.created_by, cached=True
        )

    def foreign_layer(self, diff_id: Digest, archive: Callable[[], BinaryIO]) -> Descriptor:
        """Store an uncompressed layer that somebody else made; `archive` opens its tar stream.

        Raises `TrustError` when the stream does not have the diff ID.
        """
        key = self._key_of(str(diff_id))
        known = self._known(key)
        if known is not None and known[1] == diff_id:
            return known[0]
        with archive() as stream:
            descriptor, found = self._store(chunks_of(stream))
        if found != diff_id:
            raise TrustError(f"a layer has the diff ID {found.short}, not {diff_id.short}")
        self._cache.put_record(LAYER_RECORD, key, _to_json(descriptor, diff_id))
        return descriptor

    def _key(self, recipe: LayerRecipe) -> str:
        return self._key_of(f"{recipe.key}\n{_ARCHIVE_FORMAT}")

    def _key_of(self, archive: str) -> str:
        """What stands for the stored bytes: `archive`, which stands for the tar stream, and the codec."""
        return Digest.of(f"{archive}\n{self._codec.name}".encode()).hex

    def _known(self, key: str) -> tuple[Descriptor, Digest] | None:
        """The layer that was made from the recipe before, if its blob is still there."""
        record = self._cache.record(LAYER_RECORD, key)
        known = None if record is None else read_layer_record(record)
        if known is None:
            return None
        return known if whole_blob(self._cache, known[0]) else None

    def _store(self, archive: Iterable[bytes]) -> tuple[Descriptor, Digest]:
        """Compress and digest in one pass: the archive is made and hashed in a thread of its own."""
        uncompressed = hashlib.sha256()

        def hashed_archive() -> Iterator[bytes | memoryview]:
            for chunk in equal_chunks(archive):
                uncompressed.update(chunk)
                yield chunk

        sizes: list[int] = []

        def stored() -> Iterator[bytes]:
            for chunk in self._codec.compress(read_ahead(hashed_archive())):
                sizes.append(len(chunk))
                yield chunk

        digest = self._cache.add(stream_of(stored()))
        descriptor = Descriptor(media_type=self._codec.media_type, digest=digest, size=sum(sizes))
        return descriptor, Digest.from_hex(uncompressed.hexdigest())


def _to_json(descriptor: Descriptor, diff_id: Digest) -> bytes:
    return canonical_json({"descriptor": descriptor.to_json(), "diff_id": str(diff_id)})


def read_layer_record(record: bytes) -> tuple[Descriptor, Digest] | None:
    """What a record says; None for one that cannot be read: the layer is made again then."""
    try:
        document = Document.parse(record, "layer record")
        return Descriptor.from_json(document.section("descriptor")), Digest.parse(document.text("diff_id"))
    except ArchiveError:
        return None
