"""The nouns of a lock, as far as an image needs them."""

from __future__ import annotations

from typing import Literal

from msgspec import Struct

from packer.oci.digest import Digest

__all__ = ["LocalDirectory", "Missing", "Selection", "SourceOnly", "Wheel"]


class Wheel(Struct, frozen=True, kw_only=True):
    """A wheel that fits the target.

    Attributes:
        name: the distribution's normalised name.
        version: its version, as the lock has it.
        filename: `flask-3.1.3-py3-none-any.whl`.
        digest: of the file.
        size: of the file in bytes, None where the index does not say.
        urls: where it is (`https`, `http`, `file`); none for one built here, which lies in the cache.
        direct: the project itself asks for it, so it gets a REQUESTED file (PEP 376).
    """

    name: str
    version: str
    filename: str
    digest: Digest
    size: int | None
    urls: tuple[str, ...]
    direct: bool = False


class SourceOnly(Struct, frozen=True, kw_only=True):
    """A distribution of which a wheel must be built first.

    Attributes:
        name: normalised name.
        version: as the lock has it; empty for a repository without one.
        kind: what there is: a source distribution, another archive, or a repository at a commit.
        url: where it is; a repository's without `git+`.
        digest: the archive's, None for a repository.
        revision: the repository's commit.
        subdirectory: the folder in it that holds the project.
        wheels: file names of the wheels that do not fit the target.
        direct: as for a wheel.
    """

    name: str
    version: str
    kind: Literal["sdist", "archive", "git"]
    url: str
    digest: Digest | None = None
    revision: str | None = None
    subdirectory: str | None = None
    wheels: tuple[str, ...] = ()
    direct: bool = False


class LocalDirectory(Struct, frozen=True, kw_only=True):
    """A package that the lock names by its folder: its source goes into the image with the app's own."""

    name: str
    path: str
    editable: bool = False


class Missing(Struct, frozen=True, kw_only=True):
    """A locked distribution that the target cannot have, and why not: one clause without a full stop."""

    name: str
    version: str
    reason: str


class Selection(Struct, frozen=True, kw_only=True):
    """What a lock gives for one target, in the lock's order.

    `remarks` are for people. `held` are the limits of what pinned releases bring along, and `time` the pin that they
    were read off, with its day. `partners` are the limits that keep what is brought along working together.
    """

    wheels: tuple[Wheel, ...]
    source_only: tuple[SourceOnly, ...] = ()
    local: tuple[LocalDirectory, ...] = ()
    missing: tuple[Missing, ...] = ()
    remarks: tuple[str, ...] = ()
    held: tuple[str, ...] = ()
    time: str = ""
    partners: tuple[str, ...] = ()

    @property
    def complete(self) -> bool:
        """Whether a wheel is there for everything: nothing to build, nothing missing."""
        return not self.source_only and not self.missing
