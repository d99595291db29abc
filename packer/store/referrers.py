"""Artifacts that stand beside stored images: bills of materials, provenance.

One file, `referrers.json` in the data folder, says which artifacts name which image as their subject; their blobs are
in the cache with those of the images.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from io import BytesIO
from pathlib import Path

from msgspec import Struct

from packer.errors import ArchiveError, BuildError
from packer.oci.artifact import EMPTY, Artifact
from packer.oci.descriptor import Descriptor
from packer.oci.digest import Digest
from packer.oci.document import MAX_DOCUMENT_BYTES, Document, canonical_json
from packer.store.cache import BlobCache
from packer.system.files import file_lock, read_regular, write_atomically

__all__ = ["Referrers"]

_WHAT = "list of what stands beside images"


class _Referrer(Struct, frozen=True, kw_only=True):
    """An artifact: what it is about, its manifest as a list of referrers has it, and the blobs of its content."""

    subject: Digest
    manifest: Descriptor
    blobs: tuple[Digest, ...]

    @classmethod
    def of(cls, artifact: Artifact) -> _Referrer:
        subject = artifact.parsed.subject
        if subject is None:
            raise ValueError("an artifact without a subject stands beside nothing")
        return cls(subject=subject.digest, manifest=artifact.descriptor, blobs=tuple(sorted(artifact.blobs)))

    @classmethod
    def from_json(cls, document: Document) -> _Referrer:
        return cls(
            subject=Digest.parse(document.text("subject")),
            manifest=Descriptor.from_json(document.section("manifest")),
            blobs=tuple(map(Digest.parse, document.texts("blobs"))),
        )

    def to_json(self) -> dict[str, object]:
        return {
            "subject": str(self.subject),
            "manifest": self.manifest.to_json(),
            "blobs": [str(digest) for digest in self.blobs],
        }

    def replaces(self, other: _Referrer) -> bool:
        """Whether it says anew what the other one said: of the same image, in the same kind of document."""
        kinds = [(one.subject, one.manifest.artifact_type, dict(one.manifest.annotations)) for one in (self, other)]
        return kinds[0] == kinds[1]


class Referrers:
    """Which artifacts stand beside which image. Safe for several threads and processes.

    Args:
        root: the data folder, made at its first use.
        cache: has the blobs.
    """

    def __init__(self, root: Path, cache: BlobCache) -> None:
        self._file = root / "referrers.json"
        self._lock = root / "referrers.lock"
        self._cache = cache

    def attach(self, artifacts: Iterable[Artifact], *, stored: Collection[Digest]) -> None:
        """Keep artifacts beside their subjects; one of the same kind is replaced.

        `stored` are the digests of all manifests that the store still has: what stands beside others is forgotten.
        """
        new = []
        for artifact in artifacts:
            for digest, blob in artifact.documents.items():
                if not self._cache.verify(digest):
                    self._cache.add(BytesIO(blob), expected=digest)
            new.append(_Referrer.of(artifact))
        with file_lock(self._lock, what="the image store"):
            kept = [
                one for one in self._read() if one.subject in stored and not any(added.replaces(one) for added in new)
            ]
            self._write([*kept, *new])

    def retain(self, stored: Collection[Digest]) -> None:
        """Forget what stands beside images that are not among these; its blobs stay in the cache, as theirs do."""
        if not self._file.exists():
            return
        with file_lock(self._lock, what="the image store"):
            known = self._read()
            kept = [one for one in known if one.subject in stored]
            if len(kept) < len(known):
                self._write(kept)

    def of(self, subject: Digest) -> tuple[Artifact, ...]:
        """What stands beside an image. Raises `BuildError` when parts of it are gone from the cache."""
        return tuple(
            Artifact(
                manifest=self._blob(one.manifest.digest), blobs={digest: self._blob(digest) for digest in one.blobs}
            )
            for one in self._read()
            if one.subject == subject
        )

    def blobs(self, subjects: Collection[Digest]) -> frozenset[Digest]:
        """Every blob of what stands beside these images."""
        found = (one for one in self._read() if one.subject in subjects)
        return frozenset(digest for one in found for digest in (one.manifest.digest, *one.blobs))

    def _write(self, referrers: Iterable[_Referrer]) -> None:
        entries = sorted(referrers, key=lambda one: (one.subject, one.manifest.digest))
        content = canonical_json({"schema": 1, "referrers": [one.to_json() for one in entries]})
        write_atomically(self._file, content, durable=True)

    def _blob(self, digest: Digest) -> bytes:
        if digest == Digest.of(EMPTY):
            return EMPTY
        path = self._cache.path(digest)
        content = None if path is None else read_regular(path, limit=MAX_DOCUMENT_BYTES + 1)
        if content is None or Digest.of(content) != digest:
            raise BuildError(
                "a document that stands beside the image is no longer in the cache",
                where=str(self._cache.root),
                hint="make it again: pack build with --sbom or --provenance",
            )
        return content

    def _read(self) -> tuple[_Referrer, ...]:
        content = read_regular(self._file, limit=MAX_DOCUMENT_BYTES + 1)
        if content is None:
            if self._file.exists():
                raise BuildError(f"the {_WHAT} cannot be read", where=str(self._file), hint="make it readable")
            return ()
        try:
            document = Document.parse(content, _WHAT)
            return tuple(_Referrer.from_json(entry) for entry in document.sections("referrers"))
        except ArchiveError as error:
            hint = "move the file away; the documents can be made again"
            raise ArchiveError(f"the {_WHAT} is broken: {error.what}", where=str(self._file), hint=hint) from error
