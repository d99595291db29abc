from __future__ import annotations

import json

import pytest

from packer.errors import ArchiveError
from packer.oci.config import Execution, Healthcheck, History, ImageConfig, merged_environment
from packer.oci.digest import Digest
from packer.oci.platform import LINUX_AMD64, Platform

DIFF_ID = str(Digest.of(b"layer"))


def config_with(**fields: object) -> ImageConfig:
    base = {"os": "linux", "architecture": "amd64", "rootfs": {"type": "layers", "diff_ids": [DIFF_ID]}}
    return ImageConfig.from_json(json.dumps({**base, **fields}).encode())


def written(config: ImageConfig) -> dict[str, object]:
    content = json.loads(config.to_json())
    assert isinstance(content, dict)
    return content


def test_everything_that_pack_knows_survives() -> None:
    config = ImageConfig(
        platform=Platform("linux", "arm", "v7"),
        diff_ids=(Digest.of(b"layer"),),
        created="2023-11-14T22:13:20Z",
        author="Ada",
        execution=Execution(
            user="65532:65532",
            ports=("8000/tcp",),
            environment=(("B", "2"), ("A", "a=b")),
            entrypoint=("/bin/x", "-y"),
            command=("z",),
            volumes=("/app/instance",),
            working_directory="/app",
            labels={"name": "ü"},
            stop_signal="SIGTERM",
            healthcheck=Healthcheck.command(("/x",), interval=10, timeout=5, start_period=30, retries=3),
        ),
        history=(History(created_by="a", empty_layer=True), History(created="t", comment="c", author="Ada")),
    )
    assert ImageConfig.from_json(config.to_json()) == config


def test_fields_that_pack_does_not_know_are_kept() -> None:
    config = config_with(**{"os.version": "10", "config": {"Shell": ["/bin/bash"], "User": "x"}, "x": {"y": [1]}})
    again = written(config)
    assert (again["os.version"], again["x"]) == ("10", {"y": [1]})
    assert again["config"] == {"Shell": ["/bin/bash"], "User": "x"}


def test_what_is_empty_is_left_out() -> None:
    assert set(written(config_with(config={"Env": None, "Cmd": [], "User": ""}, history=[], created=None))) == {
        "architecture", "os", "rootfs",
    }  # fmt: skip


def test_docker_writes_sets_as_objects_and_times_in_nanoseconds() -> None:
    execution = Execution(ports=("8000/tcp",), volumes=("/a",), healthcheck=Healthcheck.command(("/x",), interval=2))
    fields = execution.to_json()
    assert fields["ExposedPorts"] == {"8000/tcp": {}}
    assert fields["Volumes"] == {"/a": {}}
    assert fields["Healthcheck"] == {"Test": ["CMD", "/x"], "Interval": 2_000_000_000}


@pytest.mark.parametrize(
    "fields",
    [
        {"rootfs": {"type": "windows", "diff_ids": []}},
        {"rootfs": {"type": "layers", "diff_ids": ["md5:1"]}},
        {"rootfs": []},
        {"config": {"Env": "A=1"}},
        {"config": {"Healthcheck": {"Test": "x"}}},
        {"config": {"Labels": {"a": 1}}},
        {"history": [1]},
        {"architecture": 5},
    ],
    ids=str,
)
def test_a_broken_config_is_refused(fields: dict[str, object]) -> None:
    with pytest.raises(ArchiveError):
        config_with(**fields)


def test_the_last_value_of_a_variable_wins_at_its_first_place() -> None:
    merged = merged_environment([("PATH", "/bin"), ("A", "1")], [("B", "2"), ("PATH", "/app/bin")], [("A", "3")])
    assert merged == (("PATH", "/app/bin"), ("A", "3"), ("B", "2"))


def test_a_variable_without_a_value_is_empty() -> None:
    assert config_with(config={"Env": ["A", "B=1=2"]}).execution.environment == (("A", ""), ("B", "1=2"))


def test_platforms_are_compared_in_one_spelling() -> None:
    assert config_with(variant="v1").platform == LINUX_AMD64
    assert config_with(architecture="aarch64", variant="v8").platform == Platform.parse("linux/arm64")
