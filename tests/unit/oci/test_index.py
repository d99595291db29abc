from __future__ import annotations

import json

import pytest

from packer.errors import ArchiveError, UsageError
from packer.oci.descriptor import MEDIA_TYPE_LAYER_GZIP, MEDIA_TYPE_MANIFEST, Descriptor
from packer.oci.digest import Digest
from packer.oci.index import Index
from packer.oci.manifest import Manifest
from packer.oci.platform import LINUX_AMD64, LINUX_ARM64, Platform


def manifest_for(platform: str | None) -> Descriptor:
    return Descriptor(
        media_type=MEDIA_TYPE_MANIFEST,
        digest=Digest.of(str(platform).encode()),
        size=1,
        platform=None if platform is None else Platform(*platform.split("/")),
    )


def chosen(wanted: str, *there: str | None) -> str:
    descriptor = Index(manifests=tuple(manifest_for(one) for one in there)).choose(Platform.parse(wanted))
    return next(str(one) for one in there if manifest_for(one) == descriptor)


def test_an_index_survives_with_annotations_and_platforms() -> None:
    index = Index(manifests=(manifest_for("linux/arm/v7"), manifest_for(None)), annotations={"a": "b"})
    assert Index.from_json(index.to_json()) == index


@pytest.mark.parametrize(
    ("wanted", "there", "best"),
    [
        ("linux/amd64", ("linux/arm64", "linux/amd64", "unknown/unknown"), "linux/amd64"),
        ("linux/arm64", ("linux/arm64/v8x", "linux/arm64"), "linux/arm64"),
        ("linux/arm/v7", ("linux/arm/v5", "linux/arm/v6", "linux/arm64"), "linux/arm/v6"),
        ("linux/arm/v7", ("linux/arm/v6", "linux/arm/v7"), "linux/arm/v7"),
        ("linux/amd64", (None, "unknown/unknown"), "None"),
    ],
)
def test_the_best_platform_is_chosen(wanted: str, there: tuple[str | None, ...], best: str) -> None:
    assert chosen(wanted, *there) == best


@pytest.mark.parametrize(
    "there", [("linux/arm64", "windows/amd64"), ("linux/amd64/v3",), (), ("unknown/unknown",), (None, None)]
)
def test_a_platform_that_is_not_there_is_refused_with_those_that_are(there: tuple[str | None, ...]) -> None:
    with pytest.raises(ArchiveError, match="no image for linux/amd64") as caught:
        chosen("linux/amd64", *there)
    assert "there:" in str(caught.value)


def docker_manifest(**fields: object) -> bytes:
    kind = "application/vnd.docker."
    digest = str(Digest.of(b"x"))
    return json.dumps(
        {
            "schemaVersion": 2,
            "mediaType": f"{kind}distribution.manifest.v2+json",
            "config": {"mediaType": f"{kind}container.image.v1+json", "digest": digest, "size": 2},
            "layers": [{"mediaType": f"{kind}image.rootfs.diff.tar.gzip", "digest": digest, "size": 3}],
            **fields,
        }
    ).encode()


def test_dockers_manifest_is_read_as_its_oci_equivalent() -> None:
    manifest = Manifest.from_json(docker_manifest())
    assert manifest.layers[0].media_type == MEDIA_TYPE_LAYER_GZIP
    assert b"docker" not in manifest.to_json()


@pytest.mark.parametrize(
    "fields",
    [
        {"schemaVersion": 1},
        {"mediaType": "application/vnd.docker.distribution.manifest.v1+prettyjws"},
        {"config": {"mediaType": "application/vnd.example+json", "digest": str(Digest.of(b"")), "size": 0}},
        {"config": {}},
        {"layers": [{"digest": "sha256:1", "size": 1}]},
        {"layers": [{"digest": str(Digest.of(b"")), "size": -1}]},
        {"layers": {}},
    ],
    ids=str,
)
def test_a_manifest_that_is_no_image_of_today_is_refused(fields: dict[str, object]) -> None:
    with pytest.raises(ArchiveError):
        Manifest.from_json(docker_manifest(**fields))


@pytest.mark.parametrize("content", [b"{}", b'{"manifests": 1}', docker_manifest()])
def test_what_is_no_index_is_refused(content: bytes) -> None:
    with pytest.raises(ArchiveError):
        Index.from_json(content)


@pytest.mark.parametrize(
    ("text", "platform"),
    [("amd64", LINUX_AMD64), ("linux/x86_64", LINUX_AMD64), ("linux/arm64/v8", LINUX_ARM64)],
)
def test_platforms_have_one_spelling(text: str, platform: Platform) -> None:
    assert Platform.parse(text) == platform


@pytest.mark.parametrize("text", ["", "linux/", "/amd64", "a/b/c/d"])
def test_what_is_no_platform_is_refused(text: str) -> None:
    with pytest.raises(UsageError):
        Platform.parse(text)
