"""Layers that need not be here: those that the place an image goes to has already."""

from __future__ import annotations

import threading
from collections.abc import Callable

from packer.errors import TrustError
from packer.oci.descriptor import Descriptor
from packer.oci.digest import Digest
from packer.oci.layer import Layer, LayerRecipe
from packer.store.blobs import stored_blob, whole_blob
from packer.store.cache import BlobCache
from packer.store.layers import DiskLayerCache
from packer.system.http import ByteStream

__all__ = ["ReusedLayers"]


class ReusedLayers(DiskLayerCache):
    """The `LayerCache` of a build whose image is pushed.

    Args:
        cache: where the blobs and records are.
        is_there: whether the registry has a layer.
        offer: is told of every layer as soon as it is known.
    """

    def __init__(self, cache: BlobCache, *, is_there: Callable[[Layer], bool], offer: Callable[[Layer], None]) -> None:
        super().__init__(cache)
        self._blobs = cache
        self._is_there = is_there
        self._offer = offer
        self._recipes: dict[Digest, LayerRecipe] = {}
        self._lock = threading.Lock()

    def layer(self, recipe: LayerRecipe) -> Layer:
        """See `LayerCache.layer`. What the registry has is neither made nor fetched."""
        known = self.recorded(recipe)
        if known is not None and whole_blob(self._blobs, known.descriptor) is None and self._is_there(known):
            with self._lock:
                self._recipes[known.descriptor.digest] = recipe
            return known
        made = super().layer(recipe)
        self._offer(made)
        return made

    def open(self, descriptor: Descriptor) -> ByteStream:
        """A layer's bytes, made now where the registry had them and has lost them.

        Raises `BuildError` when they cannot be made, `TrustError` when something else comes out: then the record that
        led to the layer is false.
        """
        recipe = self._recipes.get(descriptor.digest)
        if recipe is not None and whole_blob(self._blobs, descriptor) is None:
            made = super().layer(recipe)
            if made.descriptor.digest != descriptor.digest:
                raise TrustError(
                    f"the shared cache says that the layer {recipe.name} is {descriptor.digest.short}, "
                    f"and it is {made.descriptor.digest.short}",
                    hint="build again: this machine knows better now. Then look who may write to the cache, and "
                    "remove what is in it: pack cache prune --registry REF --keep-days 0",
                )
        return stored_blob(self._blobs, descriptor).open("rb")
