"""Build by an engine: the plan's Dockerfile, given to BuildKit with exactly what the native builder would see."""

from __future__ import annotations

import ssl
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from msgspec import Struct
from msgspec.structs import replace

from packer.build.distributions import wheel_fetcher
from packer.build.progress import Progress
from packer.build.staging import stage
from packer.build.workshop import Workshop
from packer.engine.buildx import Buildx, BuildxBuild, BuildxResult
from packer.oci.digest import Digest
from packer.oci.reference import Reference
from packer.project.model import Caution
from packer.render.bundle import Group, render_bundle
from packer.render.places import DOCKERFILE
from packer.system.files import file_lock, read_regular
from packer.system.generated import generated_paths
from packer.system.pip_files import pip_files
from packer.system.source_files import source_files
from packer.workflows.build_request import BuildRequest
from packer.workflows.built import Boot
from packer.workflows.generate import context_of
from packer.workflows.preparation import prepare

__all__ = ["EngineBuild", "EngineBuilt", "build_by_engine", "known_secrets"]

_TARGETS = {"app": "runtime", "web": "web"}
_LARGEST = 16 * 1024 * 1024
_LONGEST_BUILD = 3600.0
_AUTHORITY_VARIABLES = ("PIP_CERT", "SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE")


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
    buildx: Buildx,
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
        buildx: the builder.
        named: names an image of the project of this name.
        line: told of each line of BuildKit's progress; None lets it draw on the terminal.
        progress: told of each step.

    Raises:
        ProjectError, PlanError, BuildError, TransientError: as the native builder; or the engine's build failed.
        EngineError: the engine or its builder is not there.
    """
    prepared = prepare(request.folder, request.settings, request.provenance, progress=progress)
    platform = request.platforms[0]
    with wheel_fetcher(workshop) as fetcher:
        settled = prepared.settle(
            platform, refresh=request.refresh, workshop=workshop, fetcher=fetcher, progress=progress
        )
    context = replace(context_of(prepared, settled, platform, workshop), syntax=False)
    groups: tuple[Group, ...] = ("dockerfile", "nginx")
    rendered = {file.path: file.text for file in render_bundle(context, groups)}
    own = _owned(request.folder, generated_paths(request.folder) & set(rendered))
    patterns = (*request.settings.exclude, *(f"!{pattern}" for pattern in request.settings.include))
    sources = source_files(request.folder, patterns)
    texts = {path: text for path, text in {**rendered, **own}.items() if path != ".dockerignore"}
    folder = workshop.cache.root / "contexts" / Digest.of(str(request.folder.resolve()).encode()).hex[:32]
    names = named(prepared.project.name)
    with file_lock(folder.with_suffix(".lock"), what="the build's context", timeout=_LONGEST_BUILD):
        with progress.step("collecting the context"):
            stage(folder, root=request.folder, files=sources.files, texts=texts)
        labels = dict(settled.plan.labels)
        build = BuildxBuild(
            context=folder,
            dockerfile=folder / DOCKERFILE,
            target=_TARGETS[request.role],
            names=tuple(map(str, names)),
            platforms=tuple(map(str, request.platforms)) if request.settings.platforms else (),
            arguments=_arguments(labels),
            secrets=order.secrets,
            cache_from=order.cache_from,
            cache_to=order.cache_to,
            output=order.output,
            refresh=request.refresh,
        )
        with progress.step("building in the engine"):
            result = buildx.build(build, scratch=folder.parent, line=line)
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


def _arguments(labels: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    """What the Dockerfile is told of the commit."""
    named = {"REVISION": "org.opencontainers.image.revision", "CREATED": "org.opencontainers.image.created"}
    return tuple((argument, labels[label]) for argument, label in named.items() if label in labels)


def known_secrets(environment: Mapping[str, str]) -> Iterator[tuple[str, Path]]:
    """What a build needs of this machine to reach the indexes that its user reaches: pip's settings and authorities.

    They are files of a moment's build, in no layer and in no cache key.
    """
    settings = [path for path in pip_files(environment) if path.is_file()]
    if settings:
        yield "pip_conf", settings[-1]
    named = (environment[name] for name in _AUTHORITY_VARIABLES if environment.get(name))
    for path in (*named, ssl.get_default_verify_paths().openssl_cafile, "/etc/ssl/certs/ca-certificates.crt"):
        if Path(path).is_file():
            yield "ca", Path(path)
            return
