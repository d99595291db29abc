"""The provenance that was kept beside a stored image."""

from __future__ import annotations

from packer.attestation.provenance import PROVENANCE_MEDIA_TYPE, PROVENANCE_NOTE
from packer.errors import UsageError
from packer.oci.image import Image
from packer.oci.reference import Reference
from packer.store.images import ImageStore

__all__ = ["stored_provenance"]


def stored_provenance(image: Image, reference: Reference, store: ImageStore) -> bytes:
    """The statement about an image that is called `reference`.

    Raises:
        UsageError: none was kept.
        BuildError: it is gone from the cache.
    """
    for artifact in store.attached(image.digest):
        manifest = artifact.parsed
        if manifest.artifact_type == PROVENANCE_MEDIA_TYPE and dict(manifest.annotations) == PROVENANCE_NOTE:
            return artifact.blobs[manifest.layers[0].digest]
    raise UsageError(
        f"no provenance is kept of {reference.familiar} for {image.platform}",
        hint="only a build knows it: pack build --provenance",
    )
