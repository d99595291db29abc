"""OCI image layouts: a folder of blobs with an index.json.

Specification: https://github.com/opencontainers/image-spec/blob/main/image-layout.md
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from packer.errors import UsageError
from packer.oci.digest import Digest
from packer.oci.document import MAX_DOCUMENT_BYTES
from packer.oci.image import BaseImage
from packer.oci.index import Index
from packer.oci.platform import Platform
from packer.oci.platform_images import PlatformImages
from packer.oci.reference import Reference
from packer.store.blobs import verified_blobs
from packer.store.cache import BlobCache
from packer.store.naming import INDEX_FILE, LAYOUT_FILE, LAYOUT_TEXT, blob_path, extended, named
from packer.store.oci_source import read_oci_base
from packer.system.chunks import chunks_of
from packer.system.files import disk_errors, file_lock, open_regular, read_regular, replacing, write_atomically

if TYPE_CHECKING:
    from packer.oci.artifact import Artifact

__all__ = ["read_layout", "write_layout"]


def write_layout(
    folder: Path,
    images: PlatformImages,
    references: Sequence[Reference],
    cache: BlobCache,
    *,
    attached: Sequence[Artifact] = (),
) -> None:
    """Write images into a layout: a new one appears whole, an existing one is extended, its index.json last.

    Layers are hard links to the cache's blobs where the file system allows it, else copies.

    Args:
        folder: absent, empty, or a layout.
        images: what to write.
        references: its names; an entry of the same name is replaced.
        cache: has the layers.
        attached: artifacts that stand beside the images. Their entries have no name, so readers pass them by.

    Raises:
        UsageError: the folder holds something else.
        BuildError: a layer is gone from the cache, or the disk is full.
        ArchiveError: the folder's own index.json is broken.
    """
    folder = folder.resolve()
    lock = cache.root / "locks" / Digest.of(os.fsencode(folder)).hex
    with file_lock(lock, what=f"the layout {folder}"):
        if folder.is_dir() and any(folder.iterdir()):
            existing = _existing(folder)
            _write(folder, existing, images, references, cache, attached=attached)
        else:
            with _appearing(folder) as unfinished:
                _write(unfinished, Index(manifests=()), images, references, cache, attached=attached)


def _existing(folder: Path) -> Index:
    content = read_regular(folder / INDEX_FILE, limit=MAX_DOCUMENT_BYTES + 1)
    if content is None or not (folder / LAYOUT_FILE).is_file():
        raise UsageError(
            "the folder is neither empty nor an OCI layout", where=str(folder), hint="name a new or empty folder"
        )
    return Index.from_json(content)


@contextmanager
def _appearing(folder: Path) -> Iterator[Path]:
    """A folder beside `folder`, which it becomes when the block ends well; otherwise it is removed."""
    unfinished = folder.with_name(f".{folder.name}.{os.getpid()}-{os.urandom(8).hex()}.tmp")
    with disk_errors(folder):
        unfinished.mkdir(parents=True)
    try:
        yield unfinished
        with disk_errors(folder):
            unfinished.rename(folder)
    finally:
        if unfinished.exists():
            import shutil  # noqa: PLC0415 - nothing is left to remove when all went well

            shutil.rmtree(unfinished, ignore_errors=True)


def _write(
    folder: Path,
    existing: Index,
    images: PlatformImages,
    references: Sequence[Reference],
    cache: BlobCache,
    *,
    attached: Sequence[Artifact],
) -> None:
    for digest, blob in verified_blobs(cache, images.layers.values()).items():
        _place(blob, folder / blob_path(digest))
    for documents in (images.documents, *(artifact.documents for artifact in attached)):
        for digest, document in documents.items():
            write_atomically(folder / blob_path(digest), document)
    write_atomically(folder / LAYOUT_FILE, LAYOUT_TEXT)
    entries = extended(existing.manifests, named(images.descriptor, references))
    there = {entry.digest for entry in entries}
    entries += [artifact.descriptor for artifact in attached if artifact.digest not in there]
    index = Index(manifests=tuple(entries), annotations=existing.annotations)
    write_atomically(folder / INDEX_FILE, index.to_json())


def _place(blob: Path, target: Path) -> None:
    """Link or copy a blob to its place, unless it is there."""
    if target.is_file() and target.stat().st_size == blob.stat().st_size:
        return
    with disk_errors(target):
        target.parent.mkdir(parents=True, exist_ok=True)
        target.unlink(missing_ok=True)
        try:
            target.hardlink_to(blob)
        except OSError:
            # Another file system, or one without hard links.
            with blob.open("rb") as source, replacing(target) as copy:
                copy.writelines(chunks_of(source))


class _Folder:
    """The `Contents` of a layout."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def open(self, path: str) -> BinaryIO | None:
        return open_regular(self._folder / path)


def read_layout(path: str, *, platform: Platform, cache: BlobCache) -> BaseImage:
    """Read an image from a layout as a base; its layers are put into the cache.

    Args:
        path: the folder, or `folder:name` where name is a tag or a reference in it.
        platform: what to choose where there are several.
        cache: takes the layers.

    Raises:
        UsageError: there is no such folder or image, or several and none was named.
        ArchiveError: it is broken, or not for the platform.
        TrustError: a blob has not its digest.
    """
    folder, name = _split(path)
    if not folder.is_dir():
        raise UsageError("there is no such OCI layout", where=path)
    return read_oci_base(_Folder(folder), platform=platform, name=name, cache=cache, where=path)


def _split(path: str) -> tuple[Path, str | None]:
    """The folder and the image's name in it: a folder that is there may have colons in its own name."""
    folder = path
    while not Path(folder).is_dir() and ":" in folder:
        folder = folder.rpartition(":")[0]
    return Path(folder), path[len(folder) + 1 :] or None
