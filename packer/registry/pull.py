"""Pull: a manifest for the platform, and the blobs that are not here yet; every byte compared with its digest."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from io import BytesIO

from packer.errors import ArchiveError, PlatformError, RegistryError
from packer.oci.config import ImageConfig
from packer.oci.descriptor import (
    MEDIA_TYPE_INDEX,
    MEDIA_TYPE_MANIFEST,
    Descriptor,
    is_distributed,
    media_type_in_oci,
)
from packer.oci.digest import Digest
from packer.oci.document import MAX_DOCUMENT_BYTES, Document
from packer.oci.image import Image, base_layers
from packer.oci.index import Index
from packer.oci.manifest import Manifest
from packer.oci.platform import Platform
from packer.registry.problem import RefusedError
from packer.registry.repository import Repository, StoredManifest
from packer.registry.watch import Watch
from packer.store.blobs import whole_blob
from packer.store.cache import BlobCache
from packer.system.chunks import stream_of
from packer.system.files import read_regular

__all__ = ["fetch_blob", "find_image", "pull"]

_WORKERS = 4
_DEEPEST_INDEX = 4
_FIRST_SCHEMA = frozenset(f"application/vnd.docker.distribution.manifest.v1+{kind}" for kind in ("json", "prettyjws"))


def pull(repository: Repository, reference: str, platform: Platform, cache: BlobCache, *, watch: Watch) -> Image:
    """The image for a platform behind a tag or digest, with all its blobs in the cache.

    Raises:
        RegistryError: there is none, or we may not have it.
        TransientError: the registry does not answer in spite of all attempts.
        TrustError: bytes are not what their digest says.
        ArchiveError: it is no image, or none for the platform.
    """
    image = find_image(repository, reference, platform, cache)
    with ThreadPoolExecutor(_WORKERS, thread_name_prefix="pull") as threads:
        blobs = {layer.descriptor.digest: layer.descriptor for layer in image.layers}  # the same may stand twice
        list(threads.map(lambda blob: fetch_blob(repository, blob, cache, watch=watch), blobs.values()))
    return image


def find_image(repository: Repository, reference: str, platform: Platform, cache: BlobCache) -> Image:
    """The image without its layers' blobs: manifest and config only. Raises as `pull`."""
    stored = _chosen(repository, reference, platform, cache)
    manifest = Manifest.from_json(stored.content)
    config = _document(repository, manifest.config, cache)
    parsed = ImageConfig.from_json(config)
    if not platform.runs(parsed.platform):
        raise PlatformError(
            f"{_named(repository, reference)} is for {parsed.platform}, not for {platform}",
            hint=f"choose its platform: --platform {parsed.platform}",
        )
    return Image(manifest=stored.content, config=config, layers=base_layers(manifest, parsed), platform=parsed.platform)


def _chosen(repository: Repository, reference: str, platform: Platform, cache: BlobCache) -> StoredManifest:
    """The manifest for a platform, through indexes."""
    for _ in range(_DEEPEST_INDEX):
        stored = _manifest(repository, reference, cache)
        if stored is None:
            what = f"{repository.session.endpoint.registry} has no {_named(repository, reference)}"
            where = f"GET {repository.session.endpoint.url}/v2/{repository.name}/manifests/{reference}"
            raise RegistryError(what, where=where, hint="check the name and the tag; private images need: pack login")
        if stored.descriptor.media_type in _FIRST_SCHEMA:
            what = f"{_named(repository, reference)} is an image of Docker before 1.10"
            raise ArchiveError(what, hint="pull and push it again by a newer Docker")
        if media_type_in_oci(stored.descriptor.media_type) != MEDIA_TYPE_INDEX:
            return stored
        reference = str(Index.from_json(stored.content).choose(platform).digest)
    raise ArchiveError(f"the indexes of {repository.name} lead to one another more than {_DEEPEST_INDEX} times")


def _named(repository: Repository, reference: str) -> str:
    """`shop:1`, `shop@sha256:…`."""
    return f"{repository.name}{'@' if ':' in reference else ':'}{reference}"


def _manifest(repository: Repository, reference: str, cache: BlobCache) -> StoredManifest | None:
    """A manifest by tag or digest, kept in the cache; one by digest is taken from there."""
    path = cache.path(Digest.parse(reference)) if ":" in reference else None
    content = read_regular(path, limit=MAX_DOCUMENT_BYTES) if path else None
    if content is not None and str(Digest.of(content)) == reference:
        kind = Document.parse(content, "manifest").text("mediaType", MEDIA_TYPE_MANIFEST)
        descriptor = Descriptor(media_type=kind, digest=Digest.parse(reference), size=len(content))
        return StoredManifest(descriptor=descriptor, content=content)
    stored = repository.manifest(reference)
    if stored is not None:
        cache.add(BytesIO(stored.content), expected=stored.descriptor.digest)
    return stored


def fetch_blob(repository: Repository, descriptor: Descriptor, cache: BlobCache, *, watch: Watch) -> None:
    """Put a blob into the cache, unless it is there."""
    name = f"layer {descriptor.digest.short}"
    if whole_blob(cache, descriptor) is not None:
        watch.passed(name, descriptor.size, "here already")
        return
    with watch.sending(name, descriptor.size) as received, _explained(descriptor):
        cache.add(stream_of(_watched(repository, descriptor, received)), expected=descriptor.digest)


@contextmanager
def _explained(descriptor: Descriptor) -> Iterator[None]:
    """Say why a registry lacks a layer that it only names.

    The addresses that it names instead are not followed: they would have this machine ask anybody for anything.
    """
    try:
        yield
    except RefusedError as error:
        if is_distributed(descriptor.media_type):
            raise
        raise RegistryError(
            f"the layer {descriptor.digest.short} is one that registries do not hand on ({descriptor.media_type})",
            where=error.where,
            hint="choose another base, or push the image once with that layer, where its licence allows it",
        ) from error


def _watched(repository: Repository, descriptor: Descriptor, received: Callable[[int], None]) -> Iterator[bytes]:
    for chunk in repository.blob(descriptor):
        received(len(chunk))
        yield chunk


def _document(repository: Repository, descriptor: Descriptor, cache: BlobCache) -> bytes:
    """A small blob, from the cache or the registry, compared with its digest."""
    path = whole_blob(cache, descriptor)
    if path is None or Digest.of(path.read_bytes()) != descriptor.digest:
        content = b"".join(repository.blob(descriptor))
        cache.add(BytesIO(content), expected=descriptor.digest)
        return content
    return path.read_bytes()
