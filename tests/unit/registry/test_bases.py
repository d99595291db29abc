from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest

from packer.errors import PlatformError, RegistryError
from packer.oci.platform import LINUX_AMD64, LINUX_ARM64, Platform
from packer.oci.platform_images import PlatformImages
from packer.oci.reference import Reference
from packer.registry.bases import RegistryBases
from packer.registry.credentials import NoKeychain
from packer.registry.push import Push
from packer.registry.registries import Registries
from packer.registry.watch import Unwatched
from packer.store.blobs import stored_blob
from packer.store.cache import DiskCache
from packer.system.urllib_http import UrllibHttp
from tests.testbed.registry import Registry, Step, always, running_registry
from tests.testbed.registry.faults import AnswerStatus, ChangedByte
from tests.unit.store.layer_maker import PATH, image_of, stored, tar_of

NOW = datetime(2026, 1, 1, tzinfo=timezone.utc)


@pytest.fixture
def registry() -> Iterator[Registry]:
    with running_registry() as running:
        yield running


@pytest.fixture
def registries() -> Registries:
    return Registries(UrllibHttp({}), NoKeychain(), insecure=frozenset(), note=lambda text: None)


def published(
    registry: Registry, registries: Registries, folder: Path, *platforms: Platform, tag: str = "1"
) -> tuple[Reference, PlatformImages]:
    """An image in the registry whose layer no other cache has."""
    cache = DiskCache(folder / "elsewhere")
    layers = [stored(cache, tar_of([(f"etc/{platform.architecture}-{tag}", b"here")])) for platform in platforms]
    images = PlatformImages(
        tuple(
            image_of([layer], environment=PATH, platform=platform)
            for layer, platform in zip(layers, platforms, strict=True)
        )
    )
    reference = Reference.parse(f"{registry.address}/bases/python:latest")
    repository = registries.repository(reference, push=True)
    with Push(repository, lambda blob: stored_blob(cache, blob).open("rb"), watch=Unwatched()) as push:
        push.finish(images, ("latest",))
    return reference, images


def bases(registries: Registries, folder: Path, *, now: datetime = NOW) -> RegistryBases:
    return RegistryBases(registries, DiskCache(folder / "cache"), watch=Unwatched(), now=now)


def test_a_base_is_described_without_its_layers(registry, registries, tmp_path):
    reference, images = published(registry, registries, tmp_path, LINUX_AMD64)

    found = bases(registries, tmp_path).image(reference, LINUX_AMD64)

    assert (found.name, found.digest) == (str(reference), images.digest)
    assert [one.descriptor for one in found.layers] == [one.descriptor for one in images.images[0].layers]
    assert len(registry.traffic.of(Step.BLOB_GET)) == 1  # the config


def test_layers_are_brought_once_and_compared(registry, registries, tmp_path):
    reference, _ = published(registry, registries, tmp_path, LINUX_AMD64)
    own, cache = bases(registries, tmp_path), DiskCache(tmp_path / "cache")
    layers = [one.descriptor for one in own.image(reference, LINUX_AMD64).layers]

    own.bring(layers)
    own.bring(layers)

    assert cache.verify(layers[0].digest)
    assert len(registry.traffic.of(Step.BLOB_GET)) == 2


@pytest.mark.parametrize("fault", [AnswerStatus(status=404), AnswerStatus(status=403), ChangedByte(position=3)])
def test_a_mirror_that_fails_on_a_layer_gives_way_to_the_next_and_to_the_registry(
    fault: AnswerStatus | ChangedByte, registry: Registry, registries: Registries, tmp_path: Path
) -> None:
    reference, images = published(registry, registries, tmp_path, LINUX_AMD64)
    with running_registry() as broken, running_registry() as empty:
        published(broken, registries, tmp_path, LINUX_AMD64)
        notes: list[str] = []
        mirrors = {registry.address: (empty.address, broken.address)}
        own = bases(
            Registries(UrllibHttp({}), NoKeychain(), insecure=frozenset(), note=notes.append, mirrors=mirrors), tmp_path
        )
        layers = [one.descriptor for one in own.image(reference, LINUX_AMD64).layers]
        broken.rules.add(always(fault, Step.BLOB_GET))

        own.bring(layers)

        told = [note.partition(" is passed over")[0] for note in notes]
        assert told == [f"the mirror {one.address}" for one in (empty, broken, empty)]
    assert DiskCache(tmp_path / "cache").verify(images.images[0].layers[0].descriptor.digest)
    assert len(registry.traffic.of(Step.BLOB_GET)) == 1


def test_the_platform_decides_which_image_it_is(registry, registries, tmp_path):
    reference, images = published(registry, registries, tmp_path, LINUX_AMD64, LINUX_ARM64)

    found = bases(registries, tmp_path).image(reference, LINUX_ARM64)

    assert found.digest == images.images[1].digest


def test_a_lone_image_of_another_platform_is_refused(registry, registries, tmp_path):
    reference, _ = published(registry, registries, tmp_path, LINUX_AMD64)

    with pytest.raises(PlatformError, match="is for linux/amd64, not for linux/arm64"):
        bases(registries, tmp_path).image(reference, LINUX_ARM64)


def test_a_tag_is_asked_for_once_a_day(registry, registries, tmp_path):
    reference, first = published(registry, registries, tmp_path, LINUX_AMD64)
    bases(registries, tmp_path).image(reference, LINUX_AMD64)
    _, second = published(registry, registries, tmp_path, LINUX_AMD64, tag="2")

    soon = bases(registries, tmp_path, now=NOW + timedelta(hours=23)).image(reference, LINUX_AMD64)
    later = bases(registries, tmp_path, now=NOW + timedelta(hours=25)).image(reference, LINUX_AMD64)

    assert (soon.digest, later.digest) == (first.digest, second.digest)


def test_asking_anew_is_possible_at_any_time(registry, registries, tmp_path):
    reference, _ = published(registry, registries, tmp_path, LINUX_AMD64)
    bases(registries, tmp_path).image(reference, LINUX_AMD64)
    _, second = published(registry, registries, tmp_path, LINUX_AMD64, tag="2")

    assert bases(registries, tmp_path).image(reference, LINUX_AMD64, refresh=True).digest == second.digest


def test_what_a_lock_pins_is_taken_and_needs_no_network_the_second_time(registry, registries, tmp_path):
    reference, first = published(registry, registries, tmp_path, LINUX_AMD64)
    published(registry, registries, tmp_path, LINUX_AMD64, tag="2")

    found = bases(registries, tmp_path).image(reference, LINUX_AMD64, pinned=first.digest)
    before = len(registry.traffic.of(*Step))
    again = bases(registries, tmp_path).image(reference, LINUX_AMD64, pinned=first.digest)

    assert found == again
    assert found.digest == first.digest
    assert len(registry.traffic.of(*Step)) == before


def test_a_base_that_is_not_there_is_said(registry, registries, tmp_path):
    reference = Reference.parse(f"{registry.address}/bases/none:1")

    with pytest.raises(RegistryError, match="has no bases/none:1"):
        bases(registries, tmp_path).image(reference, LINUX_AMD64)


def test_layers_know_the_repository_that_has_them(registry, registries, tmp_path):
    reference, images = published(registry, registries, tmp_path, LINUX_AMD64)
    own = bases(registries, tmp_path)
    own.image(reference, LINUX_AMD64)

    home = own.home(images.images[0].layers[0].descriptor.digest)

    assert home is not None
    assert home.name == reference.name
    assert own.home(images.digest) is None
