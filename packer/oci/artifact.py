"""Artifacts: documents that stand beside an image and name it as their subject.

Specification: https://github.com/opencontainers/image-spec/blob/main/manifest.md#guidelines-for-artifact-usage
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from msgspec import Struct, field

from packer.errors import ArchiveError
from packer.oci.descriptor import MEDIA_TYPE_MANIFEST, Descriptor
from packer.oci.digest import Digest
from packer.oci.document import Document, canonical_json

__all__ = ["EMPTY", "EMPTY_CONFIG", "MEDIA_TYPE_EMPTY", "Artifact", "ArtifactManifest", "attached_document"]

MEDIA_TYPE_EMPTY = "application/vnd.oci.empty.v1+json"
EMPTY = b"{}"
"""The content of a config that has nothing to say."""
EMPTY_CONFIG = Descriptor(media_type=MEDIA_TYPE_EMPTY, digest=Digest.of(EMPTY), size=len(EMPTY))
_NO_ANNOTATIONS: Mapping[str, str] = MappingProxyType({})


class ArtifactManifest(Struct, frozen=True, kw_only=True):
    """The manifest of an artifact. Its config is the empty one.

    Attributes:
        artifact_type: the media type of what it is.
        layers: its content, at least one blob.
        subject: the manifest or index that it is about; None for an artifact that stands alone.
        annotations: of the manifest.
    """

    artifact_type: str
    layers: tuple[Descriptor, ...]
    subject: Descriptor | None = None
    annotations: Mapping[str, str] = field(default_factory=lambda: _NO_ANNOTATIONS)

    @classmethod
    def from_json(cls, content: bytes) -> ArtifactManifest:
        """Read a manifest. Raises `ArchiveError` for a broken one, and for that of an image."""
        document = Document.parse(content, "artifact manifest")
        artifact_type = document.text("artifactType") or Descriptor.from_json(document.section("config")).media_type
        layers = tuple(Descriptor.from_json(layer) for layer in document.sections("layers"))
        if document.text("mediaType", MEDIA_TYPE_MANIFEST) != MEDIA_TYPE_MANIFEST or not layers:
            raise ArchiveError("this is not the manifest of an artifact")
        subject = document.section("subject")
        return cls(
            artifact_type=artifact_type,
            layers=layers,
            subject=Descriptor.from_json(subject) if subject.fields else None,
            annotations=MappingProxyType(document.text_map("annotations")),
        )

    def to_json(self) -> bytes:
        """The manifest's canonical bytes."""
        fields: dict[str, object] = {
            "schemaVersion": 2,
            "mediaType": MEDIA_TYPE_MANIFEST,
            "artifactType": self.artifact_type,
            "config": EMPTY_CONFIG.to_json(),
            "layers": [layer.to_json() for layer in self.layers],
        }
        if self.subject is not None:
            bare = Descriptor(media_type=self.subject.media_type, digest=self.subject.digest, size=self.subject.size)
            fields["subject"] = bare.to_json()
        if self.annotations:
            fields["annotations"] = dict(self.annotations)
        return canonical_json(fields)


class Artifact(Struct, frozen=True, kw_only=True):
    """An artifact in memory: its manifest's bytes, and every blob that it names, the empty config included."""

    manifest: bytes
    blobs: Mapping[Digest, bytes]

    @property
    def parsed(self) -> ArtifactManifest:
        """What the manifest says."""
        return ArtifactManifest.from_json(self.manifest)

    @property
    def digest(self) -> Digest:
        """The manifest's digest."""
        return Digest.of(self.manifest)

    @property
    def descriptor(self) -> Descriptor:
        """The manifest as a list of referrers has it: with its type and annotations."""
        parsed = self.parsed
        return Descriptor(
            media_type=MEDIA_TYPE_MANIFEST,
            digest=self.digest,
            size=len(self.manifest),
            annotations=parsed.annotations,
            artifact_type=parsed.artifact_type,
        )

    @property
    def documents(self) -> dict[Digest, bytes]:
        """Every blob, the manifest included."""
        return {**self.blobs, self.digest: self.manifest}


def attached_document(
    subject: Descriptor, document: bytes, *, media_type: str, annotations: Mapping[str, str] = _NO_ANNOTATIONS
) -> Artifact:
    """A document as an artifact of its own type.

    Args:
        subject: what it is about: an image's manifest, or an index.
        document: its bytes.
        media_type: of the document, and of the artifact.
        annotations: of the manifest, shown in a list of referrers.
    """
    content = Descriptor(media_type=media_type, digest=Digest.of(document), size=len(document))
    manifest = ArtifactManifest(artifact_type=media_type, layers=(content,), subject=subject, annotations=annotations)
    return Artifact(
        manifest=manifest.to_json(),
        blobs=MappingProxyType({EMPTY_CONFIG.digest: EMPTY, content.digest: document}),
    )
