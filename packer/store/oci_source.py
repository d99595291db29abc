"""Reading an image of OCI form, from a folder or an archive, as a base."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import BinaryIO, Protocol

from packer.errors import ArchiveError, PackError, PlatformError, TrustError, UsageError
from packer.oci.config import ImageConfig
from packer.oci.descriptor import (
    MEDIA_TYPE_INDEX,
    MEDIA_TYPE_LAYER,
    MEDIA_TYPE_LAYER_GZIP,
    MEDIA_TYPE_LAYER_ZSTD,
    MEDIA_TYPE_MANIFEST,
    Descriptor,
)
from packer.oci.digest import Digest
from packer.oci.document import MAX_DOCUMENT_BYTES
from packer.oci.image import BaseImage, base_layers
from packer.oci.index import Index
from packer.oci.manifest import Manifest
from packer.oci.platform import Platform
from packer.oci.reference import Reference
from packer.store.blobs import whole_blob
from packer.store.cache import BlobCache
from packer.store.naming import INDEX_FILE, NAME, REF_NAME, blob_path

__all__ = ["Contents", "located", "read_document", "read_oci_base"]

_DEEPEST_INDEX = 4
_LAYER_TYPES = frozenset({MEDIA_TYPE_LAYER, MEDIA_TYPE_LAYER_GZIP, MEDIA_TYPE_LAYER_ZSTD})


class Contents(Protocol):
    """Files by their path: a folder, or an archive."""

    def open(self, path: str) -> BinaryIO | None:
        """A stream of the file's bytes; None when there is no such regular file."""
        ...


def read_oci_base(
    contents: Contents, *, platform: Platform, name: str | None, cache: BlobCache, where: str
) -> BaseImage:
    """The image of that name for the platform, its layers put into the cache.

    Every blob is compared with its digest. Raises `UsageError` when the name is missing or not there, `ArchiveError`
    for what is broken, `TrustError` for bytes that are not the ones named; each says `where`.
    """
    with located(where):
        index = Index.from_json(read_document(contents, INDEX_FILE))
        descriptor = _manifest_for(contents, _named(index, name), platform)
        manifest = Manifest.from_json(_blob(contents, descriptor))
        config = ImageConfig.from_json(_blob(contents, manifest.config))
        if not platform.runs(config.platform):
            raise PlatformError(f"the image is for {config.platform}, not for {platform}")
        layers = base_layers(manifest, config)
        for layer in layers:
            _import_layer(contents, layer.descriptor, cache)
        return BaseImage(config=config, layers=layers, digest=descriptor.digest, name=where.rpartition("/")[2])


@contextmanager
def located(where: str) -> Iterator[None]:
    """Say where an error happened that does not say so itself."""
    try:
        yield
    except PackError as error:
        error.where = error.where or where
        raise


def read_document(contents: Contents, path: str) -> bytes:
    """A JSON file, whole. Raises `ArchiveError` when it is missing or too large."""
    stream = contents.open(path)
    if stream is None:
        raise ArchiveError(f"{path} is missing")
    with stream:
        content = stream.read(MAX_DOCUMENT_BYTES + 1)
    if len(content) > MAX_DOCUMENT_BYTES:
        raise ArchiveError(f"{path} is larger than {MAX_DOCUMENT_BYTES} bytes")
    return content


def _named(index: Index, name: str | None) -> Index:
    """The entries of an index.json that a name means; without a name all, if they are one image's.

    Artifacts, which stand beside images, do not count.
    """
    index = Index(manifests=tuple(one for one in index.manifests if not one.artifact_type))
    names = {one.annotations.get(NAME) or one.annotations.get(REF_NAME) or "" for one in index.manifests}
    if name is None:
        if len({one.digest for one in index.manifests}) > 1 and len(names) > 1:
            there = ", ".join(sorted(filter(None, names)))
            raise UsageError("there are several images", hint=f"add :NAME to the path; there are: {there}")
        return index
    spellings = {name, _complete(name)}
    wanted = [
        one
        for one in index.manifests
        if not spellings.isdisjoint({one.annotations.get(REF_NAME), one.annotations.get(NAME)})
    ]
    if not wanted:
        there = ", ".join(sorted(filter(None, names))) or "none with a name"
        raise UsageError(f"there is no image {name!r}", hint=f"there are: {there}")
    return Index(manifests=tuple(wanted))


def _complete(name: str) -> str:
    """A short reference as annotations spell it; anything else as it is."""
    try:
        return str(Reference.parse(name).tagged)
    except UsageError:
        return name


def _manifest_for(contents: Contents, index: Index, platform: Platform) -> Descriptor:
    """The platform's manifest, through indexes within indexes."""
    for _ in range(_DEEPEST_INDEX):
        # Several names of one image are one choice.
        distinct = Index(manifests=tuple({one.digest: one for one in index.manifests}.values()))
        nested = [one for one in distinct.manifests if one.media_type == MEDIA_TYPE_INDEX]
        descriptor = nested[0] if nested else distinct.choose(platform)
        if descriptor.media_type == MEDIA_TYPE_MANIFEST:
            return descriptor
        if descriptor.media_type != MEDIA_TYPE_INDEX:
            raise ArchiveError(f"this is no image but {descriptor.media_type}")
        index = Index.from_json(_blob(contents, descriptor))
    raise ArchiveError("indexes lie too deep in each other")


def _blob(contents: Contents, descriptor: Descriptor) -> bytes:
    content = read_document(contents, blob_path(descriptor.digest))
    if Digest.of(content) != descriptor.digest:
        raise TrustError(f"the blob {descriptor.digest.short} does not have its digest")
    return content


def _import_layer(contents: Contents, descriptor: Descriptor, cache: BlobCache) -> None:
    if descriptor.media_type not in _LAYER_TYPES:
        raise ArchiveError(f"pack cannot build on a layer of type {descriptor.media_type}")
    if whole_blob(cache, descriptor):
        return
    stream = contents.open(blob_path(descriptor.digest))
    if stream is None:
        raise ArchiveError(f"the layer {descriptor.digest.short} is missing")
    with stream:
        try:
            cache.add(stream, expected=descriptor.digest)
        except TrustError as error:
            raise TrustError(f"the layer {descriptor.digest.short} does not have its digest") from error
    if not whole_blob(cache, descriptor):
        raise ArchiveError(f"the layer {descriptor.digest.short} does not have its size")
