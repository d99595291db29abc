"""Push: only what the registry lacks, manifests after blobs, tags last."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest

from packer.errors import BuildError, RegistryError, TransientError, TrustError
from packer.oci.image import Image
from packer.oci.platform import LINUX_AMD64, Platform
from packer.oci.platform_images import PlatformImages
from packer.oci.reference import Reference
from packer.registry.pull import pull
from packer.registry.uploads import BlobSource
from packer.store.cache import DiskCache
from packer.workflows.push import push_images
from tests.testbed.registry import Registry, Step, TokenLogin, always, once, running_registry
from tests.testbed.registry.deviations import ForgetBlob, LoseUpload, StatusInstead
from tests.testbed.registry.faults import (
    AnswerStatus,
    AnswerText,
    DropConnection,
    DropRequest,
    EveryThird,
)
from tests.testbed.registry.rules import Quirk
from tests.testbed.registry.wire import Answer, Handler, Request

from .conftest import Client, opened

MakeImage = Callable[..., Image]
ARM = Platform.parse("linux/arm64")
UPLOADS = (Step.UPLOAD_START, Step.UPLOAD_END, Step.UPLOAD_MOUNT)


def steps(registry: Registry) -> Counter[Step]:
    """What was asked for, but for the question whether this machine's own registry speaks TLS."""
    return Counter(one.step for one in registry.traffic.exchanges if one.step is not Step.PING)


def test_a_first_push_sends_everything_and_an_unchanged_one_asks_once_for_each_tag(
    client: Client, registry: Registry, cache: DiskCache, make_image: MakeImage
) -> None:
    image = make_image("base", "app")
    done = client.push(registry, cache, image, tags=("1", "latest"))
    assert (done.digest, done.moved, len(done.sent)) == (image.digest, ("1", "latest"), 3)
    assert steps(registry)[Step.UPLOAD_END] == 3
    registry.traffic.forget()
    again = Client().push(registry, cache, image, tags=("1", "latest"))
    assert (again.digest, again.moved, again.sent) == (image.digest, (), ())
    assert steps(registry) == {Step.MANIFEST_HEAD: 2}
    assert registry.traffic.received == 0


def test_a_changed_layer_is_all_that_goes(registry: Registry, cache: DiskCache, make_image: MakeImage) -> None:
    Client().push(registry, cache, make_image("base", "app"))
    registry.traffic.forget()
    image = make_image("base", "changed")
    done = Client().push(registry, cache, image)
    assert {one.digest for one in done.sent} == {image.layers[1].descriptor.digest, image.config_descriptor.digest}
    assert steps(registry) == {
        Step.MANIFEST_HEAD: 1,
        Step.MANIFEST_GET: 1,
        Step.UPLOAD_START: 2,
        Step.UPLOAD_END: 2,
        Step.MANIFEST_PUT: 1,
    }
    size = image.layers[1].descriptor.size + len(image.config) + len(image.manifest)
    assert registry.traffic.received == size


def test_a_new_tag_for_what_another_tag_leads_to_sends_no_blob(
    client: Client, registry: Registry, cache: DiskCache, make_image: MakeImage
) -> None:
    image = make_image("base", "app")
    client.push(registry, cache, image)
    registry.traffic.forget()
    assert client.push(registry, cache, image, tags=("2", "latest")).moved == ("2",)
    assert steps(registry) == {Step.MANIFEST_HEAD: 2, Step.MANIFEST_PUT: 1}


def test_a_large_blob_is_asked_for_before_it_is_sent(
    client: Client, registry: Registry, cache: DiskCache, make_image: MakeImage, monkeypatch: pytest.MonkeyPatch
) -> None:
    image = make_image("base", "app")
    client.push(registry, cache, image, tags=("old",))
    monkeypatch.setattr("packer.registry.push._ASKED_FIRST_BYTES", 1)
    client.push(registry, cache, image, tags=("new",))
    assert len(client.watcher.skipped) == 3
    assert steps(registry)[Step.UPLOAD_END] == 3


