"""What stands beside an image in a registry: bills of materials, provenance, signatures.

Specification: https://github.com/opencontainers/distribution-spec/blob/main/spec.md#listing-referrers
"""

from __future__ import annotations

from functools import partial
from io import BytesIO

from packer.errors import ArchiveError
from packer.oci.artifact import Artifact
from packer.oci.descriptor import MEDIA_TYPE_INDEX, MEDIA_TYPE_MANIFEST, Descriptor
from packer.oci.digest import Digest
from packer.oci.index import Index
from packer.registry.repository import Repository
from packer.registry.uploads import BlobSource

__all__ = ["attach", "referrers"]


def attach(repository: Repository, artifact: Artifact) -> None:
    """Put an artifact beside the image that it names, where both are in the repository.

    A registry that does not list referrers by itself gets the list under the tag that the specification names.

    Raises:
        RegistryError: the registry refuses.
        TransientError: it does not answer.
    """
    for digest, content in artifact.blobs.items():
        descriptor = Descriptor(media_type="application/octet-stream", digest=digest, size=len(content))
        repository.push_blob(BlobSource(descriptor=descriptor, open=partial(BytesIO, content), name="document"))
    is_listed = repository.put_manifest(str(artifact.digest), MEDIA_TYPE_MANIFEST, artifact.manifest)
    subject = artifact.parsed.subject
    if is_listed or subject is None:
        return
    others = [one for one in _listed_by_tag(repository, subject.digest) if one.digest != artifact.digest]
    index = Index(manifests=(*others, artifact.descriptor))
    repository.put_manifest(_tag(subject.digest), MEDIA_TYPE_INDEX, index.to_json())


def referrers(repository: Repository, subject: Digest, *, artifact_type: str | None = None) -> tuple[Descriptor, ...]:
    """The manifests of what stands beside an image, of one type where that is asked for.

    Raises:
        ArchiveError: the list cannot be read.
        RegistryError, TransientError: the registry does not give it.
    """
    content = repository.referrers(subject)
    found = Index.from_json(content).manifests if content is not None else _listed_by_tag(repository, subject)
    return tuple(one for one in found if artifact_type in (None, one.artifact_type))


def _listed_by_tag(repository: Repository, subject: Digest) -> tuple[Descriptor, ...]:
    stored = repository.manifest(_tag(subject))
    try:
        return Index.from_json(stored.content).manifests if stored else ()
    except ArchiveError:  # somebody's own tag of that name
        return ()


def _tag(subject: Digest) -> str:
    """The tag under which a registry without the referrers API has the list."""
    return f"sha256-{subject.hex}"
