"""Layer records of a shared cache beside the layers that it keeps: each must say of the other what it says itself."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType

from msgspec.structs import replace

from packer.oci.descriptor import Descriptor
from packer.oci.digest import Digest
from packer.store.layers import LAYER_RECORD, read_layer_record
from packer.store.shared_records import RecordKey

__all__ = ["consistent_records", "kept_layers"]

_KEYS = "dev.packer.cache.keys"
"""The annotation of a kept layer with the keys of the records that lead to it."""


def kept_layers(records: Mapping[RecordKey, bytes], layers: Iterable[Descriptor]) -> tuple[Descriptor, ...]:
    """Those of the layers that records lead to, with the keys of these records."""
    keys: dict[Digest, list[str]] = {}
    for (kind, key), content in sorted(records.items()):
        known = read_layer_record(content) if kind == LAYER_RECORD else None
        if known is not None:
            keys.setdefault(known[0].digest, []).append(key)
    found = {layer.digest: layer for layer in layers if layer.digest in keys}
    return tuple(
        replace(layer, annotations=MappingProxyType({_KEYS: " ".join(keys[digest])}))
        for digest, layer in sorted(found.items())
    )


def consistent_records(
    records: Mapping[RecordKey, bytes], layers: Iterable[Descriptor], *, complete: bool
) -> Mapping[RecordKey, bytes]:
    """The records without those of layers that are not kept for their key, or with another size or media type.

    Args:
        records: what a cache says.
        layers: what it keeps.
        complete: it keeps every layer that it speaks of; else one that it does not keep may be elsewhere.
    """
    kept = {layer.digest: layer for layer in layers}

    def fits(one: RecordKey, content: bytes) -> bool:
        kind, key = one
        if kind != LAYER_RECORD:
            return True
        known = read_layer_record(content)
        if known is None:
            return False
        layer = kept.get(known[0].digest)
        if layer is None:
            return not complete
        same = (layer.size, layer.media_type) == (known[0].size, known[0].media_type)
        return same and key in layer.annotations.get(_KEYS, "").split()

    return MappingProxyType({one: content for one, content in records.items() if fits(one, content)})
