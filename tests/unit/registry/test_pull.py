"""Pull: the right image for the platform, every byte verified, nothing half-written."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from packer.errors import ArchiveError, PackError, PlatformError, RegistryError, TransientError, TrustError
from packer.oci.descriptor import MEDIA_TYPE_INDEX, MEDIA_TYPE_MANIFEST
from packer.oci.digest import Digest
from packer.oci.image import Image
from packer.oci.platform import LINUX_AMD64, Platform
from packer.oci.reference import Reference
from packer.registry.pull import pull
from packer.store.cache import DiskCache
from packer.store.images import ImageStore
from packer.workflows.pull import pull_image
from tests.testbed.registry import BasicLogin, Registry, Step, always, once, running_registry
from tests.testbed.registry.faults import AnswerStatus, AnswerText, ChangedByte, EndlessAnswer
from tests.unit.store.layer_maker import image_of, tar_of
from tests.unit.store.layer_maker import stored as kept

from .conftest import Client, ada

MakeImage = Callable[..., Image]
ARM64, ARM_V7, ARM_V6 = map(Platform.parse, ("linux/arm64", "linux/arm/v7", "linux/arm/v6"))


def assert_whole(cache: DiskCache) -> None:
    """Every blob is what its name says, and nothing unfinished is left."""
    blobs = [path for path in (cache.root / "blobs").rglob("*") if path.is_file()]
    assert [path.name for path in blobs if Digest.of(path.read_bytes()).hex != path.name] == []
    assert list((cache.root / "tmp").iterdir()) == []


def put_index(
    client: Client, registry: Registry, tag: str, *entries: dict[str, object], media_type: str = MEDIA_TYPE_INDEX
) -> bytes:
    content = json.dumps({"schemaVersion": 2, "mediaType": media_type, "manifests": entries}).encode()
    client.repository(registry).put_manifest(tag, media_type, content)
    return content


def entry(content: bytes, *, media_type: str = MEDIA_TYPE_MANIFEST, **platform: str) -> dict[str, object]:
    found = {"mediaType": media_type, "digest": str(Digest.of(content)), "size": len(content)}
    return {**found, "platform": platform} if platform else found


def taken(
    client: Client, registry: Registry, cache: DiskCache, reference: str = "latest", platform: Platform = LINUX_AMD64
) -> Image:
    return pull(client.repository(registry, push=False), reference, platform, cache, watch=client.watcher)


def test_an_image_comes_as_it_went(
    client: Client, registry: Registry, cache: DiskCache, other_cache: DiskCache, make_image: MakeImage
) -> None:
    image = make_image("base", "app")
    client.push(registry, cache, image)
    found = taken(client, registry, other_cache)
    assert (found.manifest, found.config, found.platform) == (image.manifest, image.config, LINUX_AMD64)
    for layer in found.layers:
        path = other_cache.path(layer.descriptor.digest)
        assert path is not None
        assert Digest.of(path.read_bytes()) == layer.descriptor.digest
    registry.traffic.forget()
    assert taken(client, registry, other_cache, str(image.digest)) == found
    assert registry.traffic.exchanges == ()


def test_a_layer_that_stands_twice_is_fetched_once(
    client: Client, registry: Registry, cache: DiskCache, other_cache: DiskCache, make_image: MakeImage
) -> None:
    client.push(registry, cache, make_image("same", "same"))
    taken(client, registry, other_cache)
    assert len(registry.traffic.of(Step.BLOB_GET)) == 2


def test_the_platform_is_chosen_with_its_variant_and_attestations_are_passed_over(
    client: Client, registry: Registry, cache: DiskCache, other_cache: DiskCache, make_image: MakeImage
) -> None:
    platforms = (LINUX_AMD64, ARM64, ARM_V6, ARM_V7)
    images = {platform: make_image(str(platform).replace("/", "-"), platform=platform) for platform in platforms}
    client.push(registry, cache, *images.values(), tags=("parts",))
    entries = [
        entry(
            images[one].manifest,
            os="linux",
            architecture=one.architecture,
            **({"variant": one.variant} if one.variant else {}),
        )
        for one in platforms
    ]
    attestation = entry(b"{}", os="unknown", architecture="unknown")
    put_index(client, registry, "all", *entries)
    registry.rules.add(
        once(
            AnswerText(
                content=json.dumps(
                    {"schemaVersion": 2, "mediaType": MEDIA_TYPE_INDEX, "manifests": [attestation, *entries]}
                ).encode(),
                media_type=MEDIA_TYPE_INDEX,
            ),
            Step.MANIFEST_GET,
        )
    )
    assert taken(client, registry, other_cache, "all", LINUX_AMD64).digest == images[LINUX_AMD64].digest
    for platform in platforms:
        assert taken(client, registry, other_cache, "all", platform).digest == images[platform].digest
    assert taken(client, registry, other_cache, "all", Platform.parse("linux/arm64/v8")).digest == images[ARM64].digest
    with pytest.raises(PlatformError, match="no image for linux/s390x") as caught:
        taken(client, registry, other_cache, "all", Platform.parse("linux/s390x"))
    assert "linux/amd64, linux/arm" in (caught.value.hint or "")


def test_a_single_image_for_another_platform_is_refused(
    client: Client, registry: Registry, cache: DiskCache, other_cache: DiskCache, make_image: MakeImage
) -> None:
    client.push(registry, cache, make_image("arm", platform=ARM64))
    with pytest.raises(PlatformError, match="team/app:latest is for linux/arm64, not for linux/amd64") as caught:
        taken(client, registry, other_cache)
    assert caught.value.hint == "choose its platform: --platform linux/arm64"
    assert taken(client, registry, other_cache, platform=ARM64).platform == ARM64


def test_dockers_own_media_types_are_read(
    client: Client, registry: Registry, cache: DiskCache, other_cache: DiskCache, make_image: MakeImage
) -> None:
    image = make_image("base")
    client.push(registry, cache, image)
    docker = "application/vnd.docker.distribution.manifest.v2+json"
    text = image.manifest.decode().replace(MEDIA_TYPE_MANIFEST, docker)
    text = text.replace("application/vnd.oci.image.config.v1+json", "application/vnd.docker.container.image.v1+json")
    manifest = text.replace(
        "application/vnd.oci.image.layer.v1.tar+gzip", "application/vnd.docker.image.rootfs.diff.tar.gzip"
    ).encode()
    client.repository(registry).put_manifest("docker", docker, manifest)
    put_index(
        client,
        registry,
        "list",
        entry(manifest, media_type=docker, os="linux", architecture="amd64"),
        media_type="application/vnd.docker.distribution.manifest.list.v2+json",
    )
    assert taken(client, registry, other_cache, "list").manifest == manifest
    client.push(registry, other_cache, taken(client, registry, other_cache, "list"), name="team/copy")
    stored = client.repository(registry, "team/copy").manifest("latest")
    assert stored is not None
    assert (stored.content, stored.descriptor.media_type) == (manifest, docker)


def test_indexes_in_indexes_are_followed_to_an_end(
    client: Client, registry: Registry, cache: DiskCache, other_cache: DiskCache, make_image: MakeImage
) -> None:
    image = make_image("base")
    client.push(registry, cache, image)
    inner = entry(image.manifest, os="linux", architecture="amd64")
    for depth in range(5):
        content = put_index(client, registry, f"depth{depth}", inner)
        inner = entry(content, media_type=MEDIA_TYPE_INDEX, os="linux", architecture="amd64")
    assert taken(client, registry, other_cache, "depth2").digest == image.digest
    with pytest.raises(ArchiveError, match="lead to one another more than"):
        taken(client, registry, other_cache, "depth4")


@pytest.mark.parametrize("kind", ["json", "prettyjws"])
def test_the_first_schema_is_refused(kind: str, client: Client, registry: Registry, other_cache: DiskCache) -> None:
    old = AnswerText(
        content=b'{"schemaVersion": 1}', media_type=f"application/vnd.docker.distribution.manifest.v1+{kind}"
    )
    registry.rules.add(always(old, Step.MANIFEST_GET))
    with pytest.raises(ArchiveError, match=r"team/app:latest is an image of Docker before 1\.10"):
        taken(client, registry, other_cache)


def test_what_is_not_there_is_a_clear_error(client: Client, registry: Registry, other_cache: DiskCache) -> None:
    with pytest.raises(RegistryError, match=f"{registry.address} has no team/app:latest") as caught:
        taken(client, registry, other_cache)
    assert "pack login" in (caught.value.hint or "")
    with pytest.raises(RegistryError, match=f"has no team/app@{Digest.of(b'x')}"):
        taken(client, registry, other_cache, str(Digest.of(b"x")))


@pytest.mark.parametrize(
    ("fault", "kind"),
    [
        (ChangedByte(position=50), TrustError),
        (AnswerText(content=b"{}"), TransientError),
        (EndlessAnswer(), TrustError),
        (AnswerStatus(status=500), TransientError),
        (AnswerStatus(status=404, code="BLOB_UNKNOWN"), RegistryError),
    ],
    ids=lambda value: getattr(value, "__name__", type(value).__name__),
)
def test_bytes_that_are_not_whole_and_right_do_not_stay(
    fault: ChangedByte, kind: type[PackError], client: Client, registry: Registry, tmp_path: Path
) -> None:
    cache, other_cache = DiskCache(tmp_path / "cache"), DiskCache(tmp_path / "elsewhere")
    image = image_of([kept(cache, tar_of([("app.txt", b"app")]))])
    client.push(registry, cache, image)
    registry.rules.add(always(fault, Step.BLOB_GET))
    with pytest.raises(kind):
        taken(client, registry, other_cache)
    assert_whole(other_cache)


def test_a_layer_with_a_changed_byte_does_not_stay(
    client: Client, registry: Registry, cache: DiskCache, other_cache: DiskCache, make_image: MakeImage
) -> None:
    image = make_image("base")
    client.push(registry, cache, image)
    registry.rules.add(once(ChangedByte(position=50), Step.BLOB_GET, after=1))
    with pytest.raises(TrustError):
        taken(client, registry, other_cache)
    assert other_cache.path(image.layers[0].descriptor.digest) is None
    assert taken(client, registry, other_cache).digest == image.digest


FOREIGN = "application/vnd.docker.image.rootfs.foreign.diff.tar.gzip"


def with_foreign_layer(client: Client, registry: Registry, image: Image) -> str:
    """The image as Docker pushes one on Windows: the layer is named, with addresses of its owner's."""
    document = json.loads(image.manifest)
    document["layers"][0] |= {"mediaType": FOREIGN, "urls": [f"{registry.url}/elsewhere"]}
    content = json.dumps(document).encode()
    client.repository(registry).put_manifest("foreign", MEDIA_TYPE_MANIFEST, content)
    return document["layers"][0]["digest"]


