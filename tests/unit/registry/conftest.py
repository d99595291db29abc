"""A client that notes its pauses instead of making them, a registry, and images to move."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from packer.oci.image import Image
from packer.oci.platform import LINUX_AMD64, Platform
from packer.oci.platform_images import PlatformImages
from packer.oci.reference import Reference
from packer.registry.credentials import Credential, Found, Keychain, NoKeychain
from packer.registry.patience import Patience
from packer.registry.push import Push, Pushed
from packer.registry.registries import Registries
from packer.registry.repository import Repository
from packer.store.blobs import stored_blob
from packer.store.cache import DiskCache
from packer.system.http import ByteStream
from packer.system.urllib_http import UrllibHttp
from tests.testbed.registry import Registry, running_registry
from tests.unit.store.layer_maker import image_of, stored, tar_of

SECRET = "countess"


@dataclass
class Purse:
    """A keychain with one credential for everything."""

    credential: Credential
    asked: list[tuple[str, str]] = field(default_factory=list)

    def find(self, registry: str, repository: str) -> Found:
        self.asked.append((registry, repository))
        return Found(self.credential, "the test")


@dataclass
class Watcher:
    """Remembers what it was told."""

    moved: dict[str, int] = field(default_factory=dict)
    skipped: list[str] = field(default_factory=list)

    @contextmanager
    def sending(self, name: str, size: int) -> Iterator[Callable[[int], None]]:
        moved = 0

        def add(count: int) -> None:
            nonlocal moved
            moved += count
            assert 0 <= moved <= size, "more than all of it"

        yield add
        self.moved[name] = self.moved.get(name, 0) + moved

    def passed(self, name: str, size: int, why: str) -> None:
        self.skipped.append(name)


class Client:
    """What a run of pack has of registries."""

    def __init__(self, keychain: Keychain | None = None, **options: object) -> None:
        self.pauses: list[float] = []
        self.notes: list[str] = []
        self.watcher = Watcher()
        patience = Patience(sleep=self.pauses.append, jitter=lambda: 1.0, note=self.notes.append, now=lambda: 0.0)
        settings: dict[str, object] = {"insecure": frozenset(), "note": self.notes.append, "patience": patience}
        self.registries = Registries(UrllibHttp({}), keychain or NoKeychain(), **{**settings, **options})  # type: ignore[arg-type]

    def repository(self, registry: Registry, name: str = "team/app", *, push: bool = True) -> Repository:
        return self.registries.repository(Reference(registry=registry.address, repository=name), push=push)

    @contextmanager
    def pushing(
        self,
        registry: Registry,
        cache: DiskCache,
        *,
        name: str = "team/app",
        likely: str = "latest",
        mountable: Mapping[object, str] | None = None,
        immutable: bool = False,
    ) -> Iterator[Push]:
        repository = self.repository(registry, name)
        with Push(
            repository,
            lambda descriptor: opened(cache, descriptor),
            watch=self.watcher,
            likely=likely,
            mountable=(mountable or {}).get,
            immutable=immutable,
        ) as push:
            yield push

    def push(
        self,
        registry: Registry,
        cache: DiskCache,
        *images: Image,
        tags: tuple[str, ...] = ("latest",),
        **options: object,
    ) -> Pushed:
        options.setdefault("likely", tags[-1])
        with self.pushing(registry, cache, **options) as push:  # type: ignore[arg-type]
            return push.finish(PlatformImages(images), tags)


def opened(cache: DiskCache, descriptor: object) -> ByteStream:
    return stored_blob(cache, descriptor).open("rb")  # type: ignore[arg-type]


def ada(secret: str = SECRET, *, name: str = "ada") -> Purse:
    """The keychain of the testbed's account."""
    return Purse(Credential.of(name, secret))


@pytest.fixture
def registry() -> Iterator[Registry]:
    with running_registry() as registry:
        yield registry


@pytest.fixture
def client() -> Client:
    return Client()


@pytest.fixture
def cache(tmp_path: Path) -> DiskCache:
    return DiskCache(tmp_path / "cache")


@pytest.fixture
def other_cache(tmp_path: Path) -> DiskCache:
    """The cache of another machine."""
    return DiskCache(tmp_path / "elsewhere")


@pytest.fixture
def make_image(cache: DiskCache) -> Callable[..., Image]:
    """Makes an image of layers with one file each, `make_image("base", "app")`, its blobs in the cache."""

    def make(*names: str, platform: Platform = LINUX_AMD64) -> Image:
        layers = [stored(cache, tar_of([(f"{name}.txt", name.encode() * 100)])) for name in names]
        return image_of(layers, platform=platform)

    return make
