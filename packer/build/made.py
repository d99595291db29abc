"""Recipes become layers: what is known is not made again."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager

from packer.build.progress import Progress
from packer.oci.layer import Layer, LayerRecipe
from packer.store.cache import LayerCache

__all__ = ["layer_makers", "made_layer", "made_layers"]

_AT_ONCE = 3


def made_layers(recipes: Sequence[LayerRecipe], layers: LayerCache, progress: Progress) -> list[Layer]:
    """The layers in the order of their recipes."""
    with layer_makers(layers, progress) as make:
        return [layer.result() for layer in make(recipes)]


@contextmanager
def layer_makers(
    layers: LayerCache, progress: Progress
) -> Iterator[Callable[[Sequence[LayerRecipe]], list[Future[Layer]]]]:
    """What makes layers, some at a time: deflate and hashing leave the interpreter free, and a compiler is waited for.

    Layers that were not begun with when the block is left are not made.
    """
    threads = ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="layer")
    try:
        yield lambda recipes: [threads.submit(made_layer, recipe, layers, progress) for recipe in recipes]
    finally:
        threads.shutdown(cancel_futures=True)


def made_layer(recipe: LayerRecipe, layers: LayerCache, progress: Progress) -> Layer:
    """A recipe's layer; a new one is told of."""
    layer = layers.layer(recipe)
    if not layer.cached:
        progress.note(f"made layer {recipe.name}  {_megabytes(layer.descriptor.size)}")
    return layer


def _megabytes(size: int) -> str:
    return f"{size / 1e6:.1f} MB" if size >= 100_000 else f"{size / 1e3:.1f} kB"
