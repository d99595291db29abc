"""Image archives: one tar file for `docker load`, containerd, podman and skopeo alike.

The *hybrid* form is an OCI layout as tar, with a `manifest.json` of Docker's older form that points into the same
blobs. Docker's classic store refuses a layout alone; the containerd store keeps the digest only of a layout.
"""

from __future__ import annotations

from collections.abc import Container, Iterator, Sequence
from pathlib import Path

from packer.oci.archive import tar_chunks
from packer.oci.digest import Digest
from packer.oci.document import canonical_json
from packer.oci.entry import Content, Entry
from packer.oci.image import Image
from packer.oci.index import Index
from packer.oci.platform import Platform
from packer.oci.platform_images import PlatformImages
from packer.oci.reference import Reference
from packer.store.blobs import verified_blobs
from packer.store.cache import BlobCache
from packer.store.naming import DOCKER_MANIFEST, INDEX_FILE, LAYOUT_FILE, LAYOUT_TEXT, blob_path, extended, named
from packer.system.files import replacing

__all__ = ["archive_chunks", "write_archive"]


def write_archive(
    target: Path, images: PlatformImages, references: Sequence[Reference], cache: BlobCache, *, host: Platform
) -> None:
    """Write a hybrid archive; the file appears when it is whole. Raises as `archive_chunks` does."""
    with replacing(target) as stream:
        stream.writelines(archive_chunks(images, references, cache, host=host))


def archive_chunks(
    images: PlatformImages,
    references: Sequence[Reference],
    cache: BlobCache,
    *,
    host: Platform,
    omitted: Container[Digest] = frozenset(),
) -> Iterator[bytes]:
    """A hybrid archive as a stream, for a file or for an engine's load request.

    Args:
        images: what to write. All platforms stand in index.json.
        references: its names, as they stand: one without a tag is `latest`.
        cache: has the layers.
        host: whose image stands in manifest.json, which can name only one.
        omitted: blobs of layers that the reader has and does not look for: Docker's classic store asks only for the
            layers that it lacks.

    Raises:
        BuildError: a layer is gone from the cache, or was damaged there.
    """
    index = Index(manifests=tuple(extended((), named(images.descriptor, references))))
    documents = {
        LAYOUT_FILE: LAYOUT_TEXT,
        INDEX_FILE: index.to_json(),
        DOCKER_MANIFEST: canonical_json([_docker_entry(images.best_for(host), references)]),
        **{blob_path(digest): document for digest, document in images.documents.items()},
    }
    entries = [Entry.file(path, document) for path, document in documents.items()]
    sent = {digest: descriptor for digest, descriptor in images.layers.items() if digest not in omitted}
    blobs = verified_blobs(cache, sent.values())
    for digest, descriptor in sent.items():
        entries.append(Entry.file(blob_path(digest), _content(blobs[digest], descriptor.size)))
    return tar_chunks(entries)


def _content(blob: Path, size: int) -> Content:
    return Content(size, lambda: blob.open("rb"))


def _docker_entry(image: Image, references: Sequence[Reference]) -> dict[str, object]:
    return {
        "Config": blob_path(image.config_descriptor.digest),
        "RepoTags": [reference.tagged.familiar for reference in references],
        "Layers": [blob_path(layer.descriptor.digest) for layer in image.layers],
    }
