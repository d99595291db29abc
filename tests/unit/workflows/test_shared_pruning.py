"""What is old goes from a registry, what is not stays, and looking removes nothing."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta, timezone

import pytest

from packer.oci.descriptor import MEDIA_TYPE_MANIFEST
from packer.oci.digest import Digest
from packer.registry.shared_cache import SharedCache
from packer.workflows.shared_pruning import prune_shared
from tests.testbed.registry import running_registry
from tests.testbed.registry_client import client_of

NOW = datetime(2026, 3, 1, tzinfo=timezone.utc)
LONG_AGO = NOW - timedelta(days=60)
OLD, NEW = Digest.of(b"old"), Digest.of(b"new")


@pytest.fixture
def cache() -> Iterator[SharedCache]:
    with running_registry() as registry:
        shared = SharedCache(client_of(registry, "team/shop", delete=True))
        shared.write(OLD, {("elf", OLD.hex): b"{}"}, (), now=LONG_AGO)
        shared.write(NEW, {("elf", NEW.hex): b"{}"}, (), now=NOW)
        yield shared


def test_what_is_old_goes_and_the_rest_stays(cache):
    pruned = prune_shared(cache, before=NOW - timedelta(days=30))

    assert [entry.tag for entry in pruned.removed] == [f"pack-cache-{OLD.hex[:32]}"]
    assert {entry.tag for entry in cache.entries()} == {"pack-cache", f"pack-cache-{NEW.hex[:32]}"}
    assert pruned.summary() == "team/shop: 1 entry removed, 2 left"


def test_everything_can_go(cache):
    prune_shared(cache, before=NOW + timedelta(seconds=1))

    assert list(cache.entries()) == []


def test_looking_removes_nothing(cache):
    pruned = prune_shared(cache, before=NOW, only_look=True)

    assert len(list(cache.entries())) == 3
    document = pruned.to_json()
    assert document["dry_run"] is True
    assert [row["written"] for row in document["removed"]] == ["2025-12-31T00:00:00Z"]


def test_an_entry_without_a_time_is_broken_and_goes(cache):
    tag = f"pack-cache-{'0' * 32}"
    dated = cache.repository.manifest("pack-cache").content
    undated = dated.replace(b"2026-03-01T00:00:00Z", b"some day")
    cache.repository.put_manifest(tag, MEDIA_TYPE_MANIFEST, undated)

    pruned = prune_shared(cache, before=LONG_AGO)

    assert [entry.tag for entry in pruned.removed] == [tag]
