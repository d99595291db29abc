"""The image of a plan: its layers under its runtime configuration, labels and annotations."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from packer.oci.config import Execution, Healthcheck
from packer.oci.image import BaseImage, Image, assemble
from packer.oci.layer import Layer
from packer.oci.platform import Platform
from packer.plan.model import HealthCheck, Runtime

__all__ = ["plan_image"]

_LABEL = "org.opencontainers.image."


def plan_image(
    runtime: Runtime,
    layers: Sequence[Layer],
    *,
    labels: Iterable[tuple[str, str]],
    volumes: tuple[str, ...],
    platform: Platform,
    created: int,
    base: BaseImage | None,
    base_name: str,
    base_environment: Mapping[str, str],
) -> Image:
    """The image for one platform.

    Args:
        runtime: what a container does.
        layers: pack's layers, bottom first.
        labels: the plan's.
        volumes: places that the app may write to, absolute.
        platform: what it runs on.
        created: seconds since the epoch.
        base: the base image, None when the base is among the layers.
        base_name: what the base is called: a reference, or `debian:trixie`.
        base_environment: variables that the base's own files want; the plan's win.
    """
    stated = {**dict(labels), _LABEL + "base.name": base_name}
    if base is not None:
        stated[_LABEL + "base.digest"] = str(base.digest)
    execution = Execution(
        user=runtime.user,
        ports=(f"{runtime.port}/tcp",),
        environment=tuple(sorted({**base_environment, **dict(runtime.environment)}.items())),
        entrypoint=runtime.entrypoint,
        command=runtime.command,
        volumes=volumes,
        working_directory=runtime.working_directory,
        labels=dict(sorted(stated.items())),
        stop_signal=runtime.stop_signal,
        healthcheck=_healthcheck(runtime.health),
    )
    annotations = {name: value for name, value in stated.items() if name.startswith(_LABEL)}
    return assemble(layers, platform=platform, execution=execution, created=created, base=base, annotations=annotations)


def _healthcheck(check: HealthCheck) -> Healthcheck:
    return Healthcheck.command(
        check.command,
        interval=check.interval,
        timeout=check.timeout,
        start_period=check.start_period,
        retries=check.retries,
    )
