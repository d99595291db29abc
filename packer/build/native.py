"""The native builder: a plan becomes an image, with no Docker, no root, and nothing of the project run."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from msgspec import Struct

from packer.build.configuration import configuration_recipe
from packer.build.foundation import Foundation
from packer.build.groundwork import Groundwork, compiler_of
from packer.build.made import layer_makers
from packer.build.progress import Progress
from packer.build.source import source_recipe
from packer.build.source_index import file_digests
from packer.build.static_files import static_recipe
from packer.build.workshop import Workshop
from packer.oci.image import Image
from packer.oci.platform import Platform
from packer.plan.model import Plan
from packer.project.model import Caution
from packer.render.gunicorn import render_gunicorn
from packer.render.nginx import served_folders
from packer.render.rendered import RenderedFile
from packer.system.source_files import SourceFile
from packer.wheels.environment import VirtualEnvironment
from packer.wheels.fetch import WheelFetcher
from packer.wheels.group import Placement
from packer.wheels.layers import LayerTools, dependency_layers
from packer.wheels.model import Wheel

__all__ = ["Material", "NativeImage", "build_native"]


class Material(Struct, frozen=True, kw_only=True):
    """Everything that an image is made of, settled but not yet made.

    Attributes:
        foundation: the base, described, as it is before anything is added for the sake of native code.
        completed: waits for the base as it will be; with the same Python.
        wheels: the distributions.
        fetcher: brings them.
        files: what of the project goes into the image.
        placements: how the wheels were grouped last time.
    """

    foundation: Foundation
    completed: Callable[[], Foundation]
    wheels: tuple[Wheel, ...]
    fetcher: WheelFetcher
    files: tuple[SourceFile, ...]
    placements: tuple[Placement, ...] = ()


class NativeImage(Struct, frozen=True, kw_only=True):
    """An image, how its wheels are grouped, and what was noticed on the way.

    `groundwork` is what stands below its source, where that is pack's own layers and the source is all above it.
    """

    image: Image
    groundwork: Groundwork | None
    placements: tuple[Placement, ...]
    cautions: tuple[Caution, ...]


def build_native(
    plan: Plan,
    material: Material,
    *,
    root: Path,
    platform: Platform,
    created: int,
    workshop: Workshop,
    progress: Progress,
) -> NativeImage:
    """Make the image for one platform; layers that are known are neither fetched nor made.

    Args:
        plan: what to make.
        material: what to make it of.
        root: the project.
        platform: what the image runs on.
        created: seconds since the epoch, for the configuration.
        workshop: what to work with.
        progress: told of each layer.

    Raises:
        BuildError: a part is broken, or the disk is full.
        TransientError: something that is needed cannot be fetched.
    """
    foundation = material.foundation
    interpreter = foundation.interpreter() if plan.bytecode == "compiled" else None
    with compiler_of(interpreter) as compiler:
        dependencies = dependency_layers(
            material.wheels,
            environment=VirtualEnvironment(
                python=plan.python, interpreter=foundation.python, python_full=foundation.python_version
            ),
            tools=LayerTools(cache=workshop.cache, fetcher=material.fetcher, compiler=compiler),
            previous=material.placements,
        )
        digests = file_digests(root, material.files, workshop.cache)
        source = source_recipe(
            root,
            material.files,
            digests,
            plan.source,
            compiler=compiler,
            cache=workshop.cache,
        )
        dependencies.prefetch(one for one in dependencies.recipes if workshop.layers.recorded(one) is None)
        configuration = configuration_recipe(plan, _rendered(plan), compiler=compiler)
        above = [source]
        if plan.single:
            above.append(static_recipe(root, material.files, digests, served_folders(plan.web)))
        with layer_makers(workshop.layers, progress) as make:
            making = make([*dependencies.recipes, configuration, *above])
            foundation = material.completed()
            base = make(foundation.recipes)
            layers = [layer.result() for layer in (*base, *making)]
    groundwork = Groundwork(
        runtime=plan.runtime,
        source=plan.source,
        labels=plan.labels,
        base_name=foundation.name,
        base_environment=foundation.environment,
        interpreter=interpreter,
        layers=tuple(layers[: -len(above)]),
    )
    return NativeImage(
        image=groundwork.image(layers[-len(above) :], platform=platform, created=created, base=foundation.image),
        groundwork=None if foundation.image or plan.single else groundwork,
        placements=dependencies.assignment,
        cautions=(*foundation.cautions, *dependencies.cautions),
    )


def _rendered(plan: Plan) -> tuple[RenderedFile, ...]:
    """The configuration of what runs in the container."""
    single = plan.single
    port = single.app_port if single else plan.runtime.port
    gunicorn = render_gunicorn(plan.server, port=port, health=plan.runtime.health.path)
    if single is None:
        return (gunicorn,)
    from packer.render.single import render_single  # noqa: PLC0415 - most images hold the app alone

    return (gunicorn, *render_single(plan, single))