def test_blobs_are_mounted_from_where_they_are_known(
    registry: Registry, cache: DiskCache, make_image: MakeImage
) -> None:
    image = make_image("base", "app")
    Client().push(registry, cache, image, name="team/base")
    registry.traffic.forget()
    sources = {layer.descriptor.digest: "team/base" for layer in image.layers}
    done = Client().push(registry, cache, image, mountable=sources)
    assert {one.digest for one in done.mounted} == set(sources)
    assert steps(registry)[Step.UPLOAD_MOUNT] == 2
    assert steps(registry)[Step.UPLOAD_END] == 1


def test_a_mount_that_finds_nothing_becomes_an_upload(
    client: Client, registry: Registry, cache: DiskCache, make_image: MakeImage
) -> None:
    image = make_image("base")
    done = client.push(registry, cache, image, mountable={image.layers[0].descriptor.digest: "team/empty"})
    assert (len(done.sent), done.mounted) == (2, ())
    assert steps(registry)[Step.UPLOAD_START] == 1


def test_whether_a_blob_is_there_is_found_by_mounting_too(
    client: Client, registry: Registry, cache: DiskCache, make_image: MakeImage
) -> None:
    image = make_image("base", "app")
    client.push(registry, cache, image, name="team/base")
    layers = [layer.descriptor for layer in image.layers]
    with client.pushing(registry, cache, mountable={layers[0].digest: "team/base"}) as push:
        assert push.has(layers[0])
        assert push.has(layers[0])
        assert not push.has(layers[1])
    assert steps(registry)[Step.UPLOAD_MOUNT] == 1


@pytest.mark.parametrize("lost", [0, 1])
def test_a_blob_that_the_registry_lost_meanwhile_is_sent_again(
    lost: int, client: Client, registry: Registry, cache: DiskCache, make_image: MakeImage
) -> None:
    registry.rules.add(once(ForgetBlob(number=lost), Step.MANIFEST_PUT))
    image = make_image("base", "app")
    client.push(registry, cache, image)
    assert registry.contents.repositories["team/app"].tags == {"latest": str(image.digest)}


def test_a_blob_that_a_neighbour_names_and_the_registry_lost_is_sent_again(
    registry: Registry, cache: DiskCache, make_image: MakeImage
) -> None:
    old = make_image("base", "app")
    Client().push(registry, cache, old)
    registry.contents.repositories["team/app"].blobs.pop(str(old.layers[0].descriptor.digest))
    done = Client().push(registry, cache, make_image("base", "changed"))
    assert old.layers[0].descriptor in done.sent


def test_a_registry_that_always_lacks_a_blob_is_an_error(
    client: Client, registry: Registry, cache: DiskCache, make_image: MakeImage
) -> None:
    registry.rules.add(
        always(AnswerStatus(status=400, code="MANIFEST_BLOB_UNKNOWN", message="blob unknown"), Step.MANIFEST_PUT)
    )
    with pytest.raises(RegistryError, match="blob unknown"):
        client.push(registry, cache, make_image("base"))


def test_several_platforms_lie_under_an_index_whose_children_come_first(
    client: Client, registry: Registry, cache: DiskCache, make_image: MakeImage
) -> None:
    images = (make_image("base", "amd"), make_image("base", "arm", platform=ARM))
    client.push(registry, cache, *images, tags=("1", "latest"))
    puts = [one.target.rpartition("/")[2] for one in registry.traffic.of(Step.MANIFEST_PUT)]
    assert puts[:2] == [str(image.digest) for image in images]
    assert sorted(puts[2:]) == ["1", "latest"]
    shared = images[0].layers[0].descriptor.digest
    assert (
        len([one for one in registry.traffic.of(Step.UPLOAD_END) if str(shared).replace(":", "%3A") in one.target]) == 1
    )
    registry.traffic.forget()
    client.push(registry, cache, *images, tags=("1", "latest"))
    assert steps(registry) == {Step.MANIFEST_HEAD: 2}


def test_layers_leave_while_the_image_is_being_made(
    client: Client, registry: Registry, cache: DiskCache, make_image: MakeImage
) -> None:
    image = make_image("base", "app")
    with client.pushing(registry, cache) as push:
        for layer in image.layers:
            push.offer(layer)
            push.offer(layer)
        done = push.finish(PlatformImages((image,)), ("latest",))
    assert len(done.sent) == 3
    assert steps(registry)[Step.UPLOAD_END] == 3


