"""Which stored names a user means."""

from __future__ import annotations

from collections.abc import Sequence
from difflib import get_close_matches

from packer.errors import UsageError
from packer.oci.reference import Reference
from packer.regex import regex
from packer.store.images import StoredImage

__all__ = ["find_names"]

_DIGEST_PREFIX = regex(r"(?:sha256:)?([0-9a-f]{4,64})")
_SEE_ALL = "see what there is: pack images"


def find_names(entries: Sequence[StoredImage], text: str) -> tuple[StoredImage, ...]:
    """The names that a text means, all of one image.

    A reference is one name; `name@digest` is all names of that repository which lead to the digest; the first digits
    of a digest, four or more, are all names of that image. A name wins over digits.

    Raises `UsageError` when there is none, or the digits fit several images.
    """
    prefix = _DIGEST_PREFIX.fullmatch(text)
    try:
        found = _named(entries, Reference.parse(text))
    except UsageError:
        if prefix is None:
            raise
        found = ()
    if found or prefix is None:
        return found or _refuse(entries, text)
    found = tuple(entry for entry in entries if entry.descriptor.digest.hex.startswith(prefix.group(1)))
    digests = sorted({entry.descriptor.digest for entry in found})
    if len(digests) > 1:
        several = ", ".join(digest.hex[: len(prefix.group(1)) + 4] for digest in digests[:5])
        raise UsageError(f"{text} begins the digests of {len(digests)} images", hint=f"write more of it: {several}")
    return found or _refuse(entries, text)


def _named(entries: Sequence[StoredImage], wanted: Reference) -> tuple[StoredImage, ...]:
    if wanted.digest is None:
        return tuple(entry for entry in entries if entry.reference == wanted.tagged)
    return tuple(
        entry
        for entry in entries
        if entry.descriptor.digest == wanted.digest
        and entry.reference.name == wanted.name
        and wanted.tag in (None, entry.reference.tag)
    )


def _refuse(entries: Sequence[StoredImage], text: str) -> tuple[StoredImage, ...]:
    near = get_close_matches(text, [entry.reference.familiar for entry in entries], n=1)
    hint = f"did you mean {near[0]}?" if near else _SEE_ALL
    raise UsageError(f"there is no image {text[:300]} in the store", hint=hint)
