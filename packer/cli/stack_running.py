"""A stack is started from a project's folder: built, told its secrets, brought up."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from msgspec import Struct
from msgspec.structs import replace

from packer.cli.building import Order, build_and_deliver
from packer.cli.output import Output
from packer.cli.wiring import blob_cache, data_folder, host_platform, image_store
from packer.engine.connection import connect
from packer.oci.reference import Reference
from packer.plan.development import plan_development
from packer.plan.planner import make_plan
from packer.plan.settings import Settings
from packer.plan.stack import plan_stack
from packer.project.inspect import inspect
from packer.project.model import Project
from packer.stack.compose import Compose, ComposeError, ComposeProject, find_compose
from packer.stack.identity import StackIdentity
from packer.stack.origins import refuse_strangers, stack_origins
from packer.stack.traits import engine_traits
from packer.stack.waiting import remove_service
from packer.system.configuration import load_settings
from packer.system.tree import DirectoryTree
from packer.workflows.build_request import BuildRequest
from packer.workflows.destinations import parse_destination
from packer.workflows.names import platforms_of
from packer.workflows.own_repository import own_image, own_repository, web_reference
from packer.workflows.own_stack import own_stack
from packer.workflows.provenance import provenance_of
from packer.workflows.secrets import make_secrets
from packer.workflows.stack_files import stack_files
from packer.workflows.timings import Timings
from packer.workflows.up import bring_up, choose_port

__all__ = ["Running", "follow_logs", "started"]


class Running(Struct, frozen=True, kw_only=True):
    """A stack that is up.

    Attributes:
        compose: what started it.
        project: what Compose knows it by.
        variables: what its files were told.
        url: where its page is.
    """

    compose: Compose
    project: ComposeProject
    variables: Mapping[str, str]
    url: str


def started(
    folder: Path,
    out: Output,
    timings: Timings,
    *,
    build: bool,
    development: bool,
    port: int | None,
    patience: float,
    offline: bool,
) -> Running:
    """Start a project's stack.

    Args:
        folder: the project.
        out: for people.
        timings: told of each step.
        build: build what has changed; otherwise the engine must have the images.
        development: run the app from its folder.
        port: where it is reached on this machine, None for pack's choice.
        patience: seconds to wait until all is well; 0 for not at all.
        offline: touch no network while building.

    Raises:
        ProjectError, PlanError, BuildError: as `pack build`.
        EngineError: there is no engine or no Compose, or the stack does not come up.
    """
    settings = replace(load_settings(folder, os.environ, flags={}), layout=None)  # one container for each service
    with connect(os.environ, Path.home()) as engine:
        compose = find_compose(engine.endpoint.known_in(os.environ))
        with timings.step("reading the project"):
            project = inspect(DirectoryTree(folder), app=settings.app)
        plan = make_plan(project, settings)
        stack = plan_stack(plan, project.environment, settings)
        for caution in stack.cautions:
            out.caution(caution)
        own = plan_development(plan, framework=_framework(project)) if development else None
        image = (
            _built(folder, settings, out, timings, web=not development, offline=offline) if build else _known(folder)
        )
        for caution in make_secrets(folder, stack.secrets, note=out.note):
            out.caution(caution)
        name = own_stack(folder, os.environ, blob_cache(os.environ)).name
        files = stack_files(
            folder,
            stack,
            name=name,
            data=data_folder(os.environ),
            development=own,
            traits=engine_traits(engine),
        )
        if files.ignored:
            out.note(f"{files.ignored} is not pack's, so it is not used; `pack generate compose` writes pack's own")
        identity = StackIdentity(name=files.project.name, folder=str(files.project.folder))
        foreign = files.project.folder / files.ignored if files.ignored else None
        refuse_strangers(stack_origins(engine, identity), identity, foreign=foreign)
        chosen = choose_port(engine, identity, wish=port)
        if development:
            remove_service(engine, identity, "web")
        variables = {
            "IMAGE": image.tagged.familiar,
            "WEB_IMAGE": web_reference(image).tagged.familiar,
            "HTTP_PORT": str(chosen),
        }
        bring_up(
            engine,
            compose,
            files.project,
            variables=variables,
            patience=patience,
            line=out.note,
            progress=timings,
        )
    return Running(compose=compose, project=files.project, variables=variables, url=f"http://127.0.0.1:{chosen}")


def follow_logs(running: Running, out: Output) -> None:
    """Show what the stack says until the user interrupts, then stop it."""
    out.note("Ctrl-C stops it; `pack up -d` leaves it running")
    words = ["logs", "--follow", "--tail", "0"]
    try:
        running.compose.follow(running.project, words, variables=running.variables, line=None, shown=True)
    except (KeyboardInterrupt, ComposeError):
        out.note("stopping")
        running.compose.follow(running.project, ["stop"], variables=running.variables, line=out.note)


def _framework(project: Project) -> str | None:
    best = project.app.best
    return best.framework if best else None


def _built(folder: Path, settings: Settings, out: Output, timings: Timings, *, web: bool, offline: bool) -> Reference:
    """Build what has changed, and hand the engine what it lacks; the image's name."""
    request = BuildRequest(
        folder=folder,
        settings=settings,
        platforms=platforms_of((), host=host_platform()),
        provenance=provenance_of(folder, os.environ),
    )
    order = Order(
        request=request,
        names=(),
        destination=parse_destination(None),
        load=True,
        check=False,
        upload=None,
        bill=False,
        provenance=False,
        web=web,
        offline=offline,
    )
    return build_and_deliver(order, out, timings)[0].references[0]


def _known(folder: Path) -> Reference:
    """The project's current image, which the engine must have."""
    cache = blob_cache(os.environ)
    repository = own_repository(folder, os.environ, cache)
    return own_image(image_store(os.environ, cache).list(), repository).reference
