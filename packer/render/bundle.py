"""All files that `pack generate` writes, in the groups that its user names."""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Iterable
from types import MappingProxyType
from typing import Literal

from msgspec import Struct
from msgspec.structs import replace

from packer.plan.installation import Installation
from packer.plan.model import Plan
from packer.plan.stack_model import StackPlan
from packer.render.compose import render_compose
from packer.render.dockerfile import render_dockerfile
from packer.render.dockerignore import render_dockerignore
from packer.render.gunicorn import render_gunicorn
from packer.render.nginx import render_nginx
from packer.render.places import HADOLINT, HEADER, NGINX, NGINX_PAGES, SINGLE, SITE_PACKAGES
from packer.render.rendered import RenderedFile
from packer.render.requirements import render_requirements
from packer.render.site_packages import render_site_packages
from packer.render.templates import rendered_file

__all__ = ["GROUPS", "Context", "Group", "render_bundle", "render_surroundings"]

Group = Literal["dockerfile", "compose", "nginx", "gunicorn"]
_NGINX_PLACES = (("/etc/nginx/", f"{NGINX}/"), ("/srv/pages/", f"{NGINX_PAGES}/"))
_HEADERS = {".conf": f"# {HEADER}\n", ".html": f"<!-- {HEADER} -->\n"}


class Context(Struct, frozen=True, kw_only=True):
    """What the files are made from.

    Attributes:
        plan: the image.
        installation: how its distributions get there.
        git_ignores: each `.gitignore` of the project: its folder, empty for the root, and its text.
        included: paths that are in the image although the rules of `.dockerignore` would leave them out.
        stack: what runs together.
        syntax: the Dockerfile names its frontend.
        web_image: what the web server's image is made from, None for pack's choice.
    """

    plan: Plan
    installation: Installation
    git_ignores: tuple[tuple[str, str], ...] = ()
    included: tuple[str, ...] = ()
    stack: StackPlan
    syntax: bool = True
    web_image: str | None = None


def render_bundle(context: Context, groups: Iterable[Group]) -> tuple[RenderedFile, ...]:
    """The files of some groups, sorted by path; one that belongs to several is there once."""
    files = {file.path: file for group in groups for file in GROUPS[group](context)}
    return tuple(files[path] for path in sorted(files))


def render_surroundings(plan: Plan, stack: StackPlan) -> tuple[RenderedFile, ...]:
    """The files that no distribution has a part in, so that none has to be chosen for them."""
    files = (*render_compose(stack), *_nginx(plan), *_gunicorn(plan))
    return tuple(sorted(files, key=lambda file: file.path))


def _dockerfile(context: Context) -> tuple[RenderedFile, ...]:
    """The Dockerfile with everything that its build reads."""
    plan = context.plan
    added = (replace(file, path=f"{SITE_PACKAGES}/{file.path}") for file in render_site_packages(plan))
    return (
        render_dockerfile(plan, context.installation, syntax=context.syntax, web_image=context.web_image),
        render_dockerignore(context.git_ignores, exclude=plan.source.exclude, included=context.included),
        rendered_file(HADOLINT, template="dockerfile/hadolint.yaml.j2", values={}),
        *render_requirements(context.installation),
        *added,
        *_gunicorn(plan),
        *_nginx(plan),
        *_single(plan),
    )


def _compose(context: Context) -> tuple[RenderedFile, ...]:
    return render_compose(context.stack)


def _nginx(plan: Plan) -> tuple[RenderedFile, ...]:
    """The web server's configuration; one for all in one container is among that container's own files."""
    if plan.single:
        return ()
    return tuple(map(_owned, render_nginx(plan.web)))


def _owned(file: RenderedFile) -> RenderedFile:
    """A file of the web server's image, at its place in the project, with the line that says who wrote it."""
    path = next(ours + file.path.removeprefix(theirs) for theirs, ours in _NGINX_PLACES if file.path.startswith(theirs))
    header = _HEADERS[posixpath.splitext(path)[1]]
    return replace(file, path=path, make=lambda: header + file.text)


def _single(plan: Plan) -> tuple[RenderedFile, ...]:
    """What supervises an all-in-one container, in a folder that is laid over the image's root."""
    if plan.single is None:
        return ()
    from packer.render.single import render_single  # noqa: PLC0415 - most images hold the app alone

    return tuple(replace(file, path=f"{SINGLE}{file.path}") for file in render_single(plan, plan.single))


def _gunicorn(plan: Plan) -> tuple[RenderedFile, ...]:
    port = plan.single.app_port if plan.single else plan.runtime.port
    return (render_gunicorn(plan.server, port=port, health=plan.runtime.health.path, owned=True),)


GROUPS: MappingProxyType[Group, Callable[[Context], tuple[RenderedFile, ...]]] = MappingProxyType(
    {
        "dockerfile": _dockerfile,
        "compose": _compose,
        "nginx": lambda context: _nginx(context.plan),
        "gunicorn": lambda context: _gunicorn(context.plan),
    }
)
"""What renders each group."""
