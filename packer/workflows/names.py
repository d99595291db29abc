"""What an image is called, and what it is built for, where the user does not say."""

from __future__ import annotations

from packer.errors import UsageError
from packer.oci.platform import LINUX_AMD64, Platform
from packer.oci.reference import Reference

__all__ = ["names_of", "platforms_of"]


def names_of(tags: tuple[str, ...], image: str | None, *, project: str) -> tuple[Reference, ...]:
    """The image's references: those asked for, else the setting `image`, else the project's name; `latest` if untagged.

    Raises `UsageError` for a name that no registry would take, or one with a digest, which follows from the content.
    """
    references = tuple(dict.fromkeys(Reference.parse(text).tagged for text in tags or (image or project,)))
    for reference in references:
        if reference.digest is not None:
            raise UsageError(f"{reference} names a digest", hint="give a tag: the digest follows from the content")
    return references


def platforms_of(wishes: tuple[str, ...], *, host: Platform | None) -> tuple[Platform, ...]:
    """The platforms to build for: those asked for, in one order, else this machine's, else linux/amd64."""
    return tuple(sorted(set(map(Platform.parse, wishes)), key=str)) or (host or LINUX_AMD64,)
