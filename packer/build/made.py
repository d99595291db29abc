"""Recipes become layers: what is known is not made again."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

from packer.build.progress import Progress
from packer.build.workshop import Workshop
from packer.oci.layer import Layer, LayerRecipe

__all__ = ["made_layers"]


def made_layers(recipes: Sequence[LayerRecipe], workshop: Workshop, progress: Progress) -> list[Layer]:
    """The layers in the order of their recipes; two at a time, since deflate and hashing leave the interpreter free."""

    def make(recipe: LayerRecipe) -> Layer:
        layer = workshop.layers.layer(recipe)
        if not layer.cached:
            progress.note(f"made layer {recipe.name}  {_megabytes(layer.descriptor.size)}")
        return layer

    with ThreadPoolExecutor(2, thread_name_prefix="layer") as threads:
        return list(threads.map(make, recipes))


def _megabytes(size: int) -> str:
    return f"{size / 1e6:.1f} MB" if size >= 100_000 else f"{size / 1e3:.1f} kB"
