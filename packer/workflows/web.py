"""Build the web image: from a folder to nginx with the app's static files."""

from __future__ import annotations

from msgspec.structs import replace

from packer.build.lockfile import PackLock
from packer.build.progress import Progress
from packer.build.web import build_web, pin_web
from packer.build.workshop import Workshop
from packer.debian.lock import BaseLock
from packer.errors import LockError
from packer.oci.image import Image
from packer.plan.planner import make_plan
from packer.project.inspect import inspect
from packer.project.model import Caution
from packer.system.tree import DirectoryTree
from packer.workflows.build_request import BuildRequest
from packer.workflows.built import Built
from packer.workflows.locks import read_pack_lock
from packer.workflows.own_repository import web_name
from packer.workflows.reading import read_sources

__all__ = ["build_web_image"]


def build_web_image(request: BuildRequest, workshop: Workshop, *, progress: Progress) -> Built:
    """Inspect, plan and make; nothing is resolved but nginx.

    Raises:
        ProjectError: the folder cannot be understood.
        PlanError: there is no app.
        LockError: `frozen`, and no lock pins the base.
        BuildError: a part is broken, or cannot be had.
        TransientError: a mirror does not answer.
    """
    settings = request.settings
    with progress.step("reading the project"):
        project = inspect(DirectoryTree(request.folder), app=settings.app)
    plan = make_plan(project, replace(settings, layout=None))
    version = project.own_package.version if project.own_package else None
    labels = dict(request.provenance.labels(title=web_name(project.name), version=version))
    files = read_sources(request.folder, settings).files
    lock = read_pack_lock(request.folder)
    if request.frozen and lock is None:
        raise LockError("there is no pack.lock to follow", hint="write it: pack lock")
    images: list[Image] = []
    cautions: list[Caution] = []
    for platform in request.platforms:
        locked = _locked(lock, platform.architecture, frozen=request.frozen)
        with progress.step("choosing nginx"):
            base = pin_web(
                plan.web,
                platform.architecture,
                locked=locked,
                workshop=workshop,
                refresh=request.refresh,
                allow_expired=settings.debian.allow_expired,
            )
        with progress.step(f"building the web image for {platform}"):
            made = build_web(
                plan.web,
                base,
                root=request.folder,
                files=files,
                labels={**labels, **dict(settings.labels)},
                platform=platform,
                created=request.provenance.created,
                workshop=workshop,
                progress=progress,
            )
        images.append(made.image)
        cautions += made.cautions
    return Built(
        name=web_name(project.name),
        images=tuple(images),
        created=request.provenance.created,
        pinned=lock is not None and all(lock.web_base(one.architecture) for one in request.platforms),
        cautions=tuple(dict.fromkeys(cautions)),
    )


def _locked(lock: PackLock | None, architecture: str, *, frozen: bool) -> BaseLock | None:
    base = lock.web_base(architecture) if lock else None
    if frozen and base is None:
        raise LockError(
            f"pack.lock does not pin the web image for {architecture}",
            hint="set web.build = true under [tool.pack], then: pack lock",
        )
    return base