def test_a_layer_that_registries_only_name_is_told_of_and_its_addresses_are_not_followed(
    client: Client, registry: Registry, cache: DiskCache, other_cache: DiskCache, make_image: MakeImage
) -> None:
    image = make_image("base")
    client.push(registry, cache, image)
    digest = with_foreign_layer(client, registry, image)
    assert taken(client, registry, DiskCache(other_cache.root.parent / "third"), "foreign"), "it may be there"
    registry.contents.repository("team/app").blobs.pop(digest)
    registry.traffic.forget()
    with pytest.raises(RegistryError, match="registries do not hand on"):
        taken(client, registry, other_cache, "foreign")
    assert all("elsewhere" not in one.target for one in registry.traffic.exchanges)


@pytest.fixture
def mirror() -> Iterator[Registry]:
    with running_registry() as mirror:
        yield mirror


def stored(client: Client, registry: Registry, tmp_path: Path, *platforms: Platform) -> Digest:
    """Pulled into the store of another machine."""
    cache = DiskCache(tmp_path / "elsewhere")
    store = ImageStore(tmp_path / "store", cache)
    reference = Reference.parse(f"{registry.address}/team/app:1")
    images = pull_image(
        reference,
        platforms or (LINUX_AMD64,),
        store=store,
        cache=cache,
        registries=client.registries,
        watch=client.watcher,
    )
    found = store.get(reference)
    assert found is not None
    assert found.digest == images.digest
    return images.digest


