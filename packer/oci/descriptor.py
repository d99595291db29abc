"""Content descriptors and the media types that pack writes.

Specification: https://github.com/opencontainers/image-spec/blob/main/descriptor.md
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from msgspec import Struct, field

from packer.errors import ArchiveError
from packer.oci.digest import Digest
from packer.oci.document import Document
from packer.oci.platform import Platform

__all__ = [
    "MEDIA_TYPE_CONFIG",
    "MEDIA_TYPE_INDEX",
    "MEDIA_TYPE_LAYER",
    "MEDIA_TYPE_LAYER_GZIP",
    "MEDIA_TYPE_LAYER_ZSTD",
    "MEDIA_TYPE_MANIFEST",
    "Descriptor",
    "is_distributed",
    "media_type_in_oci",
]

MEDIA_TYPE_INDEX = "application/vnd.oci.image.index.v1+json"
MEDIA_TYPE_MANIFEST = "application/vnd.oci.image.manifest.v1+json"
MEDIA_TYPE_CONFIG = "application/vnd.oci.image.config.v1+json"
MEDIA_TYPE_LAYER = "application/vnd.oci.image.layer.v1.tar"
MEDIA_TYPE_LAYER_GZIP = "application/vnd.oci.image.layer.v1.tar+gzip"
MEDIA_TYPE_LAYER_ZSTD = "application/vnd.oci.image.layer.v1.tar+zstd"

_OCI = "application/vnd.oci."
_DOCKER = "application/vnd.docker."
_DOCKER_EQUIVALENTS = {
    f"{_DOCKER}distribution.manifest.list.v2+json": MEDIA_TYPE_INDEX,
    f"{_DOCKER}distribution.manifest.v2+json": MEDIA_TYPE_MANIFEST,
    f"{_DOCKER}container.image.v1+json": MEDIA_TYPE_CONFIG,
    f"{_DOCKER}image.rootfs.diff.tar": MEDIA_TYPE_LAYER,
    f"{_DOCKER}image.rootfs.diff.tar.gzip": MEDIA_TYPE_LAYER_GZIP,
    f"{_DOCKER}image.rootfs.diff.tar.zstd": MEDIA_TYPE_LAYER_ZSTD,
}

_NO_ANNOTATIONS: Mapping[str, str] = MappingProxyType({})


def media_type_in_oci(media_type: str) -> str:
    """The OCI name of a media type that Docker names otherwise (the bytes are the same); others as they are."""
    return _DOCKER_EQUIVALENTS.get(media_type, media_type)


def is_distributed(media_type: str) -> bool:
    """Whether registries have such blobs. Those of Windows bases are only named: they are at their owner's.

    >>> is_distributed("application/vnd.docker.image.rootfs.foreign.diff.tar.gzip"), is_distributed(MEDIA_TYPE_LAYER)
    (False, True)
    """
    return not media_type.startswith((f"{_DOCKER}image.rootfs.foreign.", f"{_OCI}image.layer.nondistributable."))


class Descriptor(Struct, frozen=True, kw_only=True):
    """What a blob is, its digest and its size in bytes.

    `artifact_type` says what the manifest of an artifact holds; it is empty for everything else.
    """

    media_type: str
    digest: Digest
    size: int
    annotations: Mapping[str, str] = field(default_factory=lambda: _NO_ANNOTATIONS)
    platform: Platform | None = None
    artifact_type: str = ""

    @classmethod
    def from_json(cls, document: Document) -> Descriptor:
        """Read a descriptor; Docker's media types become the OCI ones. Raises `ArchiveError` for a broken one."""
        size = document.number("size", -1)
        if size < 0:
            raise ArchiveError(f"the {document.what} has no size")
        platform = document.section("platform")
        return cls(
            media_type=media_type_in_oci(document.text("mediaType")),
            digest=Digest.parse(document.text("digest")),
            size=size,
            annotations=MappingProxyType(document.text_map("annotations")),
            platform=Platform.from_json(platform) if platform.fields else None,
            artifact_type=document.text("artifactType"),
        )

    def to_json(self) -> dict[str, object]:
        """The descriptor's JSON object."""
        fields: dict[str, object] = {"mediaType": self.media_type, "digest": str(self.digest), "size": self.size}
        if self.artifact_type:
            fields["artifactType"] = self.artifact_type
        if self.annotations:
            fields["annotations"] = dict(self.annotations)
        if self.platform is not None:
            fields["platform"] = self.platform.to_json()
        return fields
