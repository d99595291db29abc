"""Manifests and indexes: what they refer to. Pure."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from .wire import Refusal

__all__ = ["INDEX_TYPES", "MANIFEST_TYPES", "Manifest", "OCI_INDEX", "Reference", "parse_manifest"]

OCI_INDEX = "application/vnd.oci.image.index.v1+json"
MANIFEST_TYPES = frozenset(
    {"application/vnd.oci.image.manifest.v1+json", "application/vnd.docker.distribution.manifest.v2+json"}
)
INDEX_TYPES = frozenset({OCI_INDEX, "application/vnd.docker.distribution.manifest.list.v2+json"})


@dataclass(frozen=True, slots=True)
class Reference:
    """The digest and size of something that must be there."""

    digest: str
    size: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """A manifest or index as it was pushed, and what it says."""

    content: bytes
    media_type: str
    blobs: tuple[Reference, ...] = ()
    manifests: tuple[Reference, ...] = ()
    subject: str | None = None
    artifact_type: str | None = None
    annotations: tuple[tuple[str, str], ...] = ()

    @property
    def digest(self) -> str:
        """The SHA-256 digest of its bytes."""
        return f"sha256:{hashlib.sha256(self.content).hexdigest()}"

    @property
    def descriptor(self) -> dict[str, Any]:
        """How a list of referrers names it."""
        descriptor: dict[str, Any] = {"mediaType": self.media_type, "digest": self.digest, "size": len(self.content)}
        if self.artifact_type:
            descriptor["artifactType"] = self.artifact_type
        if self.annotations:
            descriptor["annotations"] = dict(self.annotations)
        return descriptor


def parse_manifest(content: bytes, media_type: str) -> Manifest:
    """Read what was pushed; refused as MANIFEST_INVALID."""
    if media_type not in MANIFEST_TYPES | INDEX_TYPES:
        raise Refusal(400, "MANIFEST_INVALID", f"manifests of type {media_type!r} are not taken")
    try:
        document = json.loads(content)
        if document["schemaVersion"] != 2 or document.get("mediaType", media_type) != media_type:
            raise Refusal(400, "MANIFEST_INVALID", "schemaVersion or mediaType is not what Content-Type says")
        return _read(document, content, media_type)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise Refusal(400, "MANIFEST_INVALID", f"not a manifest: {error!r}") from error


def _read(document: Mapping[str, Any], content: bytes, media_type: str) -> Manifest:
    is_index = media_type in INDEX_TYPES
    subject = document.get("subject")
    config_type = None if is_index else document["config"]["mediaType"]
    return Manifest(
        content=content,
        media_type=media_type,
        blobs=() if is_index else _references([document["config"], *filter(_is_stored_here, document["layers"])]),
        manifests=_references(document["manifests"]) if is_index else (),
        subject=None if subject is None else subject["digest"],
        artifact_type=document.get("artifactType") or config_type,
        annotations=tuple((document.get("annotations") or {}).items()),
    )


def _references(descriptors: Iterable[Mapping[str, Any]]) -> tuple[Reference, ...]:
    return tuple(Reference(item["digest"], item["size"]) for item in descriptors)


def _is_stored_here(layer: Mapping[str, Any]) -> bool:
    """A layer that may not be distributed lies elsewhere."""
    return not any(word in layer["mediaType"] for word in ("nondistributable", "foreign"))