def test_a_push_that_is_never_finished_leaves_no_tag(
    client: Client, registry: Registry, cache: DiskCache, make_image: MakeImage
) -> None:
    with client.pushing(registry, cache) as push:
        push.offer(make_image("base").layers[0])
    assert registry.traffic.of(Step.MANIFEST_PUT) == ()


def test_an_immutable_tag_is_not_moved(
    client: Client, registry: Registry, cache: DiskCache, make_image: MakeImage
) -> None:
    image = make_image("base")
    client.push(registry, cache, image, tags=("1",), immutable=True)
    client.push(registry, cache, image, tags=("1",), immutable=True)
    registry.traffic.forget()
    with pytest.raises(RegistryError, match="team/app:1 is there already"):
        client.push(registry, cache, make_image("other"), tags=("2", "1"), immutable=True)
    assert steps(registry) == {Step.MANIFEST_HEAD: 2}


@pytest.mark.parametrize("fault", [AnswerStatus(status=502), AnswerStatus(status=429), DropConnection()])
def test_forty_layers_get_through_where_one_request_of_three_fails(
    fault: Quirk, client: Client, registry: Registry, cache: DiskCache, make_image: MakeImage
) -> None:
    registry.rules.add(always(EveryThird(fault)))
    image = make_image(*(f"layer{number}" for number in range(40)))
    client.push(registry, cache, image)
    assert len(client.pauses) >= 20
    elsewhere = DiskCache(cache.root.parent / "elsewhere")
    pulled = pull(client.repository(registry), "latest", LINUX_AMD64, elsewhere, watch=client.watcher)
    assert pulled.digest == image.digest


def test_a_blob_is_begun_anew_while_others_get_through_and_no_longer(
    client: Client, registry: Registry, cache: DiskCache, make_image: MakeImage
) -> None:
    image = make_image(*(f"layer{number}" for number in range(12)))
    unlucky, fault = image.layers[0].descriptor.digest.hex, AnswerStatus(status=503)

    def refuse(request: Request, proceed: Handler) -> Answer:
        return fault(request, proceed) if unlucky in str(request.query) else proceed(request)

    registry.rules.add(always(refuse, Step.UPLOAD_END))
    with pytest.raises(TransientError):
        client.push(registry, cache, image)
    assert len(client.pauses) >= 6
    assert registry.contents.repository("team/app").tags == {}


def test_two_pushes_of_one_tag_at_once_leave_one_of_the_two_whole(
    registry: Registry, cache: DiskCache, other_cache: DiskCache, make_image: MakeImage
) -> None:
    images = [make_image("base", name) for name in ("one", "other")]
    with ThreadPoolExecutor(2) as threads:
        list(threads.map(lambda image: Client().push(registry, cache, image), images))
    client = Client()
    pulled = pull(client.repository(registry), "latest", LINUX_AMD64, other_cache, watch=client.watcher)
    assert pulled.digest in {image.digest for image in images}


def test_after_a_failure_nothing_more_begins_and_no_tag_is_written(
    client: Client, registry: Registry, cache: DiskCache, make_image: MakeImage
) -> None:
    registry.rules.add(always(AnswerStatus(status=403, code="DENIED", message="read only"), Step.UPLOAD_END))
    with pytest.raises(RegistryError, match="read only"):
        client.push(registry, cache, make_image(*(f"layer{number}" for number in range(40))))
    assert len(registry.traffic.of(Step.UPLOAD_START)) < 40
    assert registry.traffic.of(Step.MANIFEST_PUT) == ()


def test_what_is_under_way_ends_with_the_push(
    client: Client, registry: Registry, cache: DiskCache, make_image: MakeImage
) -> None:
    descriptor = make_image("base").layers[0].descriptor
    blob = BlobSource(descriptor=descriptor, open=lambda: opened(cache, descriptor), name="x")
    with client.pushing(registry, cache) as push:
        push.__exit__(KeyboardInterrupt, KeyboardInterrupt(), None)
        with pytest.raises(RegistryError, match="the push was given up"):
            push._send(blob)
    assert registry.contents.repositories["team/app"].blobs == {}


