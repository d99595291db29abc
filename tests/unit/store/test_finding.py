from __future__ import annotations

import pytest

from packer.errors import UsageError
from packer.oci.descriptor import MEDIA_TYPE_MANIFEST, Descriptor
from packer.oci.digest import Digest
from packer.oci.platform import LINUX_AMD64
from packer.oci.reference import Reference
from packer.store.finding import find_names
from packer.store.images import StoredImage

ONE, TWO = "abcd1" + "0" * 59, "abcd2" + "0" * 59


def stored(name: str, hexadecimal: str) -> StoredImage:
    descriptor = Descriptor(media_type=MEDIA_TYPE_MANIFEST, digest=Digest.from_hex(hexadecimal), size=1)
    reference = Reference.parse(name).tagged
    return StoredImage(reference=reference, descriptor=descriptor, platforms=(LINUX_AMD64,), size=1, created=0)


ENTRIES = (
    stored("shop", ONE),
    stored("shop:1", ONE),
    stored("example.com/team/shop:1", ONE),
    stored("shop:2", TWO),
    stored("abcd2", ONE),
)


def found(text: str) -> list[str]:
    return [entry.reference.familiar for entry in find_names(ENTRIES, text)]


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("shop", ["shop:latest"]),
        ("docker.io/library/shop:1", ["shop:1"]),
        (f"shop@sha256:{ONE}", ["shop:latest", "shop:1"]),
        (f"shop:1@sha256:{ONE}", ["shop:1"]),
        ("abcd1", ["shop:latest", "shop:1", "example.com/team/shop:1", "abcd2:latest"]),
        (f"sha256:{TWO}", ["shop:2"]),
        ("sha256:abcd20", ["shop:2"]),
        ("abcd2", ["abcd2:latest"]),
        ("abcd20", ["shop:2"]),
    ],
)
def test_what_a_user_means(text: str, names: list[str]) -> None:
    assert found(text) == names


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("blog", "there is no image blog"),
        ("shop:3", "did you mean shop:"),
        (f"shop@sha256:{'9' * 64}", "there is no image"),
        (f"blog@sha256:{ONE}", "there is no image"),
        ("abc", "there is no image abc"),
        ("ffff", "pack images"),
        ("abcd", "begins the digests of 2 images"),
        ("Shop", "not an image reference"),
        ("", "not an image reference"),
    ],
)
def test_what_is_not_there_or_not_clear_is_said(text: str, said: str) -> None:
    with pytest.raises(UsageError) as caught:
        found(text)
    assert said in str(caught.value)
