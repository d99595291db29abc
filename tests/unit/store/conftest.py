"""A cache, and images made of small layers."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from packer.oci.config import Execution
from packer.oci.entry import Entry
from packer.oci.image import Image, assemble
from packer.oci.layer import Layer, LayerRecipe
from packer.oci.platform import LINUX_AMD64, Platform
from packer.store.cache import DiskCache
from packer.store.layers import DiskLayerCache


@pytest.fixture
def cache(tmp_path: Path) -> DiskCache:
    return DiskCache(tmp_path / "cache")


@pytest.fixture
def other_cache(tmp_path: Path) -> DiskCache:
    """The cache of another machine."""
    return DiskCache(tmp_path / "elsewhere")


@pytest.fixture
def make_image(cache: DiskCache) -> Callable[..., Image]:
    """Makes an image of layers with one file each, `make_image("base", "app")`, its blobs in the cache."""

    def layer(name: str) -> Layer:
        entries = (Entry.file(f"{name}.txt", name.encode() * 1000),)
        recipe = LayerRecipe(name=name, inputs=(name,), created_by=f"pack: {name}", entries=lambda: entries)
        return DiskLayerCache(cache).layer(recipe)

    def make(*names: str, platform: Platform = LINUX_AMD64) -> Image:
        execution = Execution(entrypoint=(f"/{names[-1]}",))
        return assemble([layer(name) for name in names], platform=platform, execution=execution, created=1_700_000_000)

    return make
