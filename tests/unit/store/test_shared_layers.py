"""A layer record counts only where the layers beside it say the same."""

from __future__ import annotations

import json

import pytest
from msgspec.structs import replace

from packer.oci.descriptor import MEDIA_TYPE_LAYER_GZIP, MEDIA_TYPE_LAYER_ZSTD, Descriptor
from packer.oci.digest import Digest
from packer.store.shared_layers import consistent_records, kept_layers

KEY, OTHER = "ab" * 32, "cd" * 32
LAYER = Descriptor(media_type=MEDIA_TYPE_LAYER_GZIP, digest=Digest.of(b"layer"), size=100)
SECOND = Descriptor(media_type=MEDIA_TYPE_LAYER_GZIP, digest=Digest.of(b"second"), size=50)


def said(descriptor: Descriptor) -> bytes:
    return json.dumps({"descriptor": descriptor.to_json(), "diff_id": str(Digest.of(b"tar"))}).encode()


RECORDS = {("layer", KEY): said(LAYER), ("layer", OTHER): said(SECOND), ("elf", KEY): b"{}"}


def test_only_layers_that_records_lead_to_are_kept_each_with_its_keys():
    third = replace(LAYER, digest=Digest.of(b"third"))
    kept = kept_layers({**RECORDS, ("layer", "ef" * 32): said(LAYER)}, [third, SECOND, LAYER])

    assert {layer.digest: set(next(iter(layer.annotations.values())).split()) for layer in kept} == {
        LAYER.digest: {KEY, "ef" * 32},
        SECOND.digest: {OTHER},
    }


def test_what_is_consistent_stays_whole():
    kept = kept_layers(RECORDS, [LAYER, SECOND])

    assert consistent_records(RECORDS, kept, complete=True) == RECORDS


@pytest.mark.parametrize(
    "lie",
    [
        said(SECOND),
        said(replace(LAYER, size=99)),
        said(replace(LAYER, media_type=MEDIA_TYPE_LAYER_ZSTD)),
        said(replace(LAYER, digest=Digest.of(b"somewhere else"))),
        b"no record",
    ],
    ids=["of another key", "size", "media type", "not kept", "garbage"],
)
def test_a_record_that_the_layers_contradict_is_left_out(lie):
    kept = kept_layers(RECORDS, [LAYER, SECOND])

    found = consistent_records({**RECORDS, ("layer", KEY): lie}, kept, complete=True)

    assert set(found) == {("layer", OTHER), ("elf", KEY)}


def test_a_layer_that_is_kept_elsewhere_counts_where_that_may_be():
    kept = kept_layers(RECORDS, [SECOND])

    assert consistent_records(RECORDS, kept, complete=False) == RECORDS
    assert ("layer", KEY) not in consistent_records(RECORDS, kept, complete=True)
