"""All files that `pack generate` writes, in the groups that its user names."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from types import MappingProxyType
from typing import Literal

from msgspec import Struct
from msgspec.structs import replace

from packer.plan.installation import Installation
from packer.plan.model import Plan
from packer.render.dockerfile import render_dockerfile
from packer.render.dockerignore import render_dockerignore
from packer.render.gunicorn import render_gunicorn
from packer.render.places import SITE_PACKAGES
from packer.render.rendered import RenderedFile
from packer.render.requirements import render_requirements
from packer.render.site_packages import render_site_packages

__all__ = ["GROUPS", "Context", "Group", "render_bundle"]

Group = Literal["dockerfile", "gunicorn"]


class Context(Struct, frozen=True, kw_only=True):
    """What the files are made from.

    Attributes:
        plan: the image.
        installation: how its distributions get there.
        git_ignores: each `.gitignore` of the project: its folder, empty for the root, and its text.
        included: paths that are in the image although the rules of `.dockerignore` would leave them out.
        syntax: the Dockerfile names its frontend.
    """

    plan: Plan
    installation: Installation
    git_ignores: tuple[tuple[str, str], ...] = ()
    included: tuple[str, ...] = ()
    syntax: bool = True


def render_bundle(context: Context, groups: Iterable[Group]) -> tuple[RenderedFile, ...]:
    """The files of some groups, sorted by path; one that belongs to several is there once."""
    files = {file.path: file for group in groups for file in GROUPS[group](context)}
    return tuple(files[path] for path in sorted(files))


def _dockerfile(context: Context) -> tuple[RenderedFile, ...]:
    """The Dockerfile with everything that its build reads."""
    plan = context.plan
    added = (replace(file, path=f"{SITE_PACKAGES}/{file.path}") for file in render_site_packages(plan))
    return (
        render_dockerfile(plan, context.installation, syntax=context.syntax),
        render_dockerignore(context.git_ignores, exclude=plan.source.exclude, included=context.included),
        *render_requirements(context.installation),
        *added,
        *_gunicorn(context),
    )


def _gunicorn(context: Context) -> tuple[RenderedFile, ...]:
    plan = context.plan
    return (render_gunicorn(plan.server, port=plan.runtime.port, health=plan.runtime.health.path, owned=True),)


GROUPS: MappingProxyType[Group, Callable[[Context], tuple[RenderedFile, ...]]] = MappingProxyType(
    {"dockerfile": _dockerfile, "gunicorn": _gunicorn}
)
"""What renders each group."""
