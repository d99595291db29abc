"""The groundwork of an image: everything of it but the project's source, known by descriptors.

What an image is made of below its source changes seldom, and choosing it takes most of a build's time. A value that
outlives the build it comes from lets the next one make the source's layer alone. `build_on` needs nothing that
chooses: neither locks, nor packages, nor wheels.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from msgspec import Struct

from packer.build.image import plan_image
from packer.build.made import made_layer
from packer.build.progress import Progress
from packer.build.source import source_recipe
from packer.build.source_index import file_digests
from packer.oci.image import BaseImage, Image
from packer.oci.layer import Layer
from packer.oci.platform import Platform
from packer.plan.model import Runtime, SourcePlan
from packer.store.cache import BlobCache, LayerCache
from packer.system.bytecode import Compiler, Interpreter
from packer.system.source_files import SourceFile

__all__ = ["Groundwork", "build_on", "compiler_of"]


class Groundwork(Struct, frozen=True, kw_only=True):
    """What stands below the source, and what the image says of itself.

    Attributes:
        runtime: what a container does.
        source: what of the project goes where.
        labels: the image's, in order of name.
        base_name: what the base is called.
        base_environment: variables that the base's own files want.
        interpreter: compiles the source; None for an image without bytecode.
        layers: those below the source, lowest first.
    """

    runtime: Runtime
    source: SourcePlan
    labels: tuple[tuple[str, str], ...]
    base_name: str
    base_environment: tuple[tuple[str, str], ...]
    interpreter: Interpreter | None
    layers: tuple[Layer, ...]

    def image(
        self, above: Sequence[Layer], *, platform: Platform, created: int, base: BaseImage | None = None
    ) -> Image:
        """The image with the source's layers on top. `base` is what all layers stand on, if it is an image."""
        return plan_image(
            self.runtime,
            (*self.layers, *above),
            labels=self.labels,
            volumes=tuple(volume.path for volume in self.source.volumes),
            platform=platform,
            created=created,
            base=base,
            base_name=self.base_name,
            base_environment=dict(self.base_environment),
        )


def build_on(
    groundwork: Groundwork,
    root: Path,
    files: Sequence[SourceFile],
    *,
    platform: Platform,
    created: int,
    cache: BlobCache,
    layers: LayerCache,
    progress: Progress,
) -> Image:
    """The image of a project's files on a groundwork that is there.

    Raises:
        BuildError: a file cannot be read or compiled, or the disk is full.
    """
    with compiler_of(groundwork.interpreter) as compiler:
        digests = file_digests(root, files, cache)
        recipe = source_recipe(root, files, digests, groundwork.source, compiler=compiler, cache=cache)
        source = made_layer(recipe, layers, progress)
    return groundwork.image([source], platform=platform, created=created)


@contextmanager
def compiler_of(interpreter: Interpreter | None) -> Iterator[Compiler | None]:
    """The compiler of an interpreter's bytecode, ended at the end; None for none."""
    if interpreter is None:
        yield None
        return
    compiler = Compiler(interpreter)
    try:
        yield compiler
    finally:
        compiler.close()
