"""An image as the foundation of another: from a layout or archive on this machine, or from a registry."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from packer.build.foundation import Foundation
from packer.build.image_foundation.base_python import (
    DEFAULT_PATH,
    BasePython,
    Libraries,
    find_python,
    wanted_for_python,
)
from packer.build.image_foundation.facts import BaseFacts, known_facts, learn_facts, remember_facts
from packer.build.image_foundation.interpreter import UnpackedBasePython
from packer.errors import BuildError
from packer.oci.image import BaseImage
from packer.oci.platform import Platform
from packer.plan.model import APP_ROOT
from packer.project.model import Caution
from packer.store.archive_base import read_archive
from packer.store.cache import BlobCache
from packer.store.file_tree import FileTree
from packer.store.image_files import ImageFiles
from packer.store.layers import DiskLayerCache
from packer.store.layout import read_layout
from packer.wheels.target import Target

if TYPE_CHECKING:
    from packer.system.bytecode import Interpreter

__all__ = ["base_image", "image_foundation"]


def image_foundation(
    image: BaseImage,
    platform: Platform,
    *,
    python: str | None = None,
    cache: BlobCache,
    host: Platform | None,
    where: str,
    bring: Callable[[], None] | None = None,
) -> Foundation:
    """The foundation that a base is. What was found in it is remembered by its digest.

    Its Python is started on this machine, outside of any container, to compile bytecode, when the foundation's
    `interpreter` is first used: whoever names a base trusts it as far as that.

    Args:
        image: the base.
        platform: what to build for.
        python: X.Y, where it is not the newest that is to be taken.
        cache: has the base's layers; takes the facts and the unpacked interpreter.
        host: the platform whose programs this machine runs; None where Linux programs do not run.
        where: names the base in messages.
        bring: puts the layers into the cache, where they may not be there; called only when they are read.

    Raises:
        ArchiveError: it is broken.
        TrustError: something in it does not have its digest.
        BuildError: it has no Python that wheels fit.
    """
    return _Examination(image, platform, python=python, cache=cache, where=where, bring=bring).foundation(host)


def base_image(wish: str, platform: Platform, *, cache: BlobCache, layers: DiskLayerCache) -> BaseImage:
    """The image that a base on this machine is, its layers in the cache.

    Args:
        wish: `oci:DIR` or `archive:FILE`, with `:NAME` behind it where there are several images.
        platform: what to build for.
        cache: takes the layers.
        layers: takes uncompressed layers.

    Raises:
        UsageError: there is no such folder, file or image in it.
        ArchiveError: it is broken, or for another platform.
        TrustError: something in it does not have its digest.
    """
    scheme, _, path = wish.partition(":")
    if scheme == "oci":
        return read_layout(path, platform=platform, cache=cache)
    return read_archive(path, platform=platform, cache=cache, layers=layers)


class _Examination:
    """One base being looked at; its layers are opened only for what is not known yet."""

    def __init__(
        self,
        image: BaseImage,
        platform: Platform,
        *,
        python: str | None,
        cache: BlobCache,
        where: str,
        bring: Callable[[], None] | None,
    ) -> None:
        self._bring = bring
        self._image = image
        self._platform = platform
        self._wanted = python
        self._cache = cache
        self._where = where
        self._environment = dict(image.config.execution.environment)
        self._files = ImageFiles(image.layers, cache, wanted=wanted_for_python)

    def foundation(self, host: Platform | None) -> Foundation:
        facts = self._facts()
        runs = host is not None and host.runs(self._platform)
        return Foundation(
            name=self._image.name,
            image=self._image,
            python=facts.program,
            python_version=facts.version,
            glibc=facts.glibc,
            environment=() if "LANG" in self._environment else (("LANG", "C.UTF-8"),),
            interpreter=self._interpreter(facts) if runs else _none,
            sonames=frozenset(facts.sonames),
            cautions=tuple(self._cautions(facts, runs=runs)),
        )

    def _facts(self) -> BaseFacts:
        known = known_facts(self._cache, self._image.digest, self._wanted)
        if known is not None:
            return known
        tree, python = self._find()
        try:
            facts = learn_facts(tree, python, libraries=self._libraries(tree), environment=self._environment)
        except BuildError as error:
            error.where = error.where or self._where
            raise
        remember_facts(self._cache, self._image.digest, self._wanted, facts)
        return facts

    def _find(self) -> tuple[FileTree, BasePython]:
        if self._bring is not None:
            self._bring()
        try:
            tree = self._files.tree()
            return tree, find_python(
                tree,
                self._environment.get("PATH") or DEFAULT_PATH,
                wanted=self._wanted,
                machine=self._machine,
                libraries=self._libraries(tree),
            )
        except BuildError as error:
            error.where = error.where or self._where
            raise

    @property
    def _machine(self) -> str:
        return Target(python="", platform=self._platform, glibc=(0, 0)).machine

    def _libraries(self, tree: FileTree) -> Libraries:
        return Libraries(tree, self._environment, self._machine)

    def _interpreter(self, facts: BaseFacts) -> Callable[[], Interpreter | None]:
        return UnpackedBasePython(
            image=self._image.digest,
            python=facts.python,
            loader=facts.loader,
            version=f"{facts.version} {facts.identity[:16]}",
            folder=self._cache.root / "interpreters",
            find=self._find,
        )

    def _cautions(self, facts: BaseFacts, *, runs: bool) -> list[Caution]:
        cautions = []
        if facts.occupied:
            cautions.append(
                Caution(
                    what=f"the base already has files in {APP_ROOT}; they stay, and mix with the project's",
                    hint="use a base without an app in it",
                )
            )
        if not runs:
            cautions.append(
                Caution(
                    what=f"Python for {self._platform} does not run on this machine: the image gets no bytecode",
                    hint="build on a machine of that platform for a faster start",
                )
            )
        return cautions


def _none() -> None:
    return None
