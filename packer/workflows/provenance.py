"""What an image says of its origin: the commit, and the time it counts as created."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timezone
from pathlib import Path

from msgspec import Struct
from msgspec.structs import replace

from packer.errors import UsageError
from packer.system.git import head_commit

__all__ = ["Provenance", "provenance_of"]

_LABEL = "org.opencontainers.image."


class Provenance(Struct, frozen=True, kw_only=True):
    """Where an image comes from.

    Attributes:
        revision: the commit's object name, None outside version control.
        created: seconds since the epoch: `SOURCE_DATE_EPOCH`, else the commit's time, else 0, never the clock, so that
            the same source gives the same image whenever it is built.
        tree: the object name of the project's folder in the commit, None when the commit has none.
    """

    revision: str | None = None
    created: int = 0
    tree: str | None = None

    def labels(self, *, title: str, version: str | None) -> tuple[tuple[str, str], ...]:
        """The image labels of the OCI specification that follow from it."""
        moment = datetime.fromtimestamp(self.created, timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
        labels = {"title": title, "created": moment, "revision": self.revision, "version": version or self.revision}
        return tuple((_LABEL + name, value) for name, value in sorted(labels.items()) if value)


def provenance_of(folder: Path, environment: Mapping[str, str]) -> Provenance:
    """Read the commit of `folder` and `SOURCE_DATE_EPOCH`. Raises `UsageError` when that is not a time."""
    commit = head_commit(folder, path=environment.get("PATH", ""))
    known = Provenance(revision=commit.revision, created=commit.time, tree=commit.tree) if commit else Provenance()
    text = environment.get("SOURCE_DATE_EPOCH", "")
    if not text:
        return known
    if not (text.isascii() and text.isdigit() and len(text) <= 11):
        raise UsageError(
            f"SOURCE_DATE_EPOCH is {text[:40]!r}, which is not a time",
            hint="set it to seconds since 1970, such as $(git log -1 --format=%ct), or unset it",
        )
    return replace(known, created=int(text))
