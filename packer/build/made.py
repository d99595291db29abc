"""Recipes become layers: what is known is not made again."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

from packer.build.progress import Progress
from packer.oci.layer import Layer, LayerRecipe
from packer.store.cache import LayerCache

__all__ = ["made_layer", "made_layers"]


def made_layers(recipes: Sequence[LayerRecipe], layers: LayerCache, progress: Progress) -> list[Layer]:
    """The layers in the order of their recipes; two at a time, since deflate and hashing leave the interpreter free."""
    with ThreadPoolExecutor(2, thread_name_prefix="layer") as threads:
        return list(threads.map(lambda recipe: made_layer(recipe, layers, progress), recipes))


def made_layer(recipe: LayerRecipe, layers: LayerCache, progress: Progress) -> Layer:
    """A recipe's layer; a new one is told of."""
    layer = layers.layer(recipe)
    if not layer.cached:
        progress.note(f"made layer {recipe.name}  {_megabytes(layer.descriptor.size)}")
    return layer


def _megabytes(size: int) -> str:
    return f"{size / 1e6:.1f} MB" if size >= 100_000 else f"{size / 1e3:.1f} kB"