def test_an_upload_that_begins_again_is_counted_once(
    client: Client, registry: Registry, cache: DiskCache, make_image: MakeImage
) -> None:
    registry.rules.add(once(LoseUpload(), Step.UPLOAD_END, times=2))
    image = make_image("base")
    client.push(registry, cache, image)
    assert client.watcher.moved == {"layer base": image.layers[0].descriptor.size, "config": len(image.config)}


def test_an_interrupted_push_goes_on_where_it_was(
    registry: Registry, cache: DiskCache, make_image: MakeImage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("packer.registry.push._ASKED_FIRST_BYTES", 1)
    image = make_image(*"abcdef")
    registry.rules.add(once(DropRequest(after=5), Step.UPLOAD_END, times=99, after=3))
    with pytest.raises(TransientError):
        Client().push(registry, cache, image)
    there = len(registry.contents.repositories["team/app"].blobs)
    assert there == 3
    with running_registry() as healthy:
        healthy.contents.repositories.update(registry.contents.repositories)
        assert len(Client().push(healthy, cache, image).sent) == len(image.layers) + 1 - there


@pytest.mark.parametrize("content", [b"<html>", b'{"schemaVersion": 2, "config": 5}', b"{}"])
def test_a_neighbour_that_cannot_be_read_is_no_obstacle(
    content: bytes, client: Client, registry: Registry, cache: DiskCache, make_image: MakeImage
) -> None:
    registry.rules.add(once(AnswerText(content=content), Step.MANIFEST_GET))
    assert len(client.push(registry, cache, make_image("base")).sent) == 2


def test_a_registry_that_answers_403_for_what_is_not_there_can_be_pushed_to(
    client: Client, cache: DiskCache, make_image: MakeImage
) -> None:
    with running_registry(always(StatusInstead(of=404, status=403), Step.MANIFEST_HEAD, Step.MANIFEST_GET)) as registry:
        assert client.push(registry, cache, make_image("base")).moved == ("latest",)


def test_names_of_one_repository_share_an_upload(
    client: Client, registry: Registry, cache: DiskCache, make_image: MakeImage
) -> None:
    images = PlatformImages((make_image("base", "app"),))
    names = [Reference.parse(f"{registry.address}/team/{name}") for name in ("app:1", "app:latest", "other:1")]
    results = push_images(
        ((name, images) for name in names), cache=cache, registries=client.registries, watch=client.watcher
    )
    assert [[str(one) for one in result.references] for result in results] == [
        list(map(str, names[:2])),
        [str(names[2])],
    ]
    assert steps(registry)[Step.UPLOAD_END] == 6
    assert results[0].summary() == f"{registry.address}/team/app: 0.0 MB sent, tags 1, latest"
    again = push_images([(names[0], images)], cache=cache, registries=client.registries, watch=client.watcher)
    assert again[0].summary() == f"{registry.address}/team/app has it already"
    assert again[0].name == f"{names[0]}@{images.digest}"


def test_a_damaged_layer_is_found_and_removed(
    client: Client, registry: Registry, cache: DiskCache, make_image: MakeImage
) -> None:
    image = make_image("base", "app")
    path = cache.path(image.layers[0].descriptor.digest)
    assert path is not None
    path.write_bytes(bytes(path.stat().st_size))
    named = [(Reference.parse(f"{registry.address}/team/app:1"), PlatformImages((image,)))]
    with pytest.raises(TrustError, match="damaged in the cache, and removed from it"):
        push_images(named, cache=cache, registries=client.registries, watch=client.watcher)
    assert cache.path(image.layers[0].descriptor.digest) is None
    with pytest.raises(BuildError, match="no longer in the cache"):
        push_images(named, cache=cache, registries=client.registries, watch=client.watcher)


def test_four_uploads_at_most_are_under_way(cache: DiskCache, make_image: MakeImage) -> None:
    with running_registry(login=TokenLogin()) as registry:
        from .conftest import ada  # noqa: PLC0415

        Client(ada()).push(registry, cache, make_image(*(f"layer{number}" for number in range(16))))
        assert registry.traffic.connections <= 4
