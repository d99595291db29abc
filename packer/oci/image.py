"""Images: what a manifest, a config and layers are together, and how one is assembled."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from types import MappingProxyType

from msgspec import Struct
from msgspec.structs import replace

from packer.errors import ArchiveError, BuildError
from packer.oci.config import Execution, History, ImageConfig, merged_environment
from packer.oci.descriptor import MEDIA_TYPE_CONFIG, MEDIA_TYPE_MANIFEST, Descriptor
from packer.oci.digest import Digest
from packer.oci.layer import Layer
from packer.oci.manifest import Manifest
from packer.oci.platform import Platform

__all__ = ["MAX_LAYERS", "BaseImage", "Image", "assemble", "base_layers"]

MAX_LAYERS = 125
"""Docker's classic store refuses to run an image of more (`max depth exceeded`)."""

_IDENTITY_LABELS = "org.opencontainers.image."
"""Labels of a base with this prefix describe the base and would lie about what is built on it."""

_BUILD_RECORDS = frozenset({"container", "container_config", "docker_version", "id", "parent", "throwaway"})
"""Top-level fields in which old Dockers note how the base itself was built."""


class BaseImage(Struct, frozen=True, kw_only=True):
    """What an image is built on.

    Attributes:
        config: its config.
        layers: its layers, bottom first. Their blobs are where the image's other blobs are.
        digest: of its manifest.
        name: what it is called on every machine: a reference, or the last part of a path.
    """

    config: ImageConfig
    layers: tuple[Layer, ...]
    digest: Digest
    name: str


class Image(Struct, frozen=True, kw_only=True):
    """An immutable image for one platform: the exact bytes of its manifest and config, and its layers, bottom first."""

    manifest: bytes
    config: bytes
    layers: tuple[Layer, ...]
    platform: Platform

    @property
    def digest(self) -> Digest:
        """The manifest's digest: what `reference@digest` pins."""
        return Digest.of(self.manifest)

    @property
    def config_descriptor(self) -> Descriptor:
        """The config blob."""
        return Descriptor(media_type=MEDIA_TYPE_CONFIG, digest=Digest.of(self.config), size=len(self.config))

    @property
    def descriptor(self) -> Descriptor:
        """The manifest, with its platform: an index's entry."""
        return Descriptor(
            media_type=MEDIA_TYPE_MANIFEST, digest=self.digest, size=len(self.manifest), platform=self.platform
        )

    @property
    def size(self) -> int:
        """The bytes of all blobs as they are stored, each counted once."""
        blobs = {layer.descriptor.digest: layer.descriptor.size for layer in self.layers}
        return len(self.manifest) + len(self.config) + sum(blobs.values())


def assemble(
    layers: Iterable[Layer],
    *,
    platform: Platform,
    execution: Execution,
    created: int,
    base: BaseImage | None = None,
    annotations: Mapping[str, str] = MappingProxyType({}),
) -> Image:
    """An image of `layers`, on top of a base's where there is one.

    Of the base's configuration, variables, labels, ports and volumes are added to (`execution` wins), and user,
    working directory, stop signal and health check replaced where `execution` says something; entrypoint and command
    are replaced together. Labels that describe the base itself and `ONBUILD` triggers are dropped.

    Args:
        layers: the new layers, bottom first.
        platform: must be one that the base is for.
        execution: the runtime configuration.
        created: seconds since the epoch, for the config and the new history.
        base: what to build on.
        annotations: of the manifest. A base's are not taken over.

    Raises:
        BuildError: the base is for another platform, or there are more layers than engines accept.
    """
    new = tuple(layers)
    moment = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(created))
    history = tuple(History(created=moment, created_by=layer.created_by, comment=layer.name) for layer in new)
    under: tuple[Layer, ...] = ()
    others: Mapping[str, object] = {}
    if base is not None:
        if not platform.runs(base.config.platform):
            raise BuildError(f"the base is for {base.config.platform}, not for {platform}", where=base.name)
        under, others = base.layers, _lasting(base.config.others)
        history = _complete_history(base) + history
        execution = _on_top_of(base.config.execution, execution)
    stack = under + new
    if len(stack) > MAX_LAYERS:
        raise BuildError(f"the image has {len(stack)} layers; engines run at most {MAX_LAYERS}")
    config = ImageConfig(
        platform=platform,
        diff_ids=tuple(layer.diff_id for layer in stack),
        created=moment,
        execution=execution,
        history=history,
        others=others,
    ).to_json()
    manifest = Manifest(
        config=Descriptor(media_type=MEDIA_TYPE_CONFIG, digest=Digest.of(config), size=len(config)),
        layers=tuple(layer.descriptor for layer in stack),
        annotations=annotations,
    ).to_json()
    return Image(manifest=manifest, config=config, layers=stack, platform=platform)


def base_layers(manifest: Manifest, config: ImageConfig) -> tuple[Layer, ...]:
    """A read image's layers: what the manifest stores and what the config says of it.

    Raises `ArchiveError` when the two do not count the same layers.
    """
    if len(manifest.layers) != len(config.diff_ids):
        raise ArchiveError(f"the manifest has {len(manifest.layers)} layers, the config {len(config.diff_ids)}")
    return tuple(
        Layer(
            descriptor=replace(descriptor, annotations=MappingProxyType({}), platform=None),
            diff_id=diff_id,
            name=entry.comment or "base",
            created_by=entry.created_by,
            cached=True,
        )
        for descriptor, diff_id, entry in zip(manifest.layers, config.diff_ids, _layer_history(config), strict=True)
    )


def _layer_history(config: ImageConfig) -> tuple[History, ...]:
    """One entry for each layer; made up where the config's do not fit its layers."""
    entries = tuple(entry for entry in config.history if not entry.empty_layer)
    if len(entries) == len(config.diff_ids):
        return entries
    return tuple(History(created=config.created, created_by="base") for _ in config.diff_ids)


def _complete_history(base: BaseImage) -> tuple[History, ...]:
    fitting = sum(not entry.empty_layer for entry in base.config.history) == len(base.config.diff_ids)
    return base.config.history if fitting else _layer_history(base.config)


def _lasting(others: Mapping[str, object]) -> Mapping[str, object]:
    """The unknown fields of a base that still hold for what is built on it (`os.version`, …)."""
    return {name: value for name, value in others.items() if name not in _BUILD_RECORDS}


def _on_top_of(base: Execution, new: Execution) -> Execution:
    """The configuration of an image whose base has one already."""
    starts = new if new.entrypoint or new.command else base
    inherited = {name: text for name, text in base.labels.items() if not name.startswith(_IDENTITY_LABELS)}
    return Execution(
        user=new.user or base.user,
        ports=tuple(sorted({*base.ports, *new.ports})),
        environment=merged_environment(base.environment, new.environment),
        entrypoint=starts.entrypoint,
        command=starts.command,
        volumes=tuple(sorted({*base.volumes, *new.volumes})),
        working_directory=new.working_directory or base.working_directory,
        labels=MappingProxyType({**inherited, **new.labels}),
        stop_signal=new.stop_signal or base.stop_signal,
        healthcheck=new.healthcheck or base.healthcheck,
        others={**{name: value for name, value in base.others.items() if name != "OnBuild"}, **new.others},
    )
