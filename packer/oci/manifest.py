"""Image manifests: the config and the layers of one image for one platform.

Specification: https://github.com/opencontainers/image-spec/blob/main/manifest.md
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from msgspec import Struct, field

from packer.errors import ArchiveError
from packer.oci.descriptor import MEDIA_TYPE_CONFIG, MEDIA_TYPE_MANIFEST, Descriptor, media_type_in_oci
from packer.oci.document import Document, canonical_json

__all__ = ["Manifest"]


class Manifest(Struct, frozen=True, kw_only=True):
    """An image manifest. Docker's schema 2 is read as its OCI equivalent."""

    config: Descriptor
    layers: tuple[Descriptor, ...]
    annotations: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))

    @classmethod
    def from_json(cls, content: bytes) -> Manifest:
        """Read a manifest. Raises `ArchiveError` for a broken one, another schema, or an artifact without a config."""
        document = Document.parse(content, "image manifest")
        media_type = media_type_in_oci(document.text("mediaType", MEDIA_TYPE_MANIFEST))
        if document.number("schemaVersion") != 2 or media_type != MEDIA_TYPE_MANIFEST:
            raise ArchiveError(
                f"this is no image manifest of version 2, but {media_type}",
                hint="images of Docker before 1.10 must be pulled and pushed again by a newer Docker",
            )
        config = Descriptor.from_json(document.section("config"))
        if config.media_type != MEDIA_TYPE_CONFIG:
            raise ArchiveError(f"this is not a container image: its config is {config.media_type}")
        return cls(
            config=config,
            layers=tuple(Descriptor.from_json(layer) for layer in document.sections("layers")),
            annotations=MappingProxyType(document.text_map("annotations")),
        )

    def to_json(self) -> bytes:
        """The manifest's canonical bytes."""
        fields: dict[str, object] = {
            "schemaVersion": 2,
            "mediaType": MEDIA_TYPE_MANIFEST,
            "config": self.config.to_json(),
            "layers": [layer.to_json() for layer in self.layers],
        }
        if self.annotations:
            fields["annotations"] = dict(self.annotations)
        return canonical_json(fields)
