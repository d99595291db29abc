"""Generate: the files to own, from the same choices that the native builder makes."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from msgspec import Struct
from msgspec.structs import replace

from packer.build.distributions import wheel_fetcher
from packer.build.progress import Progress
from packer.build.settle import Settled
from packer.build.workshop import Workshop
from packer.oci.platform import Platform
from packer.plan.stack import plan_stack
from packer.plan.stack_model import SecretPlan
from packer.project.model import Caution
from packer.render.bundle import GROUPS, Context, Group, render_bundle
from packer.render.dockerignore import render_dockerignore
from packer.system.ignore import DockerIgnore
from packer.system.tree import DirectoryTree
from packer.workflows.installation import installation_of
from packer.workflows.owned_files import compare
from packer.workflows.preparation import Preparation
from packer.workflows.reading import read_sources
from packer.workflows.reconciliation import Reconciled

__all__ = ["Generated", "context_of", "generate"]


class Generated(Struct, frozen=True, kw_only=True):
    """What becomes of each file, what may surprise, and the secrets that the files count on."""

    results: tuple[Reconciled, ...]
    cautions: tuple[Caution, ...]
    secrets: tuple[SecretPlan, ...] = ()


def generate(
    prepared: Preparation,
    platform: Platform,
    groups: Sequence[Group],
    *,
    force: bool,
    workshop: Workshop,
    progress: Progress,
) -> Generated:
    """Settle, render, and compare with what is there; nothing is written.

    Args:
        prepared: the project.
        platform: what distributions are chosen for; their pins hold for other platforms, too.
        groups: which files.
        force: pack's version is taken whatever is there.
        workshop: what to work with.
        progress: told of each step.

    Raises:
        PlanError: there is no app, or a Dockerfile cannot say what is planned.
        BuildError, TransientError: the distributions cannot be had.
        ProjectError: the memory of earlier files cannot be used.
    """
    with wheel_fetcher(workshop) as fetcher:
        settled = prepared.settle(platform, workshop=workshop, fetcher=fetcher, progress=progress)
    context = context_of(prepared, settled, platform, workshop)
    complete = set(groups) == set(GROUPS)
    results = compare(
        prepared.folder,
        render_bundle(context, groups),
        complete=complete,
        force=force,
        search_path=workshop.search_path,
    )
    return Generated(
        results=results,
        cautions=(*settled.plan.cautions, *settled.cautions, *(context.stack.cautions if "compose" in groups else ())),
        secrets=context.stack.secrets if "compose" in groups else (),
    )


def context_of(prepared: Preparation, settled: Settled, platform: Platform, workshop: Workshop) -> Context:
    """What the files are made from."""
    settings = prepared.settings
    context = Context(
        plan=settled.plan,
        installation=installation_of(prepared, settled, platform, workshop=workshop),
        git_ignores=_git_ignores(prepared.folder),
        stack=plan_stack(settled.plan, prepared.project.environment, settings),
        syntax=settings.dockerfile.syntax,
        web_image=settings.web.image,
    )
    return replace(context, included=_included(prepared, context))


def _git_ignores(folder: Path) -> tuple[tuple[str, str], ...]:
    tree = DirectoryTree(folder)
    found = (path for path in tree.paths if path.rpartition("/")[2] == ".gitignore")
    return tuple((path.rpartition("/")[0], tree.read(path) or "") for path in found)


def _included(prepared: Preparation, context: Context) -> tuple[str, ...]:
    """What the native builder takes and the rules of `.dockerignore` would not."""
    rules = render_dockerignore(context.git_ignores, exclude=context.plan.source.exclude).text
    ignore = DockerIgnore.parse(rules)
    sources = read_sources(prepared.folder, prepared.settings)
    return tuple(file.path for file in sources.files if _ignores(ignore, file.path))


def _ignores(ignore: DockerIgnore, path: str) -> bool:
    """Whether the rules leave a file out, by its own name or by a folder's above it."""
    inherited: frozenset[int] = frozenset()
    ignored, parts = False, path.split("/")
    for depth, part in enumerate(parts, 1):
        ignored, inherited = ignore.verdict("/".join(parts[:depth]), part, inherited)
    return ignored
