"""Reading: the first step of every build, before anything is chosen: the facts, and the lock's text."""

from __future__ import annotations

from pathlib import Path

from msgspec import Struct

from packer.build.progress import Progress
from packer.oci.digest import Digest
from packer.plan.settings import Settings
from packer.project.inspect import inspect
from packer.project.model import Project
from packer.store.cache import BlobCache
from packer.system.source_files import SourceListing, source_files
from packer.system.tree import DirectoryTree
from packer.workflows.build_request import BuildRequest
from packer.workflows.provenance import Provenance

__all__ = ["CachedNotes", "Reading", "is_changed", "read_project", "read_sources"]


_NOTES = "reading"


class Reading(Struct, frozen=True, kw_only=True):
    """A project that was read.

    Attributes:
        folder: the project.
        settings: the user's wishes.
        provenance: commit and time.
        project: the facts.
    """

    folder: Path
    settings: Settings
    provenance: Provenance
    project: Project

    @property
    def labels(self) -> tuple[tuple[str, str], ...]:
        """What the image says of the project's name, version and commit."""
        own = self.project.own_package
        return self.provenance.labels(title=self.project.name, version=own.version if own else None)


class CachedNotes(Struct, frozen=True):
    """Notes of one project among the cache's records. `surroundings` stand for it and for this pack."""

    cache: BlobCache
    surroundings: str

    def note(self, key: str) -> bytes | None:
        """See `Notes.note`."""
        return self.cache.record(_NOTES, self._place(key))

    def put_note(self, key: str, content: bytes) -> None:
        """See `Notes.put_note`."""
        self.cache.put_record(_NOTES, self._place(key), content)

    def _place(self, key: str) -> str:
        return Digest.of(f"{self.surroundings}\n{key}".encode()).hex


def read_project(
    folder: Path, settings: Settings, provenance: Provenance, *, progress: Progress, notes: CachedNotes | None = None
) -> Reading:
    """Read a project, or what the notes say of it. Raises `ProjectError` when the folder cannot be understood."""
    with progress.step("reading the project"):
        project = inspect(DirectoryTree(folder), app=settings.app, notes=notes)
    return Reading(folder=folder, settings=settings, provenance=provenance, project=project)


def read_sources(folder: Path, settings: Settings) -> SourceListing:
    """What of the project goes into the image. Raises `ProjectError` as `source_files`."""
    included = (f"!{pattern}" for pattern in settings.include)  # a rule turned round
    return source_files(folder, (*settings.exclude, *included))


def is_changed(request: BuildRequest, sources: SourceListing, *, search_path: str) -> bool:
    """Whether the source is not as in its commit, where it has one. `search_path` is the `PATH` to find git on."""
    from packer.system.git_changes import differs_from_commit  # noqa: PLC0415 - not every project has a commit

    tree = request.provenance.tree
    shipped = {file.path for file in sources.files}
    return tree is not None and differs_from_commit(request.folder, tree, shipped, path=search_path)
