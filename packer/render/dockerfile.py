"""The Dockerfile: the image of the plan, made by a container engine instead of by pack."""

from __future__ import annotations

import posixpath

from msgspec import Struct
from msgspec.structs import asdict

from packer.errors import PlanError
from packer.plan.installation import Installation, LockTool, tool_pins
from packer.plan.model import APP_ROOT, DebianBase, Plan, ReferenceBase, Volume, WebPlan
from packer.project.model import StaticFolder
from packer.render.nginx import served_folders
from packer.render.places import (
    DOCKERFILE,
    GUNICORN,
    MYSQL,
    NGINX,
    NGINX_PAGES,
    PINNED,
    REPOSITORIES,
    SINGLE,
    SITE_PACKAGES,
)
from packer.render.rendered import RenderedFile
from packer.render.templates import rendered_file

__all__ = ["DockerfileView", "dockerfile_view", "render_dockerfile"]

WEB_IMAGE = "nginxinc/nginx-unprivileged:1.29-alpine"
_WEB_ROOT = "/srv/www"
_LABEL = "org.opencontainers.image."
_COMPILERS = ("build-essential",)
_OF_A_COMMIT = frozenset({_LABEL + "created", _LABEL + "revision"})
"""Labels that change with every commit: the build is told them (`--label`), the file stays the same."""


class HealthView(Struct, frozen=True, kw_only=True):
    """The health check; times are seconds."""

    command: tuple[str, ...]
    interval: int
    timeout: int
    start_period: int
    retries: int


class WebView(Struct, frozen=True, kw_only=True):
    """The web server's image.

    Attributes:
        image: what it is made from.
        configuration: the folder of its configuration, relative to the project.
        pages: the folder of its own pages, likewise.
        port: where it listens.
        probe: the URL that its health check asks.
    """

    image: str
    configuration: str
    pages: str
    port: int
    probe: str


class DockerfileView(Struct, frozen=True, kw_only=True):
    """What the template says.

    Attributes:
        syntax: name the frontend, which the engine then fetches from its registry.
        name: of the image.
        python: X.Y.
        suite: the Debian release of Docker's own Python image, None where `reference` is the base.
        reference: the base that the settings or the Python version name.
        tool: follows the project's lock, None for none.
        tool_pins: the requirements that install what installs.
        lock: the project's lock.
        files: what is bound into the installation's step, relative to the project.
        pinned: the requirements file with hashes, None for none.
        repositories: the requirements file without, None for none.
        site_packages: the folder of what pack adds to the environment.
        build_packages: Debian packages of the stage that installs.
        runtime_packages: Debian packages of the image.
        bytecode: whether Python files are compiled.
        build_only: what is in the build's context and not in the image.
        gunicorn: the server's configuration.
        volumes: each writable folder with its links: the link, what it leads to, and a folder to make for it.
        volume_paths: the folders alone.
        environment: variables.
        labels: labels that do not change with every commit.
        user: the number of the user that the image runs as.
        group: the number of its group.
        static: the place of each folder of static files, the folder itself, and places of what only the build needs and
            the folder holds; the one that wins last.
        web: the web server's image; None where the image itself has the web server.
        single: the folder that is laid over the root of an all-in-one image; None for an image of the app alone.
    """

    syntax: bool
    name: str
    python: str
    suite: str | None
    reference: str | None
    tool: LockTool | None
    tool_pins: tuple[str, ...]
    lock: str | None
    files: tuple[str, ...]
    pinned: str | None
    repositories: str | None
    site_packages: str
    build_packages: tuple[str, ...]
    runtime_packages: tuple[str, ...]
    bytecode: bool
    build_only: tuple[str, ...]
    gunicorn: str
    volumes: tuple[tuple[str, tuple[tuple[str, str, str | None], ...]], ...]
    volume_paths: tuple[str, ...]
    environment: tuple[tuple[str, str], ...]
    labels: tuple[tuple[str, str], ...]
    working_directory: str
    user: int
    group: int
    port: int
    stop_signal: str
    health: HealthView
    entrypoint: tuple[str, ...]
    command: tuple[str, ...]
    static: tuple[tuple[str, str, tuple[str, ...]], ...]
    web: WebView | None
    single: str | None


