"""Content descriptors and the media types that pack writes.

Specification: https://github.com/opencontainers/image-spec/blob/main/descriptor.md
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from packer.oci.digest import Digest
from packer.oci.platform import Platform

__all__ = ["MEDIA_TYPE_CONFIG", "MEDIA_TYPE_INDEX", "MEDIA_TYPE_LAYER_GZIP", "MEDIA_TYPE_LAYER_ZSTD",
           "MEDIA_TYPE_MANIFEST", "Descriptor"]  # fmt: skip

MEDIA_TYPE_INDEX = "application/vnd.oci.image.index.v1+json"
MEDIA_TYPE_MANIFEST = "application/vnd.oci.image.manifest.v1+json"
MEDIA_TYPE_CONFIG = "application/vnd.oci.image.config.v1+json"
MEDIA_TYPE_LAYER_GZIP = "application/vnd.oci.image.layer.v1.tar+gzip"
MEDIA_TYPE_LAYER_ZSTD = "application/vnd.oci.image.layer.v1.tar+zstd"

_NO_ANNOTATIONS: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True, slots=True, kw_only=True)
class Descriptor:
    """What a blob is, its digest and its size in bytes."""

    media_type: str
    digest: Digest
    size: int
    annotations: Mapping[str, str] = field(default_factory=lambda: _NO_ANNOTATIONS)
    platform: Platform | None = None
