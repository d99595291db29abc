"""Build by an engine: the plan's Dockerfile, given to BuildKit with exactly what the native builder would see."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from msgspec import Struct
from msgspec.structs import replace

from packer.build.distributions import wheel_fetcher
from packer.build.progress import Progress
from packer.build.staging import context_place, stage
from packer.build.workshop import Workshop
from packer.engine.buildx import Buildx, BuildxBuild, BuildxResult
from packer.oci.reference import Reference
from packer.project.model import Caution
from packer.render.bundle import Group, render_bundle
from packer.render.places import DOCKERFILE, DOCKERIGNORE, HADOLINT
from packer.system.files import file_lock, read_regular
from packer.system.generated import generated_paths
from packer.workflows.build_request import BuildRequest
from packer.workflows.built import Boot
from packer.workflows.generate import context_of
from packer.workflows.preparation import prepare
from packer.workflows.reading import read_sources

__all__ = ["EngineBuild", "EngineBuilt", "build_by_engine"]

_TARGETS = {"app": "runtime", "web": "web"}
_NOT_SENT = frozenset({DOCKERFILE, DOCKERIGNORE, HADOLINT})
"""Generated files that no step of the build reads."""
_LARGEST = 16 * 1024 * 1024
_LONGEST_BUILD = 3600.0


class EngineBuild(Struct, frozen=True, kw_only=True):
    """How the engine is to build.

    Attributes:
        secrets: identifiers and files, for steps that ask for them.
        cache_from: where layers may come from, in buildx's own words.
        cache_to: where they are put.
        output: `--load`, `--push`, or `--output …`.
    """

    secrets: tuple[tuple[str, Path], ...] = ()
    cache_from: tuple[str, ...] = ()
    cache_to: tuple[str, ...] = ()
    output: tuple[str, ...] = ("--load",)


class EngineBuilt(Struct, frozen=True, kw_only=True):
    """What an engine built.

    Attributes:
        name: the project's.
        references: the image's names.
        result: its digests.
        boot: how to check it.
        cautions: what may surprise.
    """

    name: str
    references: tuple[Reference, ...]
    result: BuildxResult
    boot: Boot
    cautions: tuple[Caution, ...]


def build_by_engine(
    request: BuildRequest,
    order: EngineBuild,
    workshop: Workshop,
    buildx: Callable[[], Buildx],
    *,
    named: Callable[[str], tuple[Reference, ...]],
    line: Callable[[str], None] | None,
    progress: Progress,
) -> EngineBuilt:
    """Inspect, plan, settle, write the Dockerfile's context, and let BuildKit build it.

    Where the project owns a Dockerfile that `pack generate` wrote, that one is used, with its user's changes.

    Args:
        request: what to build.
        order: how.
        workshop: what to settle with.
        buildx: waits for the builder; called before anything is fetched.
        named: names an image of the project of this name.
        line: told of each line of BuildKit's progress; None lets it draw on the terminal.
        progress: told of each step.

    Raises:
        ProjectError, PlanError, BuildError, TransientError: as the native builder; or the engine's build failed.
        EngineError: the engine or its builder is not there.
    """
    prepared = prepare(request.folder, request.settings, request.provenance, progress=progress)
    builder = buildx()
    platform = request.platforms[0]
    with wheel_fetcher(workshop) as fetcher:
        settled = prepared.settle(
            platform, refresh=request.refresh, workshop=workshop, fetcher=fetcher, progress=progress
        )
    context = replace(context_of(prepared, settled, platform, workshop), syntax=False)
    groups: tuple[Group, ...] = ("dockerfile", "nginx")
    rendered = {file.path: file.text for file in render_bundle(context, groups)}
    own = _owned(request.folder, generated_paths(request.folder) & set(rendered))
    sources = read_sources(request.folder, request.settings)
    texts = {path: text for path, text in {**rendered, **own}.items() if path not in _NOT_SENT}
    folder = context_place(workshop.cache.root, request.folder)
    dockerfile = folder.with_suffix(".Dockerfile")
    names = named(prepared.project.name)
    with file_lock(folder.with_suffix(".lock"), what="the build's context", timeout=_LONGEST_BUILD):
        with progress.step("collecting the context"):
            stage(folder, root=request.folder, files=sources.files, texts=texts)
            dockerfile.write_text({**rendered, **own}[DOCKERFILE], "utf-8", "surrogateescape")
        build = BuildxBuild(
            context=folder,
            dockerfile=dockerfile,
            target=_TARGETS[request.role],
            names=tuple(map(str, names)),
            platforms=tuple(map(str, request.platforms)) if request.settings.platforms else (),
            labels=settled.plan.labels,
            secrets=order.secrets,
            cache_from=order.cache_from,
            cache_to=order.cache_to,
            output=order.output,
            refresh=request.refresh,
        )
        with progress.step("building in the engine"):
            result = builder.build(build, scratch=folder.parent, line=line)
    plan = settled.plan
    return EngineBuilt(
        name=prepared.project.name,
        references=names,
        result=result,
        boot=Boot(port=plan.runtime.port, path=plan.runtime.health.path, variables=prepared.project.environment),
        cautions=(
            *plan.cautions,
            *settled.cautions,
            *(Caution(what=f"{path} is not in the image: {reason}") for path, reason in sources.left_out),
        ),
    )


def _owned(root: Path, paths: frozenset[str] | set[str]) -> dict[str, str]:
    """The project's own versions of generated files."""
    contents = {path: read_regular(root / path, limit=_LARGEST) for path in sorted(paths)}
    return {path: text.decode("utf-8", "surrogateescape") for path, text in contents.items() if text is not None}
