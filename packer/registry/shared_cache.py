"""A team's cache in a registry: what builds know, kept as artifacts beside the layers that it is about.

Each state of the dependencies has a tag of its own, so that builds never read and rewrite one common thing, and what
one writes is not lost to another. One more tag, `pack-cache`, leads to what was written last: a hint for a state that
nobody has built yet.
"""

from __future__ import annotations

import hmac
from collections.abc import Iterator, Mapping
from datetime import datetime, timezone
from functools import partial
from hashlib import sha256
from io import BytesIO
from types import MappingProxyType

from msgspec import Struct

from packer.errors import ArchiveError, RegistryError
from packer.oci.artifact import EMPTY, EMPTY_CONFIG, ArtifactManifest
from packer.oci.descriptor import MEDIA_TYPE_MANIFEST, Descriptor
from packer.oci.digest import Digest
from packer.regex import regex
from packer.registry.problem import RefusedError
from packer.registry.repository import Repository
from packer.registry.stamp import Stamp
from packer.registry.uploads import BlobSource
from packer.store.shared_records import MAX_SHARED_BYTES, RecordKey, from_bytes, to_bytes

__all__ = ["Entry", "Lesson", "SharedCache"]

ARTIFACT_TYPE = "application/vnd.packer.cache.v1"
_RECORDS_TYPE = "application/vnd.packer.cache.records.v1+gzip"
_TAG = "pack-cache"
_CREATED = "org.opencontainers.image.created"
_MAC = "dev.packer.cache.mac"
_STATE_DIGITS = 32
_ENTRY = regex(rf"{_TAG}-[0-9a-f]{{{_STATE_DIGITS}}}")


class Lesson(Struct, frozen=True, kw_only=True):
    """What a cache teaches.

    Attributes:
        stamp: the entry that says so.
        records: what builds know.
        layers: the blobs that the cache keeps.
        digest: of the records' blob; by it one knows whether there is anything new to write.
        exact: it is of this very state, not only the last one written.
        written: when; None where it does not say.
    """

    stamp: Stamp
    records: Mapping[RecordKey, bytes]
    layers: tuple[Descriptor, ...]
    digest: Digest
    exact: bool
    written: datetime | None


class Entry(Struct, frozen=True, kw_only=True):
    """An entry as it is listed.

    Attributes:
        tag: its name.
        digest: of its manifest.
        written: when; None where it does not say.
    """

    tag: str
    digest: Digest
    written: datetime | None


class SharedCache:
    """The cache in one repository. Reading and writing are favours: whoever calls decides what a failure means.

    Args:
        repository: where it is; to be written to.
        secret: known to those alone who may write what others believe; without it, whoever may push is believed.
    """

    def __init__(self, repository: Repository, *, secret: bytes = b"") -> None:
        self.repository = repository
        self._secret = secret

    def recall(self, state: Digest) -> Lesson | None:
        """What is known for a state of the dependencies, else what was written last; None for nothing to believe.

        Costs two requests for a known state, three for a new one. Raises `ArchiveError` or `TrustError` for an entry
        that is broken.
        """
        for tag in (_tag(state), _TAG):
            stored = self.repository.manifest(tag)
            if stored is not None:
                return self._lesson(tag, stored.content)
        return None

    def _lesson(self, tag: str, content: bytes) -> Lesson | None:
        """What an entry says; None for one that is not to be believed."""
        manifest = ArtifactManifest.from_json(content)
        found = manifest.layers[0]
        if manifest.artifact_type != ARTIFACT_TYPE or found.media_type != _RECORDS_TYPE:
            raise ArchiveError(f"{self.repository.name}:{tag} is no cache of pack")
        if not self._is_believed(manifest, found):
            return None
        if found.size > MAX_SHARED_BYTES:
            raise ArchiveError(f"the records of {self.repository.name}:{tag} are too large")
        records = b"".join(self.repository.blob(found))
        if Digest.of(records) != found.digest:
            raise ArchiveError(f"the records of {self.repository.name}:{tag} are damaged")
        return Lesson(
            stamp=Stamp(tag, str(Digest.of(content))),
            records=from_bytes(records),
            layers=manifest.layers[1:],
            digest=found.digest,
            exact=tag != _TAG,
            written=_written(content),
        )

    def write(
        self, state: Digest, records: Mapping[RecordKey, bytes], layers: tuple[Descriptor, ...], *, now: datetime
    ) -> Stamp:
        """Keep what a build knows under its state, and as the last one written.

        The layers must be in the repository. Costs six requests, two of them for the empty config.
        """
        content = to_bytes(records)
        blob = Descriptor(media_type=_RECORDS_TYPE, digest=Digest.of(content), size=len(content))
        annotations = {_CREATED: now.astimezone(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")}
        if self._secret:
            annotations[_MAC] = self._mac(blob)
        manifest = ArtifactManifest(
            artifact_type=ARTIFACT_TYPE, layers=(blob, *layers), annotations=MappingProxyType(annotations)
        ).to_json()
        for descriptor, what in ((blob, content), (EMPTY_CONFIG, EMPTY)):
            source = BlobSource(descriptor=descriptor, open=partial(BytesIO, what), name="cache records")
            self.repository.push_blob(source)
        for tag in (_tag(state), _TAG):
            self.repository.put_manifest(tag, MEDIA_TYPE_MANIFEST, manifest)
        return Stamp(_tag(state), str(Digest.of(manifest)))

    def stands(self, stamp: Stamp) -> bool:
        """Whether an entry is still as it was. Costs one request."""
        found = self.repository.head_manifest(stamp.tag)
        return found is not None and str(found.digest) == stamp.digest

    def entries(self) -> Iterator[Entry]:
        """Every entry, and the hint. Costs a request for each."""
        for tag in self.repository.tags():
            if tag == _TAG or _ENTRY.fullmatch(tag):
                stored = self.repository.manifest(tag)
                if stored is not None:
                    yield Entry(tag=tag, digest=stored.descriptor.digest, written=_written(stored.content))

    def remove(self, entry: Entry) -> None:
        """Remove an entry with every tag that leads to it. Raises `RegistryError` where that is not granted."""
        try:
            self.repository.delete_manifest(str(entry.digest))
        except RefusedError as error:
            if error.status in (401, 403) or error.codes & {"UNAUTHORIZED", "DENIED"}:
                raise
            raise RegistryError(
                f"the registry does not let {self.repository.name}:{entry.tag} be removed: {error.what}",
                where=error.where,
                hint="let the registry's own rules remove tags that begin with pack-cache, or allow it to delete "
                "(a registry of distribution: REGISTRY_STORAGE_DELETE_ENABLED=true)",
            ) from error

    def _is_believed(self, manifest: ArtifactManifest, blob: Descriptor) -> bool:
        stated = manifest.annotations.get(_MAC, "").encode("utf-8", "surrogateescape")
        return not self._secret or hmac.compare_digest(stated, self._mac(blob).encode())

    def _mac(self, blob: Descriptor) -> str:
        return hmac.new(self._secret, f"{_RECORDS_TYPE} {blob.digest}".encode(), sha256).hexdigest()


def _tag(state: Digest) -> str:
    return f"{_TAG}-{state.hex[:_STATE_DIGITS]}"


def _written(manifest: bytes) -> datetime | None:
    try:
        text = ArtifactManifest.from_json(manifest).annotations.get(_CREATED, "")
        return datetime.strptime(text, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=timezone.utc)
    except (ArchiveError, ValueError):
        return None
