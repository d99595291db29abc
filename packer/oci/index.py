"""Image indexes: one name, an image for each platform.

Specification: https://github.com/opencontainers/image-spec/blob/main/image-index.md
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from msgspec import Struct, field

from packer.errors import ArchiveError, PlatformError
from packer.oci.descriptor import MEDIA_TYPE_INDEX, Descriptor, media_type_in_oci
from packer.oci.document import Document, canonical_json
from packer.oci.platform import Platform

__all__ = ["Index"]


class Index(Struct, frozen=True, kw_only=True):
    """An image index. Docker's manifest list is read as its OCI equivalent."""

    manifests: tuple[Descriptor, ...]
    annotations: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))

    @classmethod
    def from_json(cls, content: bytes) -> Index:
        """Read an index. Raises `ArchiveError` for a broken one."""
        document = Document.parse(content, "image index")
        media_type = media_type_in_oci(document.text("mediaType", MEDIA_TYPE_INDEX))
        if media_type != MEDIA_TYPE_INDEX or "manifests" not in document.fields:
            raise ArchiveError("this is not an image index")
        return cls(
            manifests=tuple(Descriptor.from_json(manifest) for manifest in document.sections("manifests")),
            annotations=MappingProxyType(document.text_map("annotations")),
        )

    def to_json(self) -> bytes:
        """The index's canonical bytes."""
        fields: dict[str, object] = {
            "schemaVersion": 2,
            "mediaType": MEDIA_TYPE_INDEX,
            "manifests": [manifest.to_json() for manifest in self.manifests],
        }
        if self.annotations:
            fields["annotations"] = dict(self.annotations)
        return canonical_json(fields)

    def choose(self, platform: Platform) -> Descriptor:
        """The manifest for a platform: the same one, else the best that it runs.

        Attestations (`unknown/unknown`) are passed over; a lone manifest that names no platform is taken at its word.
        Raises `ArchiveError` naming the platforms there are.
        """
        images = [one for one in self.manifests if one.platform is None or one.platform.architecture != "unknown"]
        fitting = [
            (one.platform == platform, one.platform.variant or "", position)
            for position, one in enumerate(images)
            if one.platform is not None and platform.runs(one.platform)
        ]
        if fitting:
            return images[max(fitting)[2]]
        if len(images) == 1 and images[0].platform is None:
            return images[0]
        there = ", ".join(sorted({str(one.platform) for one in images if one.platform})) or "none"
        raise PlatformError(f"there is no image for {platform}", hint=f"choose a platform that is there: {there}")