def test_a_mirror_is_asked_first_and_the_registry_not_at_all(
    registry: Registry,
    mirror: Registry,
    cache: DiskCache,
    make_image: MakeImage,
    tmp_path: Path,
) -> None:
    image = make_image("base")
    Client().push(mirror, cache, image, tags=("1",), name="hub/team/app")
    client = Client(mirrors={registry.address: (f"{mirror.address}/hub",)})
    assert stored(client, registry, tmp_path) == image.digest
    assert (registry.traffic.exchanges, client.notes) == ((), [])


@pytest.mark.parametrize(
    "fault",
    [
        AnswerStatus(status=503),
        AnswerStatus(status=403),
        AnswerStatus(status=404),
        AnswerText(content=b"<html>"),
        ChangedByte(position=9),
        None,
    ],
)
def test_a_mirror_that_fails_is_told_of_and_passed_over(
    fault: AnswerStatus | None,
    registry: Registry,
    mirror: Registry,
    make_image: MakeImage,
    tmp_path: Path,
) -> None:
    cache, image = DiskCache(tmp_path / "cache"), make_image("base")
    Client().push(registry, cache, image, tags=("1",))
    Client().push(mirror, cache, image, tags=("1",))
    if fault:
        mirror.rules.add(always(fault, Step.MANIFEST_GET))
    gone = "127.0.0.1:1" if fault is None else mirror.address
    client = Client(mirrors={registry.address: (gone,)})
    assert stored(client, registry, tmp_path) == image.digest
    assert len(client.notes) == 1
    assert client.notes[0].startswith(f"the mirror {gone} is passed over: ")
    assert len(client.pauses) <= 1


def test_nothing_is_pushed_to_a_mirror(
    registry: Registry, mirror: Registry, cache: DiskCache, make_image: MakeImage
) -> None:
    Client(mirrors={registry.address: (mirror.address,)}).push(registry, cache, make_image("base"))
    assert mirror.traffic.exchanges == ()


def test_a_mirror_does_not_see_the_registrys_credential(
    registry: Registry, cache: DiskCache, make_image: MakeImage, tmp_path: Path
) -> None:
    Client().push(registry, cache, make_image("base"), tags=("1",))
    purse = ada()
    with running_registry(login=BasicLogin()) as mirror:
        stored(Client(purse, mirrors={registry.address: (mirror.address,)}), registry, tmp_path)
    assert {name for name, _ in purse.asked} == {mirror.address}


def test_several_platforms_are_stored_under_one_name(
    client: Client, registry: Registry, cache: DiskCache, make_image: MakeImage, tmp_path: Path
) -> None:
    images = (make_image("amd"), make_image("arm", platform=ARM64))
    client.push(registry, cache, *images, tags=("1",))
    digest = stored(client, registry, tmp_path, LINUX_AMD64, ARM64)
    tagged = client.repository(registry).head_manifest("1")
    assert tagged is not None
    assert tagged.digest == digest
