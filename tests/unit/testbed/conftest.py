"""A correct registry and a client by hand."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.testbed.registry import Registry, running_registry
from tests.testbed.registry.raw_client import RawClient


@pytest.fixture
def registry() -> Iterator[Registry]:
    with running_registry() as registry:
        yield registry


@pytest.fixture
def client(registry: Registry) -> Iterator[RawClient]:
    with RawClient(registry.url) as client:
        yield client
