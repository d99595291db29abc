"""Rebuild: a project whose source alone has changed, on the groundwork of an earlier build."""

from __future__ import annotations

from msgspec import Struct

from packer.build.groundwork import build_on
from packer.build.progress import Progress
from packer.store.cache import BlobCache, LayerCache
from packer.workflows.build_request import BuildRequest
from packer.workflows.built import Built, boot_of, left_out
from packer.workflows.groundworks import Kept, groundwork_key, keep_groundwork, kept_groundwork
from packer.workflows.reading import Reading, is_changed, read_sources

__all__ = ["Rebuilding"]


class Rebuilding(Struct, frozen=True, kw_only=True):
    """A project as it was read, with what stands for all that decides about its groundwork at that time.

    Attributes:
        request: what to build.
        reading: the project.
        surroundings: what is outside of it.
        purpose: as for `groundwork_key`.
        key: stands for what decides; empty where that is not sure to change when it does.
    """

    request: BuildRequest
    reading: Reading
    surroundings: str
    purpose: str
    key: str

    @classmethod
    def of(cls, request: BuildRequest, reading: Reading, surroundings: str, *, purpose: str = "") -> Rebuilding:
        """Look at what decides. `surroundings` are those of `packer.workflows.unchanged.look`."""
        key = groundwork_key(request, reading, surroundings, purpose=purpose) if surroundings else ""
        return cls(request=request, reading=reading, surroundings=surroundings, purpose=purpose, key=key)

    def kept(self, cache: BlobCache, *, now: float) -> Kept | None:
        """What an earlier build laid, if it holds."""
        return kept_groundwork(cache, self.key, self.request, self.reading, now=now) if self.key else None

    def keep(self, cache: BlobCache, built: Built, *, now: float) -> None:
        """Keep what a whole build laid, where other builds can stand on it and no lock changed meanwhile."""
        if not self.key or len(built.groundworks) != len(self.request.platforms):
            return
        if self.key != groundwork_key(self.request, self.reading, self.surroundings, purpose=self.purpose):
            return
        said = frozenset(
            (*self.reading.project.cautions, *left_out(read_sources(self.request.folder, self.request.settings)))
        )
        cautions = tuple(one for one in built.cautions if one not in said)
        kept = Kept(groundworks=built.groundworks, time=now, pinned=built.pinned, cautions=cautions)
        keep_groundwork(cache, self.key, self.reading, kept)

    def built(self, kept: Kept, *, cache: BlobCache, layers: LayerCache, search_path: str, progress: Progress) -> Built:
        """The project's images on what was kept.

        Raises:
            BuildError: a file cannot be read or compiled, or the disk is full.
        """
        request, project = self.request, self.reading.project
        sources = read_sources(request.folder, request.settings)
        images = []
        for platform, groundwork in zip(request.platforms, kept.groundworks, strict=True):
            with progress.step(f"building for {platform}"):
                image = build_on(
                    groundwork,
                    request.folder,
                    sources.files,
                    platform=platform,
                    created=request.provenance.created,
                    cache=cache,
                    layers=layers,
                    progress=progress,
                )
            images.append(image)
        return Built(
            name=project.name,
            images=tuple(images),
            created=request.provenance.created,
            changed=is_changed(request, sources, search_path=search_path),
            pinned=kept.pinned,
            cautions=tuple(dict.fromkeys((*project.cautions, *kept.cautions, *left_out(sources)))),
            boot=boot_of(kept.groundworks[0].runtime, project),
        )
