"""The image behind the tag that most likely leads to one with the same layers: what it names need not be asked for."""

from __future__ import annotations

import threading
from collections.abc import Mapping

from packer.errors import ArchiveError, PackError, TrustError
from packer.oci.config import ImageConfig
from packer.oci.digest import Digest
from packer.oci.document import MAX_DOCUMENT_BYTES
from packer.oci.manifest import Manifest
from packer.registry.problem import RefusedError
from packer.registry.repository import Repository, StoredManifest, Tagged

__all__ = ["Neighbour"]


class Neighbour:
    """What a tag of a repository leads to. Its manifest and its config are each fetched once, when first needed.

    Safe for several threads.
    """

    def __init__(self, repository: Repository, tag: str) -> None:
        self._repository = repository
        self._tag = tag
        self._lock = threading.Lock()
        self._is_fetched = False
        self._heads: dict[str, Tagged | None] = {}
        self._manifest: Manifest | None = None
        self._sizes: Mapping[Digest, int] = {}
        self._diff_ids: Mapping[Digest, Digest] | None = None

    @property
    def blobs(self) -> Mapping[Digest, int]:
        """The blobs that the image names, with their sizes: the registry keeps them as long as it keeps the image."""
        with self._lock:
            self._fetch()
            return self._sizes

    @property
    def diff_ids(self) -> Mapping[Digest, Digest]:
        """What the image's config says of its layers; nothing where it cannot be had."""
        with self._lock:
            self._fetch()
            if self._diff_ids is None:
                self._diff_ids = _diff_ids(self._repository, self._manifest) if self._manifest else {}
            return self._diff_ids

    def head(self, tag: str) -> Tagged | None:
        """What a tag leads to, without a request where that is known already."""
        with self._lock:
            if tag in self._heads:
                return self._heads[tag]
        found = self._repository.head_manifest(tag)
        with self._lock:
            return self._heads.setdefault(tag, found)

    def _fetch(self) -> None:
        if self._is_fetched:
            return
        stored = self._find()
        self._heads[self._tag] = Tagged(stored.descriptor.digest) if stored else None
        if stored is not None:
            self._manifest = _image_manifest(stored)
        if self._manifest is not None:
            self._sizes = {blob.digest: blob.size for blob in (self._manifest.config, *self._manifest.layers)}
        self._is_fetched = True

    def _find(self) -> StoredManifest | None:
        """What is there; None where we may not see it, or cannot make anything of it."""
        try:
            return self._repository.manifest(self._tag)
        except RefusedError as error:
            if error.status != 403:  # some answer so for what is not there
                raise
            return None
        except (ArchiveError, TrustError):
            return None


def _image_manifest(stored: StoredManifest) -> Manifest | None:
    """The manifest of an image; None for an index, or for what is no image at all."""
    try:
        return Manifest.from_json(stored.content)
    except ArchiveError:
        return None


def _diff_ids(repository: Repository, manifest: Manifest) -> Mapping[Digest, Digest]:
    if manifest.config.size > MAX_DOCUMENT_BYTES:
        return {}
    try:
        content = b"".join(repository.blob(manifest.config))
        if Digest.of(content) != manifest.config.digest:
            return {}
        stated = ImageConfig.from_json(content).diff_ids
    except PackError:
        return {}
    return {layer.digest: diff_id for layer, diff_id in zip(manifest.layers, stated, strict=False)}
