"""What an image is called, and what it is built for, where the user does not say."""

from __future__ import annotations

import re

from packer.errors import UsageError
from packer.oci.platform import LINUX_AMD64, Platform
from packer.oci.reference import DEFAULT_TAG, Reference
from packer.workflows.provenance import Provenance

__all__ = ["names_of", "platforms_of", "source_tags", "target_of"]

_COMMIT_DIGITS = 12
_LONGEST_TAG = 128


def names_of(
    wishes: tuple[str, ...], image: str | None, *, project: str, tags: tuple[str, ...] = (DEFAULT_TAG,)
) -> tuple[Reference, ...]:
    """The image's references: those wished for, `latest` if untagged; else the project's repository with each tag.

    The repository is the setting `image`, else the project's name. A wish for `:TAG` is one for that tag of it.

    Raises `UsageError` for a name that no registry would take, or one with a digest, which follows from the content.
    """
    own = wishes or tuple(f":{tag}" for tag in tags)
    given = (f"{image or project}{wish}" if wish.startswith(":") else wish for wish in own)
    references = tuple(dict.fromkeys(map(Reference.parse, given)))
    for reference in references:
        if reference.digest is not None:
            raise UsageError(f"{reference} names a digest", hint="give a tag: the digest follows from the content")
    return tuple(dict.fromkeys(reference.tagged for reference in references))


def target_of(wishes: tuple[str, ...], image: str | None) -> Reference:
    """Where an image will be pushed to, before it is built: the repository, and the tag that is likely there already.

    Raises `UsageError` when nothing names it.
    """
    last = wishes[-1] if wishes else ""
    is_whole = last and not last.startswith(":")
    if not is_whole and not image:
        hint = 'set image = "registry.example.com/team/shop", or name it: -t registry.example.com/team/shop'
        raise UsageError("nothing says which registry to push to", hint=hint)
    return Reference.parse(last if is_whole else f"{image}{last}").tagged


def source_tags(provenance: Provenance, *, changed: bool, branch: str | None) -> tuple[str, ...]:
    """What an image of this source is tagged: the commit, the branch, and `latest`; `latest` alone without a commit.

    Args:
        provenance: the commit, and whether the project is part of it.
        changed: the source is not as in the commit.
        branch: the one checked out, if there is one.

    >>> source_tags(Provenance(revision="0123456789abcdef", tree="99"), changed=True, branch="fix/ö #7")
    ('0123456789ab-dirty', 'fix-7', 'latest')
    """
    if provenance.revision is None or provenance.tree is None:
        return (DEFAULT_TAG,)
    commit = provenance.revision[:_COMMIT_DIGITS] + ("-dirty" if changed else "")
    words = re.sub(r"[^A-Za-z0-9_.-]+", "-", branch or "")
    line = re.sub(r"-{2,}", "-", words).lstrip(".-")[:_LONGEST_TAG].rstrip("-")
    return (*dict.fromkeys(tag for tag in (commit, line) if tag and tag != DEFAULT_TAG), DEFAULT_TAG)


def platforms_of(wishes: tuple[str, ...], *, host: Platform | None) -> tuple[Platform, ...]:
    """The platforms to build for: those asked for, in one order, else this machine's, else linux/amd64."""
    return tuple(sorted(set(map(Platform.parse, wishes)), key=str)) or (host or LINUX_AMD64,)
