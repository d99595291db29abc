"""Reading what `docker save` writes: a manifest.json that names a config and uncompressed (or gzipped) layers.

Format: https://github.com/moby/docker-image-spec/blob/main/spec.md#combined-image-json--filesystem-changeset-format
"""

from __future__ import annotations

from collections.abc import Sequence
from gzip import GzipFile
from typing import BinaryIO, cast

from packer.errors import ArchiveError, PlatformError, UsageError
from packer.oci.config import ImageConfig
from packer.oci.descriptor import MEDIA_TYPE_CONFIG, Descriptor
from packer.oci.digest import Digest
from packer.oci.document import Document
from packer.oci.image import BaseImage, base_layers
from packer.oci.manifest import Manifest
from packer.oci.platform import Platform
from packer.oci.reference import Reference
from packer.store.layers import DiskLayerCache
from packer.store.naming import DOCKER_MANIFEST
from packer.store.oci_source import Contents, located, read_document

__all__ = ["read_docker_base"]

_GZIP_MAGIC = b"\x1f\x8b"
_ZSTD_MAGIC = b"\x28\xb5\x2f\xfd"


def read_docker_base(
    contents: Contents, *, platform: Platform, name: str | None, layers: DiskLayerCache, where: str
) -> BaseImage:
    """The image of that name, its layers put into the cache and compared with the config's diff IDs.

    Such an archive has no manifest of OCI form; the base's digest is that of the one that is made for it here.
    Raises `UsageError`, `ArchiveError` or `TrustError`, each saying `where`.
    """
    with located(where):
        entry = _named(Document.parse_list(read_document(contents, DOCKER_MANIFEST), DOCKER_MANIFEST), name)
        content = read_document(contents, entry.text("Config"))
        config = ImageConfig.from_json(content)
        if not platform.runs(config.platform):
            raise PlatformError(f"the image is for {config.platform}, not for {platform}")
        files = entry.texts("Layers")
        if len(files) != len(config.diff_ids):
            raise ArchiveError(f"the image has {len(files)} layers, its config {len(config.diff_ids)}")
        stored = tuple(_layer(contents, *pair, layers) for pair in zip(files, config.diff_ids, strict=True))
        described = Descriptor(media_type=MEDIA_TYPE_CONFIG, digest=Digest.of(content), size=len(content))
        manifest = Manifest(config=described, layers=stored)
        digest = Digest.of(manifest.to_json())
        return BaseImage(
            config=config, layers=base_layers(manifest, config), digest=digest, name=where.rpartition("/")[2]
        )


def _named(entries: Sequence[Document], name: str | None) -> Document:
    if name is None and len(entries) == 1:
        return entries[0]
    tags = sorted({tag for entry in entries for tag in entry.texts("RepoTags")})
    if name is None:
        raise UsageError("there are several images", hint=f"add :NAME to the path; there are: {', '.join(tags)}")
    wanted = Reference.parse(name).tagged
    for entry in entries:
        if wanted in (Reference.parse(tag).tagged for tag in entry.texts("RepoTags")):
            return entry
    raise UsageError(f"there is no image {name!r}", hint=f"there are: {', '.join(tags) or 'none with a name'}")


def _layer(contents: Contents, file: str, diff_id: Digest, layers: DiskLayerCache) -> Descriptor:
    def tar_stream() -> BinaryIO:
        stream = contents.open(file)
        if stream is None:
            raise ArchiveError(f"the layer {file} is missing")
        magic = stream.read(4)
        stream.seek(0)
        if magic == _ZSTD_MAGIC:
            raise ArchiveError(f"the layer {file} is compressed by zstd", hint="save it as an OCI archive")
        return cast("BinaryIO", GzipFile(fileobj=stream)) if magic.startswith(_GZIP_MAGIC) else stream

    return layers.foreign_layer(diff_id, tar_stream)
