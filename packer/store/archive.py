"""Image archives: one tar file for `docker load`, containerd, podman and skopeo alike.

Written is the *hybrid* form: an OCI layout as tar, with a `manifest.json` of Docker's older form that points into the
same blobs. Docker's classic store refuses a layout alone; the containerd store keeps the digest only of a layout.
Read are hybrids, OCI archives and what `docker save` has written since 1.10, gzipped or not.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from packer.errors import ArchiveError, UsageError
from packer.oci.archive import tar_chunks
from packer.oci.document import canonical_json
from packer.oci.entry import Content, Entry
from packer.oci.image import BaseImage, Image
from packer.oci.index import Index
from packer.oci.platform import Platform
from packer.oci.platform_images import PlatformImages
from packer.oci.reference import Reference
from packer.store.blobs import stored_blob
from packer.store.cache import BlobCache
from packer.store.docker_archive import DOCKER_MANIFEST, read_docker_base
from packer.store.layers import DiskLayerCache
from packer.store.naming import INDEX_FILE, LAYOUT_FILE, LAYOUT_TEXT, blob_path, extended, named
from packer.store.oci_source import read_oci_base
from packer.store.tar_contents import open_archive
from packer.system.files import replacing

__all__ = ["archive_chunks", "read_archive", "write_archive"]


def write_archive(
    target: Path, images: PlatformImages, references: Sequence[Reference], cache: BlobCache, *, host: Platform
) -> None:
    """Write a hybrid archive; the file appears when it is whole. Raises as `archive_chunks` does."""
    with replacing(target) as stream:
        stream.writelines(archive_chunks(images, references, cache, host=host))


def archive_chunks(
    images: PlatformImages, references: Sequence[Reference], cache: BlobCache, *, host: Platform
) -> Iterator[bytes]:
    """A hybrid archive as a stream, for a file or for an engine's load request.

    Args:
        images: what to write. All platforms stand in index.json.
        references: its names, as they stand: one without a tag is `latest`.
        cache: has the layers.
        host: whose image stands in manifest.json, which can name only one.

    Raises:
        BuildError: a layer is gone from the cache.
    """
    index = Index(manifests=tuple(extended((), named(images.descriptor, references))))
    documents = {
        LAYOUT_FILE: LAYOUT_TEXT,
        INDEX_FILE: index.to_json(),
        DOCKER_MANIFEST: canonical_json([_docker_entry(images.best_for(host), references)]),
        **{blob_path(digest): document for digest, document in images.documents.items()},
    }
    entries = [Entry.file(path, document) for path, document in documents.items()]
    for digest, descriptor in images.layers.items():
        blob = stored_blob(cache, descriptor)
        entries.append(Entry.file(blob_path(digest), _content(blob, descriptor.size)))
    return tar_chunks(entries)


def _content(blob: Path, size: int) -> Content:
    return Content(size, lambda: blob.open("rb"))


def _docker_entry(image: Image, references: Sequence[Reference]) -> dict[str, object]:
    return {
        "Config": blob_path(image.config_descriptor.digest),
        "RepoTags": [reference.tagged.familiar for reference in references],
        "Layers": [blob_path(layer.descriptor.digest) for layer in image.layers],
    }


def read_archive(path: str, *, platform: Platform, cache: BlobCache, layers: DiskLayerCache) -> BaseImage:
    """Read an image from an archive as a base; its layers are put into the cache.

    Args:
        path: the file, or `file:name` where name is a tag or a reference in it.
        platform: what to choose where there are several.
        cache: takes stored layers as they are.
        layers: takes uncompressed ones, and compresses them.

    Raises:
        UsageError: there is no such file or image, or several and none was named.
        ArchiveError: it is broken, or not for the platform.
        TrustError: a blob has not its digest.
    """
    file, name = _split(path)
    if not file.is_file():
        raise UsageError("there is no such image archive", where=path)
    with open_archive(file, scratch=cache.root / "tmp") as contents:
        if contents.has(INDEX_FILE):
            return read_oci_base(contents, platform=platform, name=name, cache=cache, where=path)
        if contents.has(DOCKER_MANIFEST):
            return read_docker_base(contents, platform=platform, name=name, layers=layers, where=path)
    raise ArchiveError("this is no image archive: it has neither index.json nor manifest.json", where=path)


def _split(path: str) -> tuple[Path, str | None]:
    """The file and the image's name in it: a file that is there may have colons in its own name."""
    file = path
    while not Path(file).is_file() and ":" in file:
        file = file.rpartition(":")[0]
    return Path(file), path[len(file) + 1 :] or None
