"""What is remembered of a base is used to start its Python: what no base can be like is not believed."""

from __future__ import annotations

from pathlib import Path

import pytest
from msgspec.structs import replace

from packer.build.image_foundation.facts import BaseFacts, known_facts, remember_facts
from packer.oci.digest import Digest
from packer.store.cache import DiskCache

IMAGE = Digest.of(b"image")
FACTS = BaseFacts(
    python="3.13",
    program="/usr/local/bin/python3.13",
    version="3.13.5",
    identity="ab" * 32,
    loader="ld-linux-x86-64.so.2",
    glibc=(2, 41),
    sonames=("libc.so.6",),
    occupied=False,
)


def test_facts_are_remembered_for_the_image_and_the_python_that_was_wanted(tmp_path: Path):
    cache = DiskCache(tmp_path)
    remember_facts(cache, IMAGE, "3.13", FACTS)

    assert known_facts(cache, IMAGE, "3.13") == FACTS
    assert known_facts(cache, IMAGE, None) is None


@pytest.mark.parametrize(
    "lie",
    [
        {"loader": "../../../bin/sh"},
        {"loader": ".."},
        {"python": "3.13/../../x"},
        {"program": "bin/python"},
        {"program": "/usr/../../python"},
        {"version": "2.7"},
    ],
    ids=str,
)
def test_names_that_lead_elsewhere_are_not_believed(tmp_path: Path, lie):
    cache = DiskCache(tmp_path)
    remember_facts(cache, IMAGE, None, replace(FACTS, **lie))

    assert known_facts(cache, IMAGE, None) is None
