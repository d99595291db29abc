"""Layers that a registry has are not made; when it has lost them, they are made, or a lie comes to light."""

from __future__ import annotations

import json
from dataclasses import dataclass, field

import pytest

from packer.errors import TrustError
from packer.oci.digest import Digest
from packer.oci.entry import Entry
from packer.oci.layer import Layer, LayerRecipe
from packer.store.cache import DiskCache
from packer.store.layers import DiskLayerCache
from packer.store.reused_layers import ReusedLayers
from packer.store.shared_records import SharingCache


@dataclass
class Place:
    """A registry as layers see it."""

    digests: set[Digest] = field(default_factory=set)
    offered: list[Layer] = field(default_factory=list)

    def has(self, layer: Layer) -> bool:
        return layer.descriptor.digest in self.digests


@dataclass
class Maker:
    """A recipe that counts how often it is followed."""

    text: bytes = b"x"
    made: int = 0

    def recipe(self) -> LayerRecipe:
        return LayerRecipe(name="app", inputs=(self.text.decode(),), created_by="pack: app", entries=self._entries)

    def _entries(self) -> tuple[Entry, ...]:
        self.made += 1
        return (Entry.file("app.txt", self.text * 1000),)


def told(other: DiskCache, cache: DiskCache, recipe: LayerRecipe) -> SharingCache:
    """A cache that knows of another machine what it made of the recipe."""
    theirs = SharingCache(other)
    DiskLayerCache(theirs).layer(recipe)
    sharing = SharingCache(cache)
    sharing.learn(theirs.used)
    return sharing


def test_a_layer_that_the_registry_has_is_neither_made_nor_offered(cache, other_cache):
    known = DiskLayerCache(other_cache).layer(Maker().recipe())
    place, maker = Place({known.descriptor.digest}), Maker()
    layers = ReusedLayers(told(other_cache, cache, maker.recipe()), is_there=place.has, offer=place.offered.append)
    maker.made = 0

    layer = layers.layer(maker.recipe())

    assert (layer.descriptor, layer.diff_id) == (known.descriptor, known.diff_id)
    assert maker.made == 0
    assert place.offered == []
    assert cache.path(layer.descriptor.digest) is None


def test_a_layer_that_the_registry_lacks_is_made_and_offered(cache, other_cache):
    place, maker = Place(), Maker()
    layers = ReusedLayers(told(other_cache, cache, maker.recipe()), is_there=place.has, offer=place.offered.append)

    layer = layers.layer(maker.recipe())

    assert place.offered == [layer]
    assert cache.path(layer.descriptor.digest)


def test_a_layer_that_the_registry_has_lost_is_made_when_it_is_opened(cache, other_cache):
    known = DiskLayerCache(other_cache).layer(Maker().recipe())
    place, maker = Place({known.descriptor.digest}), Maker()
    layers = ReusedLayers(told(other_cache, cache, maker.recipe()), is_there=place.has, offer=place.offered.append)
    layer = layers.layer(maker.recipe())

    stream = layers.open(layer.descriptor)

    assert Digest.of(stream.read()) == layer.descriptor.digest
    stream.close()


def test_a_record_that_leads_to_another_layer_comes_to_light_when_it_is_opened(cache, other_cache):
    wrong = DiskLayerCache(other_cache).layer(Maker(text=b"evil").recipe())
    record = {"descriptor": wrong.descriptor.to_json(), "diff_id": str(wrong.diff_id)}
    maker, place = Maker(), Place({wrong.descriptor.digest})
    theirs = SharingCache(other_cache)
    DiskLayerCache(theirs).layer(maker.recipe())
    sharing = SharingCache(cache)
    sharing.learn({key: json.dumps(record).encode() for key in theirs.used})
    layers = ReusedLayers(sharing, is_there=place.has, offer=place.offered.append)
    believed = layers.layer(maker.recipe())
    assert believed.descriptor == wrong.descriptor

    with pytest.raises(TrustError, match="shared cache says"):
        layers.open(believed.descriptor)

    again = ReusedLayers(sharing, is_there=place.has, offer=place.offered.append).layer(maker.recipe())
    assert again.descriptor != wrong.descriptor, "this machine knows better now"
