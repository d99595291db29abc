"""The web image: nginx from Debian packages, its configuration, and the app's static files."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from msgspec import Struct

from packer.build.debian_foundation import pin_debian
from packer.build.made import made_layers
from packer.build.nginx_check import try_nginx
from packer.build.progress import Progress
from packer.build.source_index import file_digests
from packer.build.static_files import static_recipe
from packer.build.workshop import Workshop
from packer.debian.lock import BaseLock
from packer.debian.system import debian_system
from packer.oci.config import Execution, Healthcheck
from packer.oci.entry import APP_GID, APP_UID, Entry
from packer.oci.image import Image, assemble
from packer.oci.layer import LayerRecipe
from packer.oci.platform import Platform
from packer.plan.model import WebPlan
from packer.project.model import Caution
from packer.render.nginx import render_nginx, served_folders
from packer.render.rendered import RenderedFile
from packer.system.source_files import SourceFile

__all__ = ["WebImage", "build_web", "pin_web"]

_LABEL = "org.opencontainers.image."
_LAYOUT_VERSION = "web/1"
_ASK = ("/usr/bin/busybox", "wget", "-q", "-T", "3", "-O", "/dev/null")


class WebImage(Struct, frozen=True, kw_only=True):
    """The image, and what was noticed on the way."""

    image: Image
    cautions: tuple[Caution, ...]


def pin_web(
    web: WebPlan,
    architecture: str,
    *,
    locked: BaseLock | None,
    workshop: Workshop,
    refresh: bool = False,
    allow_expired: bool = False,
) -> BaseLock:
    """The packages of the web image's base; what `locked` pins holds unless `refresh`. Raises as `pin_debian`."""
    return pin_debian(
        web.base,
        architecture,
        locked=locked,
        workshop=workshop,
        refresh=refresh,
        allow_expired=allow_expired,
    )


def build_web(
    web: WebPlan,
    base: BaseLock,
    *,
    root: Path,
    files: Sequence[SourceFile],
    labels: Mapping[str, str],
    platform: Platform,
    created: int,
    workshop: Workshop,
    progress: Progress,
) -> WebImage:
    """Make the image for one platform; layers that are known are neither fetched nor made.

    Args:
        web: what to make.
        base: the packages.
        root: the project.
        files: what of the project goes into images; the static ones are taken.
        labels: of the image.
        platform: what it runs on.
        created: seconds since the epoch, for the configuration.
        workshop: what to work with.
        progress: told of each layer.

    nginx tries its configuration first, where it runs on this machine.

    Raises `BuildError` or `TransientError` as the native builder does.
    """
    system = debian_system(base, http=workshop.http, cache=workshop.cache, mirrors=workshop.mirrors)
    folders = served_folders(web)
    taken = [file for file in files if any(f"{file.path}".startswith(_prefix(folder.path)) for folder in folders)]
    digests = file_digests(root, taken, workshop.cache, part="static")
    rendered = render_nginx(web)
    with progress.step("trying the configuration"):
        untried = try_nginx(base, rendered, workshop)
    recipes = [system.recipe, _configuration(rendered), static_recipe(root, taken, digests, folders)]
    layers = made_layers(recipes, workshop.layers, progress)
    marked = {**labels, _LABEL + "base.name": f"debian:{base.release}"}
    execution = Execution(
        user=f"{APP_UID}:{APP_GID}",
        ports=(f"{web.port}/tcp",),
        environment=system.environment,
        entrypoint=("/usr/sbin/nginx",),
        command=("-e", "stderr", "-g", "daemon off;"),
        working_directory="/srv/www",
        labels=dict(sorted(marked.items())),
        stop_signal="SIGQUIT",
        healthcheck=Healthcheck.command(
            (*_ASK, f"http://127.0.0.1:{web.port}/nginx-health"), interval=10, timeout=5, start_period=10, retries=3
        ),
    )
    annotations = {name: value for name, value in marked.items() if name.startswith(_LABEL)}
    image = assemble(layers, platform=platform, execution=execution, created=created, annotations=annotations)
    return WebImage(image=image, cautions=(*system.cautions, *untried))


def _prefix(folder: str) -> str:
    return "" if folder == "." else f"{folder}/"


def _configuration(rendered: Sequence[RenderedFile]) -> LayerRecipe:
    """The rendered files. A packaged file at the same path, and sites that Debian enables, are covered or not read."""

    def entries() -> Iterator[Entry]:
        for file in rendered:
            yield Entry.file(file.path.lstrip("/"), file.text.encode())

    inputs = (_LAYOUT_VERSION, *(f"{file.path}\0{file.key}" for file in rendered))
    return LayerRecipe(name="configuration", inputs=inputs, created_by="pack: nginx configuration", entries=entries)
