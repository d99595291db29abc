"""Where a build's team shares, by the settings and the flag."""

from __future__ import annotations

import os
from contextlib import ExitStack
from pathlib import Path

import pytest
from msgspec.structs import replace

from packer.cli.options import SharedUse
from packer.cli.output import Output
from packer.cli.shipping import begin_shipment
from packer.errors import UsageError
from packer.oci.digest import Digest
from packer.oci.reference import Reference
from packer.plan.settings import Settings
from packer.store.cache import DiskCache
from tests.testbed.registry import Registry, running_registry


def asked(folder: Path, registry: Registry, *, cache: str | None, use: SharedUse = SharedUse.USE) -> set[str]:
    """The repositories that are asked for what the team knows."""
    registry.traffic.forget()
    with ExitStack() as ending:
        shipment = begin_shipment(
            ending,
            Reference.parse(f"{registry.address}/team/shop"),
            replace(Settings(), cache=cache),
            DiskCache(folder),
            Output(os.environ, quiet=True),
            insecure=(),
            immutable=False,
            lazy=True,
            use=use,
        )
        shipment.learn(Digest.of(b"state"))
    return {
        exchange.target.split("/manifests/")[0].removeprefix("/v2/")
        for exchange in registry.traffic.exchanges
        if exchange.target != "/v2/"
    }


def test_the_image_s_own_repository_is_the_cache_unless_another_is_named(tmp_path):
    with running_registry() as registry:
        assert asked(tmp_path, registry, cache=None) == {"team/shop"}
        assert asked(tmp_path, registry, cache=f"{registry.address}/team/cache") == {"team/cache"}


def test_nothing_is_asked_where_nothing_is_shared(tmp_path):
    with running_registry() as registry:
        assert asked(tmp_path, registry, cache="none") == set()
        assert asked(tmp_path, registry, cache=None, use=SharedUse.OFF) == set()


def test_there_must_be_a_cache_to_verify(tmp_path):
    with running_registry() as registry, pytest.raises(UsageError, match="no shared cache to verify"):
        asked(tmp_path, registry, cache="none", use=SharedUse.VERIFY)