def render_dockerfile(
    plan: Plan, installation: Installation, *, syntax: bool = True, web_image: str | None = None
) -> RenderedFile:
    """The Dockerfile. Raises `PlanError` for a base that no Dockerfile can name."""
    view = dockerfile_view(plan, installation, syntax=syntax, web_image=web_image or WEB_IMAGE)
    values = {**asdict(view), "health": asdict(view.health), "web": asdict(view.web) if view.web else None}
    return rendered_file(DOCKERFILE, template="dockerfile/Dockerfile.j2", values=values)


def dockerfile_view(plan: Plan, installation: Installation, *, syntax: bool, web_image: str) -> DockerfileView:
    """The plan as the template says it."""
    suite, reference = _base(plan)
    runtime, tool = plan.runtime, installation.tool
    user, _, group = runtime.user.partition(":")
    has_repositories = any(one.is_repository for one in installation.pinned)
    pinned = PINNED if any(not one.is_repository for one in installation.pinned) else None
    repositories = REPOSITORIES if has_repositories else None
    build_packages = {*installation.build_packages, *(_COMPILERS if installation.compiled else ())}
    build_only = (GUNICORN, MYSQL, NGINX, PINNED, REPOSITORIES, *((SINGLE,) if plan.single else ()), SITE_PACKAGES)
    return DockerfileView(
        syntax=syntax,
        name=plan.name,
        python=plan.python,
        suite=suite,
        reference=reference,
        tool=tool,
        tool_pins=tool_pins(tool),
        lock=installation.lock,
        files=tuple(sorted({*installation.files, *filter(None, (pinned, repositories))})),
        pinned=pinned,
        repositories=repositories,
        site_packages=SITE_PACKAGES,
        build_packages=tuple(sorted(build_packages | ({"git"} if has_repositories else set()))),
        runtime_packages=installation.runtime_packages,
        bytecode=plan.bytecode == "compiled",
        build_only=build_only,
        gunicorn=GUNICORN,
        volumes=tuple((volume.path, _links(volume)) for volume in plan.source.volumes),
        volume_paths=tuple(volume.path for volume in plan.source.volumes),
        environment=runtime.environment,
        labels=_labels(plan, suite, reference),
        working_directory=runtime.working_directory,
        user=int(user),
        group=int(group),
        port=runtime.port,
        stop_signal=runtime.stop_signal,
        health=HealthView(
            command=runtime.health.command,
            interval=runtime.health.interval,
            timeout=runtime.health.timeout,
            start_period=runtime.health.start_period,
            retries=runtime.health.retries,
        ),
        entrypoint=runtime.entrypoint,
        command=runtime.command,
        static=tuple(_static(one, build_only) for one in reversed(served_folders(plan.web))),
        web=None if plan.single else _web(plan.web, web_image),
        single=SINGLE if plan.single else None,
    )


def _static(folder: StaticFolder, build_only: tuple[str, ...]) -> tuple[str, str, tuple[str, ...]]:
    place = f"{_WEB_ROOT}{folder.url}/"
    prefix = "" if folder.path == "." else f"{folder.path}/"
    inside = tuple(place + path.removeprefix(prefix) for path in build_only if path.startswith(prefix))
    return place, f"{folder.path}/.", inside


def _web(web: WebPlan, image: str) -> WebView:
    return WebView(
        image=image,
        configuration=NGINX,
        pages=NGINX_PAGES,
        port=web.port,
        probe=f"http://127.0.0.1:{web.port}/nginx-health",
    )


def _base(plan: Plan) -> tuple[str | None, str | None]:
    """The Debian release of Docker's own Python image, or the reference of another base."""
    match plan.base:
        case DebianBase(release=release):
            return release, None
        case ReferenceBase(reference=reference):
            return None, reference
        case other:
            raise PlanError(
                f"the base {other.path} lies on this machine, and a Dockerfile can only name an image",
                where="base",
                hint='push it to a registry and set base = "REFERENCE", or build with pack build',
            )


def _labels(plan: Plan, suite: str | None, reference: str | None) -> tuple[tuple[str, str], ...]:
    labels = {label: value for label, value in plan.labels if label not in _OF_A_COMMIT}
    labels[_LABEL + "base.name"] = reference or f"docker.io/library/python:{plan.python}-slim-{suite}"
    return tuple(sorted(labels.items()))


def _links(volume: Volume) -> tuple[tuple[str, str, str | None], ...]:
    folders = ((link, target, posixpath.dirname(link)) for link, target in volume.links)
    return tuple((link, target, None if folder == str(APP_ROOT) else folder) for link, target, folder in folders)
