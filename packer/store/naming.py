"""How an image's names stand in an `index.json`, and which file holds a blob.

Specification: https://github.com/opencontainers/image-spec/blob/main/image-layout.md
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from types import MappingProxyType

from msgspec.structs import replace

from packer.oci.descriptor import Descriptor
from packer.oci.digest import Digest
from packer.oci.document import canonical_json
from packer.oci.reference import Reference

__all__ = [
    "DOCKER_MANIFEST",
    "INDEX_FILE",
    "LAYOUT_FILE",
    "LAYOUT_TEXT",
    "NAME",
    "REF_NAME",
    "blob_path",
    "extended",
    "named",
]

INDEX_FILE = "index.json"
LAYOUT_FILE = "oci-layout"
DOCKER_MANIFEST = "manifest.json"
"""What Docker's own archives have instead of an index.json."""
LAYOUT_TEXT = canonical_json({"imageLayoutVersion": "1.0.0"})
REF_NAME = "org.opencontainers.image.ref.name"
"""By which `skopeo copy oci:DIR:NAME` and its kin find an image: the tag."""
NAME = "io.containerd.image.name"
"""By which containerd, so also Docker's newer store, names what it imports: the whole reference."""


def blob_path(digest: Digest) -> str:
    """Where a blob is in a layout."""
    return f"blobs/sha256/{digest.hex}"


def named(descriptor: Descriptor, references: Iterable[Reference]) -> list[Descriptor]:
    """The entries of an index.json: one for each reference, or a nameless one."""
    entries = [
        replace(
            descriptor,
            annotations=MappingProxyType({NAME: str(reference.tagged), REF_NAME: reference.tagged.tag or ""}),
        )
        for reference in references
    ]
    return entries or [descriptor]


def extended(existing: Sequence[Descriptor], new: Iterable[Descriptor]) -> list[Descriptor]:
    """An index.json's entries with new ones, which replace those of the same name.

    A new entry whose tag an image of another name has already is told apart by its whole reference.
    """
    entries = list(existing)
    for entry in new:
        entries = [one for one in entries if not _same_name(one, entry)]
        tags = {one.annotations.get(REF_NAME) for one in entries}
        if entry.annotations and entry.annotations[REF_NAME] in tags:
            annotations = {**entry.annotations, REF_NAME: entry.annotations[NAME]}
            entries.append(replace(entry, annotations=MappingProxyType(annotations)))
        else:
            entries.append(entry)
    return entries


def _same_name(one: Descriptor, other: Descriptor) -> bool:
    """Whether two entries are one image's: by the whole reference, or by the tag where one of them has no more."""
    if not other.annotations:
        return one.digest == other.digest and not one.annotations
    if NAME in one.annotations and NAME in other.annotations:
        return one.annotations[NAME] == other.annotations[NAME]
    return one.annotations.get(REF_NAME) == other.annotations.get(REF_NAME)
