"""Build: from a folder to an image, with every choice settled before anything is made."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from packer.attestation.provenance import Origin
from packer.build.distributions import requirement_names, wheel_fetcher
from packer.build.native import Material, NativeImage, build_native
from packer.build.progress import Progress
from packer.build.settle import Chosen, Settled
from packer.build.workshop import Workshop
from packer.errors import LockError
from packer.oci.digest import Digest
from packer.oci.platform import Platform
from packer.project.model import Caution
from packer.store.codec import codec_named
from packer.system.source_files import SourceListing
from packer.wheels.fetch import WheelFetcher
from packer.workflows.bases import base_departure
from packer.workflows.build_request import BuildRequest
from packer.workflows.built import Built, boot_of, left_out
from packer.workflows.dependency_state import dependency_state
from packer.workflows.locks import dependency_inputs
from packer.workflows.origin import origin_of
from packer.workflows.preparation import Preparation
from packer.workflows.preparation import prepared as with_lock
from packer.workflows.reading import Reading, is_changed, read_sources

__all__ = ["build"]


def build(
    request: BuildRequest,
    reading: Reading,
    workshop: Workshop,
    *,
    progress: Progress,
    learn: Callable[[Digest], None] | None = None,
) -> Built:
    """Plan, settle and make.

    Args:
        request: what to build.
        reading: the project that was read for it.
        workshop: what to work with.
        progress: told of each step.
        learn: called once, before anything is resolved or made, with what stands for the state of the dependencies.

    Raises:
        PlanError: there is no app, or no Python or base fits.
        LockError: `frozen`, and a lock is missing or would change.
        BuildError: a part is broken, or cannot be had.
        TransientError: an index or a mirror does not answer.
    """
    prepared = with_lock(reading)
    if learn is not None:
        learn(dependency_state(prepared, request))
    sources = read_sources(request.folder, request.settings)
    python: str | None = None
    built: list[tuple[Settled, NativeImage]] = []
    with wheel_fetcher(workshop) as fetcher:
        for platform in request.platforms:
            chosen = prepared.choose(
                platform,
                python=python,
                refresh=request.refresh,
                workshop=workshop,
                fetcher=fetcher,
                progress=progress,
            )
            python = chosen.before.plan.python  # one Python for all platforms
            with progress.step(f"building for {platform}"):
                built.append(
                    _make(
                        request,
                        prepared,
                        chosen,
                        platform=platform,
                        sources=sources,
                        fetcher=fetcher,
                        workshop=workshop,
                        progress=progress,
                    )
                )
    plan = built[0][0].plan
    changed = is_changed(request, sources, search_path=workshop.search_path)
    cautions = (
        *plan.cautions,
        *(caution for settled, made in built for caution in _cautions(prepared, settled, made)),
        *left_out(sources),
    )
    return Built(
        name=prepared.project.name,
        images=tuple(made.image for _, made in built),
        created=request.provenance.created,
        changed=changed,
        pinned=all(_is_pinned(prepared, settled, made.image.platform) for settled, made in built),
        cautions=tuple(dict.fromkeys(cautions)),
        origins=tuple(_origin(request, settled, made, changed=changed) for settled, made in built),
        boot=boot_of(plan.runtime, prepared.project),
        groundworks=tuple(made.groundwork for _, made in built if made.groundwork),
    )


def _origin(request: BuildRequest, settled: Settled, made: NativeImage, *, changed: bool) -> Origin:
    return origin_of(
        request,
        made.image.platform,
        foundation=settled.foundation,
        base=settled.base,
        wheels=settled.wheels,
        changed=changed,
    )


def _require_locks(prepared: Preparation, settled: Settled, platform: Platform) -> None:
    """Refuse what is not pinned, or pinned for something else."""
    lock, facts = prepared.lock, prepared.project.dependencies
    if lock is None:
        raise LockError("there is no pack.lock to follow", hint="write it: pack lock")
    if facts.direct and facts.lock is None:
        raise LockError("the project has no lock of its Python distributions", hint="write one: pack lock")
    if lock.inputs != dependency_inputs(facts):
        raise LockError("pack.lock was made from other requirements", hint="write it anew: pack lock")
    pinned = requirement_names(lock.added)
    if not_pinned := sorted(requirement_names(settled.plan.dependencies.added) - pinned):
        raise LockError(f"no lock pins {', '.join(not_pinned)}, which the app needs", hint="write it anew: pack lock")
    codec = codec_named("gzip").name
    if lock.codec != codec:
        what = f"pack.lock is for layers compressed by {lock.codec}, and this pack compresses by {codec}"
        raise LockError(what, hint="write it anew: pack lock")
    if departure := base_departure(lock, settled, platform):
        raise LockError(departure, hint=f"pack lock --platform {platform}")


def _make(
    request: BuildRequest,
    prepared: Preparation,
    chosen: Chosen,
    *,
    platform: Platform,
    sources: SourceListing,
    fetcher: WheelFetcher,
    workshop: Workshop,
    progress: Progress,
) -> tuple[Settled, NativeImage]:
    """Make the wheels' layers while it is looked up what their native code wants of the base."""
    with ThreadPoolExecutor(1, thread_name_prefix="completing") as thread:
        settled = thread.submit(chosen.complete)
        if request.frozen:
            _require_locks(prepared, settled.result(), platform)
        made = build_native(
            chosen.before.plan,
            Material(
                foundation=chosen.before.foundation,
                completed=lambda: settled.result().foundation,
                wheels=chosen.before.wheels,
                fetcher=fetcher,
                files=sources.files,
                placements=prepared.lock.layers if prepared.lock else (),
            ),
            root=prepared.folder,
            platform=platform,
            created=prepared.provenance.created,
            workshop=workshop,
            progress=progress,
        )
        return settled.result(), made


def _is_pinned(prepared: Preparation, settled: Settled, platform: Platform) -> bool:
    """Whether `pack.lock` decided about the base, so that the same comes out tomorrow."""
    lock = prepared.lock
    return lock is not None and base_departure(lock, settled, platform) is None


def _cautions(prepared: Preparation, settled: Settled, made: NativeImage) -> tuple[Caution, ...]:
    return (*_departures(prepared, settled, made.image.platform), *settled.cautions, *made.cautions)


def _departures(prepared: Preparation, settled: Settled, platform: Platform) -> tuple[Caution, ...]:
    """What to say of an image that stands where the lock has something else."""
    if prepared.lock is None or settled.foundation.image is None:
        return ()
    departure = base_departure(prepared.lock, settled, platform)
    return (Caution(what=departure, hint="pin this one: pack lock"),) if departure else ()
