from __future__ import annotations

import json

import pytest
from msgspec.structs import replace

from packer.errors import ArchiveError, BuildError
from packer.oci.config import Execution, Healthcheck, History, ImageConfig
from packer.oci.descriptor import MEDIA_TYPE_LAYER_GZIP, Descriptor
from packer.oci.digest import Digest
from packer.oci.image import MAX_LAYERS, BaseImage, Image, assemble, base_layers
from packer.oci.layer import Layer
from packer.oci.manifest import Manifest
from packer.oci.platform import LINUX_AMD64, LINUX_ARM64
from packer.oci.platform_images import PlatformImages


def layer(name: str) -> Layer:
    descriptor = Descriptor(media_type=MEDIA_TYPE_LAYER_GZIP, digest=Digest.of(name.encode()), size=len(name))
    return Layer(descriptor=descriptor, diff_id=Digest.of(f"diff {name}".encode()), name=name, created_by=f"by {name}")


def base(config: ImageConfig | None = None) -> BaseImage:
    config = config or ImageConfig(
        platform=LINUX_AMD64,
        diff_ids=(layer("os").diff_id,),
        execution=Execution(
            environment=(("PATH", "/usr/bin"), ("LANG", "C")),
            entrypoint=("/old",),
            command=("old",),
            user="root",
            ports=("80/tcp",),
            labels={"vendor": "x", "org.opencontainers.image.title": "os"},
            stop_signal="SIGINT",
            others={"OnBuild": ["RUN evil"], "Shell": ["/bin/sh"]},
        ),
        history=(History(created_by="os", created="t"), History(created_by="CMD", empty_layer=True)),
        others={"os.version": "1", "container_config": {"Cmd": ["x"]}},
    )
    return BaseImage(config=config, layers=(layer("os"),), digest=Digest.of(b"base"), name="os:1")


def built(*layers: Layer, on: BaseImage | None = None, **execution: object) -> Image:
    return assemble(layers, platform=LINUX_AMD64, execution=Execution(**execution), created=1_700_000_000, base=on)  # type: ignore[arg-type]


def config_of(image: Image) -> ImageConfig:
    return ImageConfig.from_json(image.config)


def test_an_image_is_its_documents() -> None:
    image = built(layer("a"), layer("bb"), user="1:1")
    manifest = Manifest.from_json(image.manifest)
    assert manifest.config == image.config_descriptor
    assert manifest.layers == (layer("a").descriptor, layer("bb").descriptor)
    assert config_of(image).diff_ids == (layer("a").diff_id, layer("bb").diff_id)
    assert config_of(image).created == "2023-11-14T22:13:20Z"
    assert [(entry.created_by, entry.comment) for entry in config_of(image).history] == [("by a", "a"), ("by bb", "bb")]
    assert image.digest == Digest.of(image.manifest) == image.descriptor.digest
    assert image.size == len(image.manifest) + len(image.config) + 3


def test_equal_inputs_give_equal_bytes() -> None:
    assert built(layer("a"), labels={"a": "1", "b": "2"}) == built(layer("a"), labels={"b": "2", "a": "1"})


def test_new_layers_lie_on_the_bases() -> None:
    config = config_of(built(layer("app"), on=base()))
    assert config.diff_ids == (layer("os").diff_id, layer("app").diff_id)
    assert [entry.created_by for entry in config.history] == ["os", "CMD", "by app"]


def test_a_base_without_fitting_history_gets_one() -> None:
    bare = base(replace(base().config, history=()))
    history = config_of(built(layer("app"), on=bare)).history
    assert [entry.empty_layer for entry in history] == [False, False]


def test_the_bases_configuration_is_the_ground_and_the_new_one_wins() -> None:
    execution = config_of(
        built(on=base(), environment=(("PATH", "/app/bin"), ("A", "1")), user="5:5", ports=("8000/tcp",),
              labels={"org.opencontainers.image.title": "shop"}, healthcheck=Healthcheck.command(("/h",)))
    ).execution  # fmt: skip
    assert execution.environment == (("PATH", "/app/bin"), ("LANG", "C"), ("A", "1"))
    assert (execution.user, execution.stop_signal, execution.ports) == ("5:5", "SIGINT", ("80/tcp", "8000/tcp"))
    assert execution.labels == {"vendor": "x", "org.opencontainers.image.title": "shop"}
    assert execution.others == {"Shell": ["/bin/sh"]}


def test_entrypoint_and_command_are_replaced_together() -> None:
    assert config_of(built(on=base())).execution.entrypoint == ("/old",)
    execution = config_of(built(on=base(), entrypoint=("/new",))).execution
    assert (execution.entrypoint, execution.command) == (("/new",), ())


def test_what_describes_the_bases_own_build_is_dropped() -> None:
    assert config_of(built(on=base())).others == {"os.version": "1"}


def test_a_base_for_another_machine_is_refused() -> None:
    with pytest.raises(BuildError, match="the base is for linux/amd64, not for linux/arm64"):
        assemble((), platform=LINUX_ARM64, execution=Execution(), created=0, base=base())


def test_more_layers_than_engines_run_are_refused() -> None:
    with pytest.raises(BuildError, match=f"{MAX_LAYERS + 1} layers"):
        built(*(layer(str(number)) for number in range(MAX_LAYERS)), on=base())


def test_annotations_are_the_manifests_alone() -> None:
    image = assemble((), platform=LINUX_AMD64, execution=Execution(), created=0, annotations={"a": "1"})
    assert json.loads(image.manifest)["annotations"] == {"a": "1"}


def test_a_read_image_must_count_its_layers_twice_alike() -> None:
    image = built(layer("a"))
    manifest = Manifest.from_json(image.manifest)
    assert [one.diff_id for one in base_layers(manifest, config_of(image))] == [layer("a").diff_id]
    with pytest.raises(ArchiveError, match="manifest has 1 layers, the config 0"):
        base_layers(manifest, config_of(built()))


def test_one_image_needs_no_index_and_two_do() -> None:
    amd = built(layer("a"))
    arm = assemble((layer("a"),), platform=LINUX_ARM64, execution=Execution(), created=0)
    one, two = PlatformImages((amd,)), PlatformImages((amd, arm))
    assert (one.index, one.digest) == (None, amd.digest)
    assert two.index is not None
    assert two.digest == Digest.of(two.index)
    assert len(two.layers) == 1
    assert set(two.documents.values()) == {amd.manifest, amd.config, arm.manifest, arm.config, two.index}
    assert (two.best_for(LINUX_ARM64), one.best_for(LINUX_ARM64)) == (arm, amd)


@pytest.mark.parametrize("images", [(), (built(), built(layer("a")))])
def test_no_image_and_two_for_one_platform_are_refused(images: tuple[Image, ...]) -> None:
    with pytest.raises(BuildError):
        PlatformImages(images)
